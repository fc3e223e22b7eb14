import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isStorageFull } from '../../lib/storage-full.ts';
import { MAINTENANCE } from '../bounds.ts';
import type { GitRuntime } from '../environment.ts';
import { runGit } from '../process.ts';
import { Slots } from '../slots.ts';
import { DurableView } from './durable-view.ts';
import { LogMovedError, type SealedLog } from './log.ts';
import { packLoose, packNames } from './packing.ts';
import { addPacks, bytesOf, PARTS, removePacks } from './packs.ts';
import { Repacked } from './repacked.ts';
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

/** Another server has moved the same reference. */
export class ReferenceLostError extends Error {
  override name = 'ReferenceLostError';
}

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
  /** Packs whose objects are in others here, which the log does not say yet. */
  readonly #replaced = new Set<string>();
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
   * @param names of the references that may move: no others are made durable. Left out: all
   * @returns what ends it, once: makes durable what has changed @throws as `change`
   */
  async begin(names?: readonly string[]): Promise<() => Promise<void>> {
    const release = await this.#turn.take();
    try {
      await this.#catchUp();
    } catch (error) {
      release();
      throw error;
    }
    let ended: Promise<void> | undefined;
    return () => {
      ended ??= this.#seal(names).finally(release);
      return ended;
    };
  }

  /**
   * Changes references, or what else has to last, in a turn. @param names as of `begin`
   * @throws ReferenceLostError, and what the disk says: nothing has changed then
   */
  async change<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const end = await this.begin(names);
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

  /** Packs what many changes brought into few packs, and begins the log anew where it is long. */
  async maintain(signal?: AbortSignal): Promise<void> {
    if (this.#state.packs.size >= MANY_PACKS) await this.#repack(signal);
    if (this.#broken) return;
    await this.#index(signal);
    const long = this.#state.generation - this.#begun >= LONG_LOG;
    if (long || this.#replaced.size > 0) await this.#beginAnew();
  }

  /** Beside pushes: what it removes is in the packs that it makes, and what comes meanwhile it does not know. */
  async #repack(signal: AbortSignal | undefined): Promise<void> {
    const known = (await packNames(this.directory)).filter((name) => this.#state.packs.has(name));
    const repacked = await Repacked.before(this.#runtime, this.directory, known);
    try {
      const args = ['repack', '--geometric=2', '-d', '--quiet'];
      await runGit(this.#runtime, this.directory, args, { bounds: { ...MAINTENANCE, signal } });
      const { replaced, lost } = await repacked.after(signal);
      for (const name of replaced) this.#replaced.add(name);
      // Somebody else has taken it away: it is made again of what lies sealed.
      if (lost) this.#broken = true;
    } finally {
      await repacked.forget();
    }
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
        // Nothing else than what a repack has replaced: what is missing here for another reason is not to be missing there.
        const gone = [...before.packs.values()].filter(({ name }) => this.#replaced.has(name));
        const packs = new Map(before.packs);
        for (const { name } of gone) packs.delete(name);
        const base = baseEntry({ ...before, packs });
        if (!(await this.#appendAt(before.generation + 1, base))) continue;
        this.#state = afterEntry(before, base);
        this.#begun = this.#state.generation;
        this.#replaced.clear();
        this.bytes = bytesOf(this.#state);
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
    await removePacks(this.directory, gone);
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

  /** Makes durable what the copy has and the log has not. In a turn. @param names as of `begin` */
  async #seal(names?: readonly string[]): Promise<void> {
    try {
      await packLoose(this.#runtime, this.directory);
      const added = await this.#sealNewPacks();
      const references = await this.#moved(names);
      const head = await this.#readHead();
      await this.#append({
        ...{ references, added },
        ...(head !== this.#state.head && { head }),
      });
    } catch (error) {
      await this.#takeBack(names);
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
      const lost = references.find(([name]) => theirs.has(name));
      if (lost) throw new ReferenceLostError(`Another server has moved ${lost[0]}`);
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
  async #takeBack(names: readonly string[] | undefined): Promise<void> {
    try {
      const back = await this.#moved(names);
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
      for (const name of fresh) {
        const pack = await this.#sealPack(name);
        if (pack) added.set(name, pack);
      }
    }
    return [...added.values()];
  }

  /** @returns undefined when it is gone: what it had is in another one, which has come meanwhile */
  async #sealPack(name: string): Promise<SealedPack | undefined> {
    const parts: { kind: string; path: string }[] = [];
    for (const kind of PARTS) {
      const path = join(this.directory, 'objects', 'pack', `${name}.${kind}`);
      if (kind !== 'rev' || existsSync(path)) parts.push({ kind, path });
    }
    try {
      return await this.#log.addPack(name, parts);
    } catch (error) {
      const { code, path } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && parts.some((part) => part.path === path)) return undefined;
      throw error;
    }
  }

  /** What the copy says of references otherwise than the log. @param names of those that are looked at; left out: all */
  async #moved(names: readonly string[] | undefined): Promise<Entry['references']> {
    const { references } = this.#state;
    if (names?.length === 0) return [];
    const few = names && names.length <= MOST_NAMED && names.every(isPlainName) ? names : [];
    const here = await this.#listed(few);
    const only = names && new Set(names);
    // A name stands for what is below it, too.
    const moved = movedReferences(selected(references, only), selected(here, only));
    if (names) return moved;
    // What nobody has asked to delete is missing here for another reason, and stays in the log.
    const there = moved.filter(([, id]) => id !== null);
    if (there.length < moved.length) this.#broken = true;
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
