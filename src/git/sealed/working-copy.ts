import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAINTENANCE } from '../bounds.ts';
import type { GitRuntime } from '../environment.ts';
import { isReferenceName } from '../names.ts';
import { runGit } from '../process.ts';
import { Slots } from '../slots.ts';
import { readSealed } from './files.ts';
import { LogMovedError, type SealedLog } from './log.ts';
import { packLoose, packNames } from './packing.ts';
import {
  afterEntry,
  baseEntry,
  type Entry,
  movedReferences,
  packedReferences,
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

/** Kinds of files that make a pack, the one last by which git sees that it is there. */
const PARTS = ['pack', 'rev', 'idx'] as const;

/**
 * A sealed repository as git works on it: a bare repository in a directory, in memory if there is any. References in it
 * move in a turn alone, and are durable when that ends.
 */
export class WorkingCopy {
  readonly directory: string;
  readonly #runtime: GitRuntime;
  readonly #log: SealedLog;
  readonly #turn = new Slots(1);
  #state: SealedState;
  /** Of its packs. */
  bytes: number;
  /** Number of the first record of the log, as far as it is known here. */
  #begun: number;

  private constructor(
    runtime: GitRuntime,
    { directory, log, state }: { directory: string; log: SealedLog; state: SealedState },
  ) {
    this.#runtime = runtime;
    this.directory = directory;
    this.#log = log;
    this.#state = state;
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
      await writeFile(join(directory, 'packed-refs'), packedReferences(checked(state.references)));
      const copy = new WorkingCopy(runtime, { directory, log, state });
      await copy.#writeHead(state.head);
      return copy;
    } catch (error) {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
      throw error;
    }
  }

  /** Waits for a turn that is under way, and takes over what other servers have done. */
  async refresh(): Promise<void> {
    if (this.#turn.idle && (await this.#isCurrent())) return;
    const release = await this.#turn.take();
    try {
      await this.#catchUp();
    } finally {
      release();
    }
  }

  /** Takes the turn. @returns what ends it, once: makes durable what has changed @throws as `change` */
  async begin(): Promise<() => Promise<void>> {
    const release = await this.#turn.take();
    try {
      await this.#catchUp();
    } catch (error) {
      release();
      throw error;
    }
    let ended: Promise<void> | undefined;
    return () => {
      ended ??= this.#seal().finally(release);
      return ended;
    };
  }

  /**
   * Changes references, or what else has to last, in a turn.
   * @throws ReferenceLostError, and what the disk says: nothing has changed then
   */
  async change<T>(work: () => Promise<T>): Promise<T> {
    const end = await this.begin();
    try {
      const result = await work();
      await end();
      return result;
    } catch (error) {
      await end().catch(() => undefined);
      throw error;
    }
  }

  /** Packs what many changes brought into few packs, and begins the log anew where it is long. */
  async maintain(signal?: AbortSignal): Promise<void> {
    const packs = this.#state.packs.size;
    const long = this.#state.generation - this.#begun >= LONG_LOG;
    if (packs < MANY_PACKS && !long) return;
    const bounds = { ...MAINTENANCE, signal };
    if (packs >= MANY_PACKS) {
      // Beside pushes: what it removes is in the packs that it makes, and what comes meanwhile it does not know.
      const repack = ['repack', '--geometric=2', '-d', '--quiet'];
      await runGit(this.#runtime, this.directory, repack, { bounds });
      const graph = ['commit-graph', 'write', '--reachable', '--no-progress'];
      await runGit(this.#runtime, this.directory, graph, { bounds });
    }
    await this.#beginAnew();
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
      await this.#seal();
      const before = this.#state;
      const here = new Set(await packNames(this.directory));
      const kept = new Map([...before.packs].filter(([name]) => here.has(name)));
      const { head, references } = before;
      const base = baseEntry({ head, references, packs: kept });
      const number = before.generation + 1;
      if (!(await this.#log.append(number, base))) return; // another server works on it now
      this.#state = afterEntry(before, base);
      this.#begun = number;
      this.bytes = bytesOf(this.#state);
      await this.#log.beginAt(number);
      const gone = [...before.packs.values()].filter(({ name }) => !kept.has(name));
      await this.#log.removeUnnamed(
        this.#state,
        gone.map(({ file }) => file),
      );
    } finally {
      release();
    }
  }

  async #isCurrent(): Promise<boolean> {
    try {
      return await this.#log.isLast(this.#state.generation);
    } catch (error) {
      if (error instanceof LogMovedError) return false;
      throw error;
    }
  }

  /** Takes over what other servers have written. In a turn. */
  async #catchUp(): Promise<void> {
    while (!(await this.#isCurrent())) await this.#take(await this.#following(this.#state));
  }

  /** The state after the next record, or the last one where there is none. */
  async #following(state: SealedState): Promise<SealedState> {
    const entry = await this.#log.read(state.generation + 1);
    return entry ? afterEntry(state, entry) : await this.#log.load();
  }

  /** Makes the copy what a state says, but for references that `but` names. */
  async #take(state: SealedState, but: ReadonlySet<string> = new Set()): Promise<void> {
    const before = this.#state;
    let next = state;
    next = await loaded(
      this.#log,
      (now) => addPacks(this.#log, this.directory, now, before.packs),
      {
        first: next,
      },
    );
    const moved = movedReferences(before.references, checked(next.references));
    await this.#update(moved.filter(([name]) => !but.has(name)));
    if (next.head !== before.head) await this.#writeHead(next.head);
    for (const [name] of before.packs)
      if (!next.packs.has(name)) await removePack(this.directory, name);
    this.#state = next;
    this.bytes = bytesOf(next);
  }

  async #update(moved: Entry['references']): Promise<void> {
    for (const stdin of updateCommands(moved))
      await runGit(this.#runtime, this.directory, ['update-ref', '--stdin'], { stdin });
  }

  /** Makes durable what the copy has and the log has not. In a turn. */
  async #seal(): Promise<void> {
    try {
      await packLoose(this.#runtime, this.directory);
      const added = await this.#sealNewPacks();
      const references = await this.#references();
      const head = await this.#readHead();
      const changed = {
        references: movedReferences(this.#state.references, references),
        ...(head !== this.#state.head && { head }),
      };
      await this.#append({ ...changed, added, removed: [] });
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
  }

  async #append(entry: Entry): Promise<void> {
    const { references, added } = entry;
    if (references.length === 0 && added.length === 0 && entry.head === undefined) return;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const { generation } = this.#state;
      if (await this.#appendAt(generation + 1, entry)) {
        this.#state = afterEntry(this.#state, entry);
        this.bytes = bytesOf(this.#state);
        return;
      }
      const before = this.#state.references;
      const next = await this.#following(this.#state);
      const theirs = new Set(movedReferences(before, next.references).map(([name]) => name));
      const lost = references.find(([name]) => theirs.has(name));
      if (lost) throw new ReferenceLostError(`Another server has moved ${lost[0]}`);
      await this.#take(next, new Set(references.map(([name]) => name)));
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

  /** What could not be made durable has not happened. */
  async #takeBack(): Promise<void> {
    const { references, head } = this.#state;
    await this.#update(movedReferences(await this.#references(), references));
    if ((await this.#readHead()) !== head) await this.#writeHead(head);
  }

  async #sealNewPacks(): Promise<SealedPack[]> {
    const added: SealedPack[] = [];
    for (const name of await packNames(this.directory)) {
      if (this.#state.packs.has(name)) continue;
      const parts: { kind: string; path: string }[] = [];
      for (const kind of PARTS) {
        const path = join(this.directory, 'objects', 'pack', `${name}.${kind}`);
        if (await stat(path).catch(() => undefined)) parts.push({ kind, path });
      }
      added.push(await this.#log.addPack(name, parts));
    }
    return added;
  }

  async #references(): Promise<Map<string, string>> {
    const args = ['for-each-ref', `--format=${REFERENCE_FORMAT}`];
    return parseReferences((await runGit(this.#runtime, this.directory, args)).toString());
  }

  async #readHead(): Promise<string> {
    const text = await readFile(join(this.directory, 'HEAD'), 'utf8');
    return text.replace(/^ref: /, '').trim();
  }

  async #writeHead(head: string): Promise<void> {
    if (!isReferenceName(head)) throw new Error('Not a reference name');
    const draft = join(this.directory, `HEAD.${randomUUID()}`);
    await writeFile(draft, `ref: ${head}\n`);
    await rename(draft, join(this.directory, 'HEAD'));
  }
}

const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

function checked(references: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  for (const name of references.keys())
    if (!isReferenceName(name)) throw new Error('Not a reference name');
  return references;
}

/** Does something with a state of the log, from the beginning where that has moved meanwhile. */
async function loaded(
  log: SealedLog,
  work: (state: SealedState) => Promise<void>,
  { first }: { first?: SealedState } = {},
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

/** Opens the packs of a state that are not there yet. @throws LogMovedError where one has gone meanwhile */
async function addPacks(
  log: SealedLog,
  directory: string,
  { packs }: SealedState,
  known: ReadonlyMap<string, SealedPack>,
): Promise<void> {
  const folder = join(directory, 'objects', 'pack');
  for (const [name, pack] of packs) {
    if (!/^pack-[0-9a-f]{40}$/.test(name)) throw new Error('Not the name of a pack');
    if (known.has(name) || (await stat(join(folder, `${name}.idx`)).catch(() => undefined)))
      continue;
    const draft = (kind: string) => join(folder, `tmp_pack_${pack.file}.${kind}`);
    const parts = pack.parts.map(({ kind, bytes }) => ({ path: draft(kind), bytes, kind }));
    for (const { path } of parts) await rm(path, { force: true });
    try {
      await readSealed(log.sealOf(pack), parts);
    } catch (error) {
      for (const { path } of parts) await rm(path, { force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new LogMovedError(`A pack of ${directory} has gone`);
      throw error;
    }
    for (const kind of PARTS)
      if (parts.some((part) => part.kind === kind))
        await rename(draft(kind), join(folder, `${name}.${kind}`));
  }
}

async function removePack(directory: string, name: string): Promise<void> {
  // In the other direction: git must not see an index without its pack.
  for (const kind of [...PARTS].reverse())
    await rm(join(directory, 'objects', 'pack', `${name}.${kind}`), { force: true });
}

function bytesOf({ packs }: SealedState): number {
  let sum = 0;
  for (const { parts } of packs.values()) for (const { bytes } of parts) sum += bytes;
  return sum;
}
