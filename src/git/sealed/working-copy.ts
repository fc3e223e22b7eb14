import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Slots } from '../../lib/slots.ts';
import { isStorageFull } from '../../lib/storage-full.ts';
import { MAINTENANCE } from '../bounds.ts';
import type { GitRuntime } from '../environment.ts';
import { runGit } from '../process.ts';
import { ReferenceLostError } from '../reference-lost.ts';
import type { Move } from '../transport.ts';
import { DurableView } from './durable-view.ts';
import { LogMovedError, type SealedLog } from './log.ts';
import { packLoose, packNames } from './packing.ts';
import { addPacks, bytesOf, PARTS, removePacks } from './packs.ts';
import { type Repacked, repackedIn } from './repacked.ts';
import {
  afterEntry,
  baseEntry,
  type Entry,
  isPlainName,
  movedReferences,
  parseReferences,
  REFERENCE_FORMAT,
  type SealedPack,
  type SealedState,
  updateCommands,
} from './state.ts';

/** Records after which the log is begun anew. */
const LONG_LOG = 200;
/** Packs with which objects are looked for slowly. */
const MANY_PACKS = 20;
const MOST_ATTEMPTS = 100;
/** Names that git is asked for one by one. */
const MOST_NAMED = 100;
/** From this size on what finds objects fast is worth its time, and not more often than that. */
const LARGE_BYTES = 4 * 1024 * 1024;
const INDEX_ANEW_MS = 10 * 60_000;

/**
 * A sealed repository as git works on it: a bare repository in a directory, in memory if there is any. References in it
 * move in a turn alone, and are durable when that ends.
 */
export class WorkingCopy {
  readonly directory: string;
  /** Where git finds the references as they are durable: what tells others of references reads them there. */
  readonly view: DurableView;
  readonly #runtime: GitRuntime;
  readonly #log: SealedLog;
  readonly #turn = new Slots(1);
  #state: SealedState;
  /** Of its packs. */
  bytes: number;
  /** Number of the first record of the log, as far as it is known here. */
  #begun: number;
  /** What has been packed anew here, which the log does not say yet. */
  #repacked: Repacked | undefined;
  /** How often packs have been removed. */
  #removals = 0;
  #indexed = Number.NEGATIVE_INFINITY;
  #broken = false;

  private constructor(
    runtime: GitRuntime,
    { directory, log, state }: { directory: string; log: SealedLog; state: SealedState },
  ) {
    this.#runtime = runtime;
    this.directory = directory;
    this.#log = log;
    this.#state = state;
    this.view = new DurableView(directory);
    this.#begun = state.generation;
    this.bytes = bytesOf(state);
  }

  /** Makes the copy. The directory must not be there. @param attributes git's, of the repository itself */
  static async make(
    runtime: GitRuntime,
    { directory, log, attributes }: { directory: string; log: SealedLog; attributes: string },
  ): Promise<WorkingCopy> {
    try {
      for (const folder of ['objects/pack', 'objects/info', 'refs/heads', 'refs/tags', 'info'])
        await mkdir(join(directory, folder), { recursive: true, mode: 0o700 });
      await writeFile(join(directory, 'config'), CONFIG);
      await writeFile(join(directory, 'info', 'attributes'), attributes);
      const state = await loaded(log, (now) => addPacks(log, directory, now, new Map()));
      const copy = new WorkingCopy(runtime, { directory, log, state });
      await copy.view.make(CONFIG);
      await copy.view.show(state);
      await copyFile(join(copy.view.directory, 'packed-refs'), join(directory, 'packed-refs'));
      await copy.#writeHead(state.head);
      return copy;
    } catch (error) {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
      throw error;
    }
  }

  /** Whether it may be used: one that says what the log does not say is not, nor one that somebody has removed. */
  get sound(): boolean {
    return !this.#broken && existsSync(join(this.directory, 'HEAD')) && this.view.exists;
  }

