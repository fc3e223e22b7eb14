import type { Readable } from 'node:stream';
import { type NewCommit, writeCommit } from './commit-writer.ts';
import type { GitRuntime } from './environment.ts';
import type {
  Commit,
  Difference,
  ExchangeRequest,
  FileRevision,
  GitRepository,
  ObjectInfo,
  ReadObject,
  Reference,
  TransportRequest,
  TreeEntry,
  UpdateOutcome,
} from './git-host.ts';
import { differences, fileHistory } from './history.ts';
import { type LeftoverAges, removeLeftovers } from './leftovers.ts';
import { isObjectId, isReferenceName } from './names.ts';
import { parseCommit, parseTree } from './objects.ts';
import { runGit, startGit } from './process.ts';
import { ProcessStream } from './process-stream.ts';
import type { ReaderPool } from './reader-pool.ts';
import { listReferences, updateReference } from './references.ts';
import { advertise, exchange } from './transport.ts';

/** A bare repository in a directory. */
export class LocalRepository implements GitRepository {
  #runtime: GitRuntime;
  #directory: string;
  #readers: ReaderPool;

  constructor(runtime: GitRuntime, directory: string, readers: ReaderPool) {
    this.#runtime = runtime;
    this.#directory = directory;
    this.#readers = readers;
  }

  references(names?: string[]): Promise<Reference[]> {
    return listReferences(this.#runtime, this.#directory, names);
  }

  updateReference(
    name: string,
    newId: string | undefined,
    oldId: string | undefined,
  ): Promise<UpdateOutcome> {
    return updateReference(this.#runtime, this.#directory, name, newId, oldId);
  }

  async setHead(branch: string): Promise<void> {
    if (!isReferenceName(branch)) throw new Error('Not a reference name');
    await runGit(this.#runtime, this.#directory, ['symbolic-ref', 'HEAD', branch]);
  }

  async head(): Promise<string> {
    const output = await runGit(this.#runtime, this.#directory, ['symbolic-ref', 'HEAD']);
    return output.toString().trim();
  }

  info(id: string): Promise<ObjectInfo | undefined> {
    return this.#readers.get(this.#directory).info(id);
  }

  read(id: string): Promise<ReadObject | undefined> {
    return this.#readers.get(this.#directory).read(id);
  }

  async commit(id: string): Promise<Commit | undefined> {
    const info = await this.info(id);
    if (info?.type !== 'commit') return undefined;
    const object = await this.read(id);
    return object && parseCommit(id, object.content);
  }

  async tree(id: string): Promise<TreeEntry[]> {
    const object = await this.read(id);
    if (object?.type !== 'tree') throw new Error(`No tree ${id}`);
    return parseTree(object.content);
  }

  async find(treeId: string, path: string): Promise<TreeEntry | undefined> {
    let entry: TreeEntry = { mode: '040000', name: '', id: treeId };
    for (const name of path === '' ? [] : path.split('/')) {
      if (entry.mode !== '040000') return undefined;
      const next = (await this.tree(entry.id)).find((candidate) => candidate.name === name);
      if (!next) return undefined;
      entry = next;
    }
    return entry;
  }

  writeCommit(commit: NewCommit): Promise<string> {
    return writeCommit(this.#runtime, this.#directory, commit);
  }

  differences(before: string | undefined, after: string): AsyncIterable<Difference> {
    return differences(this.#runtime, this.#directory, before, after);
  }

  fileHistory(commitId: string, path: string): AsyncIterable<FileRevision> {
    return fileHistory(this.#runtime, this.#directory, commitId, path);
  }

  removeLeftovers(ages: LeftoverAges): Promise<void> {
    return removeLeftovers(this.#directory, ages);
  }

  async maintain(): Promise<void> {
    const settings = ['gc.auto=2000', 'gc.autoPackLimit=50', 'gc.autoDetach=false'];
    const args = settings.flatMap((setting) => ['-c', setting]);
    await runGit(this.#runtime, this.#directory, [...args, 'gc', '--auto', '--quiet']);
  }

  archive(commitId: string): Readable {
    if (!isObjectId(commitId)) throw new Error('Not an object id');
    const args = ['archive', '--format=zip', '--end-of-options', commitId];
    const git = startGit(this.#runtime, this.#directory, args, { GIT_DIR: this.#directory });
    git.process.stdin.end();
    return new ProcessStream(git);
  }

  advertise(request: TransportRequest): Readable {
    return advertise(this.#runtime, this.#directory, request);
  }

  exchange(request: ExchangeRequest): Readable {
    return exchange(this.#runtime, this.#directory, request);
  }
}
