import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import type { NewCommit } from '../commit-writer.ts';
import type { Difference, Walk } from '../differences.ts';
import type { GitRuntime } from '../environment.ts';
import type {
  Commit,
  ExchangeRequest,
  FileRevision,
  GitRepository,
  LineChange,
  MergedTree,
  MergeOf,
  ObjectInfo,
  OpenMerge,
  ReadObject,
  Reference,
  TransportRequest,
  TransportService,
  TreeEntry,
  TreeSize,
  UpdateOutcome,
} from '../git-host.ts';
import type { LeftoverAges } from '../leftovers.ts';
import { isReferenceName } from '../names.ts';
import type { ReaderPool } from '../reader-pool.ts';
import { ReferenceLostError } from '../reference-lost.ts';
import { LocalRepository } from '../repository.ts';
import type { Gate } from '../transport.ts';
import { nameInState } from './state.ts';
import type { Incoming, WorkingCopies } from './working-copies.ts';
import type { WorkingCopy } from './working-copy.ts';

interface SealedParts {
  runtime: GitRuntime;
  readers: ReaderPool;
  copies: WorkingCopies;
}

/** A sealed repository: asks its working copy, and makes durable what changes in it. */
export class SealedRepository implements GitRepository {
  readonly #parts: SealedParts;
  readonly #id: string;

  constructor(parts: SealedParts, id: string) {
    this.#parts = parts;
    this.#id = id;
  }