  /** Takes over what other servers have done. What a turn that is under way here moves is not in the view before it is durable. */
  async refresh(): Promise<void> {
    if (!this.#broken && (await this.#isCurrent())) return;
    const release = await this.#turn.take();
    try {
      await this.#catchUp();
    } finally {
      release();
    }
  }

  /**
   * Takes the turn.
   * @param moves of references: no others are made durable. Left out: all, but no deletions
   * @returns what ends it, once: makes durable what has changed @throws as `change`
   */
  async begin(moves?: readonly Move[]): Promise<() => Promise<void>> {
    const release = await this.#turn.take();
    try {
      await this.#catchUp();
    } catch (error) {
      release();
      throw error;
    }
    let ended: Promise<void> | undefined;
    return () => {
      ended ??= this.#seal(moves).finally(release);
      return ended;
    };
  }

  /**
   * Changes references, or what else has to last, in a turn. @param moves as of `begin`
   * @throws ReferenceLostError, and what the disk says: nothing has changed then
   */
  async change<T>(moves: readonly Move[], work: () => Promise<T>): Promise<T> {
    const end = await this.begin(moves);
    try {
      const result = await work();
      await end();
      return result;
    } catch (error) {
      await end().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Takes back what has moved without a turn, by a git that did not ask for one: it is not durable.
   * @returns whether there was anything
   */
  async putBack(): Promise<boolean> {
    const release = await this.#turn.take();
    try {
      await this.#catchUp();
      const { references } = this.#state;
      const moved = movedReferences(references, await this.#listed([]));
      await this.#update(moved.map(([name]) => [name, references.get(name) ?? null]));
      return moved.length > 0;
    } catch (error) {
      this.#broken = true;
      throw error;
    } finally {
      release();
    }
  }

  /**
   * All that lies sealed is here, and stays: for who would take what he does not find for what there is not.
   * @returns what says at the end that it was so @throws Error where it is not; the copy is made again then
   */
  async whole(): Promise<() => Promise<void>> {
    const removals = this.#removals;
    const check = async () => {
      const missing = await this.#missing();
      if (missing.length > 0) {
        this.#broken = true;
        throw new Error(`${this.directory} lacks packs that lie sealed: ${missing[0]}`);
      }
      if (removals !== this.#removals) throw new Error(`${this.directory} was packed anew`);
    };
    await check();
    return check;
  }

  /** Packs that lie sealed and are not here: somebody has taken them away. */
  async #missing(): Promise<string[]> {
    const names = [...this.#state.packs.keys()];
    const there = new Set(await readdir(join(this.directory, 'objects', 'pack')));
    return names.filter(
      (name) =>
        this.#state.packs.has(name) && !(there.has(`${name}.pack`) && there.has(`${name}.idx`)),
    );
  }

  /** Packs what many changes brought into few packs, and begins the log anew where it is long. */
  async maintain(signal?: AbortSignal): Promise<void> {
    if (this.#state.packs.size >= MANY_PACKS && !this.#repacked) await this.#repack(signal);
    if (this.#broken) return;
    const long = this.#state.generation - this.#begun >= LONG_LOG;
    if (long || this.#repacked) await this.#beginAnew();
    await this.#index(signal);
  }

  /** Beside pushes, and takes nothing away: a pack that is missing is one that somebody else has taken. */
  async #repack(signal: AbortSignal | undefined): Promise<void> {
    if ((await this.#missing()).length > 0) {
      // It is made again of what lies sealed.
      this.#broken = true;
      return;
    }
    const before = await packNames(this.directory);
    const args = ['repack', '--geometric=2', '--quiet'];
    await runGit(this.#runtime, this.directory, args, { bounds: { ...MAINTENANCE, signal } });
    const after = await packNames(this.directory);
    const known = after.filter((name) => this.#state.packs.has(name) && before.includes(name));
    const fresh = after.filter((name) => !before.includes(name));
    const repacked = await repackedIn(this.directory, known, fresh);
    if (repacked.replaced.size > 0) this.#repacked = repacked;
  }

  /** Writes by what git finds commits and objects fast. It is not sealed: it can be made of what is. */
  async #index(signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    if (this.bytes < LARGE_BYTES || now - this.#indexed < INDEX_ANEW_MS) return;
    this.#indexed = now;
    const bounds = { ...MAINTENANCE, signal };
    const graph = ['commit-graph', 'write', '--reachable', '--split', '--no-progress'];
    await runGit(this.#runtime, this.directory, graph, { bounds });
    const bitmaps = ['multi-pack-index', 'write', '--bitmap'];
    await runGit(this.#runtime, this.directory, bitmaps, { bounds });
  }

  /** Opens all that lies sealed. @returns what is wrong */
  async verify(): Promise<string[]> {
    const wrong: string[] = [];
    const state = await this.#log.load();
    for (const pack of state.packs.values()) {
      try {
        await this.#log.verify(pack);
      } catch (error) {
        wrong.push((error as Error).message);
      }
    }
    // Those of a log that was begun anew meanwhile have gone, as they should.
    return wrong.length === 0 || (await this.#isCurrentAt(state)) ? wrong : await this.verify();
  }

  /** Removes from the place where it is sealed what killed servers left. */
  async removeUnnamed(): Promise<void> {
    const release = await this.#turn.take();
    try {
      await this.#catchUp();
      await this.#log.removeUnnamed(this.#state);
    } finally {
      release();
    }
  }

  async #beginAnew(): Promise<void> {
    const release = await this.#turn.take();
    try {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        await this.#catchUp();
        await this.#seal([]);
        const before = this.#state;
        const gone = await this.#superfluous();
        const packs = new Map(before.packs);
        for (const { name } of gone) packs.delete(name);
        const base = baseEntry({ ...before, packs });
        if (!(await this.#appendAt(before.generation + 1, base))) continue;
        this.#state = afterEntry(before, base);
        this.#begun = this.#state.generation;
        this.#repacked = undefined;
        this.bytes = bytesOf(this.#state);
        await this.#remove(gone.map(({ name }) => name));
        await this.#log.beginAt(this.#begun);
        await this.#log.removeUnnamed(
          this.#state,
          gone.map(({ file }) => file),
        );
        return;
      }
    } finally {
      release();
    }
  }

  /** Sealed packs that may go: all that has what they have lies sealed, and is here. */
  async #superfluous(): Promise<SealedPack[]> {
    const { packs } = this.#state;
    const { replaced, by } = this.#repacked ?? { replaced: new Set<string>(), by: [] };
    const missing = new Set(await this.#missing());
    for (const name of by) if (!packs.has(name) || missing.has(name)) return [];
    return [...packs.values()].filter(({ name }) => replaced.has(name));
  }

  async #remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) this.#removals += 1;
    await removePacks(this.directory, names);
  }

  #isCurrent(): Promise<boolean> {
    return this.#isCurrentAt(this.#state);
  }

  async #isCurrentAt({ generation }: SealedState): Promise<boolean> {
    try {
      return await this.#log.isLast(generation);
    } catch (error) {
      if (error instanceof LogMovedError) return false;
      throw error;
    }
  }

  /** Takes over what other servers have written. In a turn. */
  async #catchUp(): Promise<void> {
    if (this.#broken) throw new Error(`What ${this.directory} says is not what lies sealed`);
    while (!(await this.#isCurrent())) await this.#take(await this.#following(this.#state));
  }

  /** The state after the next record, or the last one where there is none. */
  async #following(state: SealedState): Promise<SealedState> {
    const entry = await this.#log.read(state.generation + 1);
    return entry ? afterEntry(state, entry) : await this.#log.load();
  }

  /** Makes the copy what a state says, but for what a change of our own is about to say of references and HEAD. */
  async #take(state: SealedState, but?: Entry): Promise<void> {
    const before = this.#state;
    const next = await loaded(
      this.#log,
      (now) => addPacks(this.#log, this.directory, now, before.packs),
      state,
    );
    const ours = new Set(but?.references.map(([name]) => name));
    const moved = movedReferences(before.references, next.references);
    await this.#update(moved.filter(([name]) => !ours.has(name)));
    if (next.head !== before.head && but?.head === undefined) await this.#writeHead(next.head);
    const gone = [...before.packs.keys()].filter((name) => !next.packs.has(name));
    await this.#settle(next);
    await this.#remove(gone);
  }

  /** What is durable is seen from now on. */
  async #settle(state: SealedState): Promise<void> {
    const before = this.#state;
    this.#state = state;
    this.bytes = bytesOf(state);
    try {
      await this.view.show(state, before);
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  async #update(moved: Entry['references']): Promise<void> {
    for (const stdin of updateCommands(moved))
      await runGit(this.#runtime, this.directory, ['update-ref', '--stdin'], { stdin });
  }

  /** Makes durable what the copy has and the log has not. In a turn. @param moves as of `begin` */
  async #seal(moves?: readonly Move[]): Promise<void> {
    try {
      await packLoose(this.#runtime, this.directory);
      const added = await this.#sealNewPacks();
      const references = await this.#moved(moves);
      const head = await this.#readHead();
      // What is missing since somebody has removed the copy is not to be taken for gone.
      if (!this.sound) throw new Error(`${this.directory} is not whole any more`);
      await this.#append({
        ...{ references, added },
        ...(head !== this.#state.head && { head }),
      });
    } catch (error) {
      await this.#takeBack(moves);
      // Objects for which there was no room would be in the way of all that come later: the copy is made again without them.
      if (isStorageFull(error)) this.#broken = true;
      throw error;
    }
  }

  async #append(entry: Entry): Promise<void> {
    const { references, added } = entry;
    if (references.length === 0 && added.length === 0 && entry.head === undefined) return;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const { generation } = this.#state;
      if (await this.#appendAt(generation + 1, entry)) {
        await this.#settle(afterEntry(this.#state, entry));
        return;
      }
      const before = this.#state.references;
      const next = await this.#following(this.#state);
      const theirs = new Set(movedReferences(before, next.references).map(([name]) => name));
      const lost =
        references.find(([name]) => theirs.has(name))?.[0] ?? headless(entry, next, before);
      if (lost) throw new ReferenceLostError(lost);
      await this.#take(next, entry);
    }
    throw new Error(`Others change ${this.directory} faster than this server`);
  }

  async #appendAt(number: number, entry: Entry): Promise<boolean> {
    try {
      return await this.#log.append(number, entry);
    } catch (error) {
      if (error instanceof LogMovedError) return false;
      throw error;
    }
  }

  /** What could not be made durable has not happened. A copy in which it has is not used any more. */
  async #takeBack(moves: readonly Move[] | undefined): Promise<void> {
    try {
      const back = await this.#moved(moves);
      const { references, head } = this.#state;
      await this.#update(back.map(([name]) => [name, references.get(name) ?? null]));
      if ((await this.#readHead()) !== head) await this.#writeHead(head);
    } catch {
      this.#broken = true;
    }
  }

  async #sealNewPacks(): Promise<SealedPack[]> {
    const added = new Map<string, SealedPack>();
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const found = await packNames(this.directory);
      const fresh = found.filter((name) => !this.#state.packs.has(name) && !added.has(name));
      if (fresh.length === 0) break;
      for (const name of fresh) added.set(name, await this.#sealPack(name));
    }
    return [...added.values()];
  }

  /** @throws Error also where it is gone: nobody but who has the turn takes any away */
  async #sealPack(name: string): Promise<SealedPack> {
    const parts: { kind: string; path: string }[] = [];
    for (const kind of PARTS) {
      const path = join(this.directory, 'objects', 'pack', `${name}.${kind}`);
      if (kind !== 'rev' || existsSync(path)) parts.push({ kind, path });
    }
    return await this.#log.addPack(name, parts);
  }

  /**
   * What the copy says of references otherwise than the log. @param moves those that are looked at; left out: all
   * @throws Error where one of those is missing that nobody has asked to delete: what was to become of it is not known
   */
  async #moved(moves: readonly Move[] | undefined): Promise<Entry['references']> {
    const { references } = this.#state;
    if (moves?.length === 0) return [];
    const names = moves?.map(({ name }) => name);
    const few = names && names.length <= MOST_NAMED && names.every(isPlainName) ? names : [];
    const here = await this.#listed(few);
    const only = names && new Set(names);
    // A name stands for what is below it, too.
    const moved = movedReferences(selected(references, only), selected(here, only));
    const gone = new Set(moves?.flatMap((move) => (move.gone ? [move.name] : [])));
    const there = moved.filter(([name, id]) => id !== null || gone.has(name));
    if (there.length < moved.length) {
      this.#broken = true;
      if (moves) throw new Error(`A reference is missing in ${this.directory}`);
    }
    return there;
  }

  /** References of the copy. @param few by name; none: all */
  async #listed(few: readonly string[]): Promise<Map<string, string>> {
    const args = ['for-each-ref', `--format=${REFERENCE_FORMAT}`, '--end-of-options', ...few];
    return parseReferences(await runGit(this.#runtime, this.directory, args));
  }

  async #readHead(): Promise<string> {
    const text = await readFile(join(this.directory, 'HEAD'), 'latin1');
    return text.replace(/^ref: /, '').trim();
  }

  async #writeHead(head: string): Promise<void> {
    const draft = join(this.directory, `HEAD.${randomUUID()}`);
    await writeFile(draft, `ref: ${head}\n`, 'latin1');
    await rename(draft, join(this.directory, 'HEAD'));
  }
}

/** What leaves HEAD without the branch that it points at: one server moves it there, and another one deletes that branch. */
function headless(
  { references, head }: Entry,
  next: SealedState,
  before: SealedState['references'],
): string | undefined {
  if (head !== undefined) return before.has(head) && !next.references.has(head) ? head : undefined;
  return references.find(([name, id]) => id === null && name === next.head)?.[0];
}

const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

const selected = (
  references: ReadonlyMap<string, string>,
  only: ReadonlySet<string> | undefined,
) => (only ? new Map([...references].filter(([name]) => only.has(name))) : references);

/** Does something with a state of the log, from the beginning where that has moved meanwhile. */
async function loaded(
  log: SealedLog,
  work: (state: SealedState) => Promise<void>,
  first?: SealedState,
): Promise<SealedState> {
  let state = first ?? (await log.load());
  for (let attempt = 0; ; attempt++) {
    try {
      await work(state);
      return state;
    } catch (error) {
      if (!(error instanceof LogMovedError) || attempt >= MOST_ATTEMPTS) throw error;
      state = await log.load();
    }
  }
}