  ready(service?: TransportService): Promise<void> {
    return this.#using(async (git, copy) => {
      await git.ready(service);
      await copy.refresh();
    });
  }

  references(names?: string[]): Promise<Reference[]> {
    return this.#using(async (_git, copy) => {
      await copy.refresh();
      return this.#view(copy).references(names);
    });
  }

  updateReference(
    name: string,
    newId: string | undefined,
    oldId: string | undefined,
  ): Promise<UpdateOutcome> {
    return this.#using(async (git, copy) => {
      try {
        const move = { name: nameInState(name), gone: newId === undefined };
        return await copy.change([move], () => git.updateReference(name, newId, oldId));
      } catch (error) {
        if (error instanceof ReferenceLostError) return 'moved';
        throw error;
      }
    });
  }

  async setHead(branch: string, where: { there?: boolean } = {}): Promise<boolean> {
    if (!isReferenceName(branch)) throw new Error('Not a reference name');
    try {
      return await this.#using((git, copy) => copy.change([], () => git.setHead(branch, where)));
    } catch (error) {
      if (where.there && error instanceof ReferenceLostError) return false;
      throw error;
    }
  }

  head(): Promise<string> {
    return this.#using(async (_git, copy) => {
      await copy.refresh();
      return this.#view(copy).head();
    });
  }

  info(id: string): Promise<ObjectInfo | undefined> {
    return this.#found((git) => git.info(id));
  }

  read(id: string): Promise<ReadObject | undefined> {
    return this.#found((git) => git.read(id));
  }

  commit(id: string): Promise<Commit | undefined> {
    return this.#found((git) => git.commit(id));
  }

  tree(id: string): Promise<TreeEntry[]> {
    return this.#using((git) => git.tree(id));
  }

  find(treeId: string, path: string): Promise<TreeEntry | undefined> {
    return this.#using((git) => git.find(treeId, path));
  }

  containedIn(commit: string, candidates: readonly string[]): Promise<Set<string>> {
    return this.#using((git) => git.containedIn(commit, candidates));
  }

  writeCommit(commit: NewCommit): Promise<string> {
    return this.#using((git) => git.writeCommit(commit));
  }

  keepWritten(id: string): Promise<boolean> {
    return this.#using((git, copy) =>
      copy.change([], async () => (await git.info(id)) !== undefined),
    );
  }

  mergeBase(a: string, b: string, signal?: AbortSignal): Promise<string | undefined> {
    return this.#using((git) => git.mergeBase(a, b, signal));
  }

  mergeBases(
    commit: string,
    others: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, string | undefined>> {
    return this.#using((git) => git.mergeBases(commit, others, signal));
  }

  mergeTrees(what: MergeOf): Promise<MergedTree> {
    return this.#using((git) => git.mergeTrees(what));
  }

  merging<T>(what: MergeOf, work: (merge: OpenMerge) => Promise<T>): Promise<T> {
    return this.#using((git) => git.merging(what, work));
  }

  commitsBetween(without: string, tip: string, most: number): Promise<string[]> {
    return this.#using((git) => git.commitsBetween(without, tip, most));
  }

  mergeOf(source: string, tip: string): Promise<string | undefined> {
    return this.#using((git) => git.mergeOf(source, tip));
  }

  lineChanges(
    before: string,
    after: string,
    options: { ignoreWhitespace: boolean; signal: AbortSignal },
  ): Promise<LineChange[]> {
    return this.#using((git) => git.lineChanges(before, after, options));
  }

  differences(before: string | undefined, after: string, walk?: Walk): AsyncIterable<Difference> {
    return this.#each((git) => git.differences(before, after, walk));
  }

  fileHistory(commitId: string, path: string, signal?: AbortSignal): AsyncIterable<FileRevision> {
    return this.#each((git) => git.fileHistory(commitId, path, signal));
  }

  async *smallBlobs(most: number, signal?: AbortSignal): AsyncGenerator<Buffer, void, void> {
    const { copy, release } = await this.#parts.copies.hold(this.#id);
    try {
      await copy.refresh();
      const checkWhole = await copy.whole();
      yield* this.#git(copy).smallBlobs(most, signal);
      await checkWhole();
    } finally {
      release();
    }
  }

  removeLeftovers(ages: LeftoverAges): Promise<void> {
    return this.#using(async (git, copy) => {
      await git.removeLeftovers(ages);
      await copy.removeUnnamed();
    });
  }

  maintain(signal?: AbortSignal): Promise<void> {
    return this.#using(async (_git, copy) => {
      const release = await this.#parts.runtime.slots.maintenance.take(signal);
      try {
        await copy.maintain(signal);
      } finally {
        release();
      }
    });
  }

  /** What lies sealed, and what git finds in it. */
  fsck(signal?: AbortSignal): Promise<string[]> {
    return this.#using(async (git, copy) => {
      await copy.refresh();
      return [...(await copy.verify()), ...(await git.fsck(signal))];
    });
  }

  measure(treeId: string, most: TreeSize, signal?: AbortSignal): Promise<TreeSize> {
    return this.#using((git) => git.measure(treeId, most, signal));
  }

  async archive(commitId: string, signal?: AbortSignal): Promise<Readable> {
    const { copy, release } = await this.#parts.copies.hold(this.#id);
    try {
      const archive = await this.#git(copy).archive(commitId, signal);
      archive.once('close', release);
      return archive;
    } catch (error) {
      release();
      throw error;
    }
  }

  advertise(request: TransportRequest): Readable {
    return this.#stream(async (_git, copy, release) => {
      await copy.refresh();
      return this.#view(copy).advertise(request).once('close', release);
    });
  }

  exchange(request: ExchangeRequest): Readable {
    let begun = false;
    const said = this.#stream(async (git, copy, release) => {
      // Also when nobody reads its answer any more the copy stays until git has ended.
      const finished = async () => {
        try {
          await request.finished?.();
        } finally {
          release();
        }
      };
      // Of a push as well: what it builds on may have been pushed to another server.
      await copy.refresh();
      if (said.destroyed) throw new Error('Nobody waits for the answer');
      if (request.service === 'git-upload-pack') {
        const view = this.#view(copy).exchange({ ...request, finished });
        begun = true;
        return view;
      }
      const room = this.#parts.copies.receive(copy);
      try {
        const received = () => finished().finally(room.end);
        const taken = git.exchange({ ...request, finished: received }, gateOf(copy, room));
        // From here on it is git's end that tells of it.
        begun = true;
        return taken;
      } catch (error) {
        room.end();
        throw error;
      }
    });
    said.once('close', () => {
      if (!begun) request.finished?.().catch(() => undefined);
    });
    return said;
  }

  #git(copy: WorkingCopy): LocalRepository {
    return new LocalRepository(this.#parts.runtime, copy.directory, this.#parts.readers);
  }

  /** The same with references as they are durable. Objects are read by the other one. */
  #view({ view }: WorkingCopy): LocalRepository {
    return new LocalRepository(this.#parts.runtime, view.directory, this.#parts.readers);
  }

  #using<T>(work: (git: LocalRepository, copy: WorkingCopy) => Promise<T>): Promise<T> {
    return this.#parts.copies.using(this.#id, (copy) => work(this.#git(copy), copy));
  }

  /** An object that is not here may be one that another server has taken. */
  #found<T>(look: (git: LocalRepository) => Promise<T | undefined>): Promise<T | undefined> {
    return this.#using(async (git, copy) => {
      const found = await look(git);
      if (found !== undefined) return found;
      await copy.refresh();
      return look(git);
    });
  }

  async *#each<T>(
    items: (git: LocalRepository) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, void> {
    const { copy, release } = await this.#parts.copies.hold(this.#id);
    try {
      yield* items(this.#git(copy));
    } finally {
      release();
    }
  }

  /** What git says once the copy is there. Destroying it ends git. */
  #stream(
    start: (git: LocalRepository, copy: WorkingCopy, release: () => void) => Promise<Readable>,
  ): Readable {
    const said = new PassThrough();
    // Whoever reads it is told; nobody may be there yet.
    said.on('error', () => undefined);
    const run = async () => {
      const { copy, release } = await this.#parts.copies.hold(this.#id);
      try {
        const stream = await start(this.#git(copy), copy, release);
        pipeline(stream, said, () => undefined);
      } catch (error) {
        release();
        throw error;
      }
    };
    run().catch((error) => said.destroy(error));
    return said;
  }
}

function gateOf(copy: WorkingCopy, room: Incoming): Gate {
  return {
    async enter(moves, quarantine) {
      // With the index, and with what git has added: what came may have been less.
      const bytes = quarantine ? await bytesIn(join(copy.directory, 'objects', quarantine)) : 0;
      if (!room.brought(bytes)) throw new Error('There is no room for what this push comes to');
      return await copy.begin(moves);
    },
    async missed() {
      if (await copy.putBack())
        throw new Error('git has moved references and has not asked for it');
    },
    room,
  };
}

/** What files of a folder come to, with those of folders in it. */
async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
