import type { Readable } from 'node:stream';
import { containedIn, mergeBases } from './ancestry.ts';
import { ARCHIVE, GitLimitError, MAINTENANCE, MOST_BYTES } from './bounds.ts';
import { type NewCommit, writeCommit } from './commit-writer.ts';
import { differences, type Walk } from './differences.ts';
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
  TransportService,
  TreeEntry,
  UpdateOutcome,
} from './git-host.ts';
import { fileHistory } from './history.ts';
import { type LeftoverAges, removeLeftovers } from './leftovers.ts';
import { measureTree, type TreeSize } from './measure.ts';
import type { LineChange, MergedTree } from './merge-tree.ts';
import {
  commitsBetween,
  lineChanges,
  type MergeOf,
  mergeBase,
  mergeOf,
  mergeTrees,
  merging,
  type OpenMerge,
} from './merges.ts';
import { isObjectId, isReferenceName } from './names.ts';
import { parseCommit, parseTree, treeEntries } from './objects.ts';
import { outputOf, runGit, startGit } from './process.ts';
import { ProcessStream } from './process-stream.ts';
import type { ReaderPool } from './reader-pool.ts';
import { listReferences, updateReference } from './references.ts';
import { smallBlobIds } from './small-blobs.ts';
import { advertise, checkHook, exchange, type Gate } from './transport.ts';

/** Files from here on go into an archive piece by piece. */
const LARGE_BLOB_BYTES = 32 * 1024 * 1024;

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

  async ready(service?: TransportService): Promise<void> {
    if (service === 'git-receive-pack') checkHook(this.#runtime);
  }

  references(names?: string[]): Promise<Reference[]> {
    return listReferences(this.#runtime, this.#directory, names);
  }

  async updateReference(
    name: string,
    newId: string | undefined,
    oldId: string | undefined,
  ): Promise<UpdateOutcome> {
    // As git has it with pushes (receive.denyDeleteCurrent): clones check it out.
    if (newId === undefined && (await this.head()) === name) return 'head';
    return updateReference(this.#runtime, this.#directory, name, newId, oldId);
  }

  async setHead(branch: string, { there = false } = {}): Promise<boolean> {
    if (!isReferenceName(branch)) throw new Error('Not a reference name');
    if (there && (await this.references([branch])).length === 0) return false;
    await runGit(this.#runtime, this.#directory, ['symbolic-ref', 'HEAD', branch]);
    return true;
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
    const content = await this.#content(id, 'commit');
    return content && parseCommit(id, content);
  }

  async tree(id: string): Promise<TreeEntry[]> {
    return parseTree(await this.#readTree(id));
  }

  async find(treeId: string, path: string): Promise<TreeEntry | undefined> {
    let entry: TreeEntry = { mode: '040000', name: '', id: treeId };
    for (const name of path === '' ? [] : path.split('/')) {
      if (entry.mode !== '040000') return undefined;
      const next = entryNamed(await this.#readTree(entry.id), name);
      if (!next) return undefined;
      entry = next;
    }
    return entry;
  }

  /** What an object of that type holds. @throws GitLimitError for one that is too large to be held */
  async #content(id: string, type: keyof typeof MOST_BYTES): Promise<Buffer | undefined> {
    const info = await this.info(id);
    if (info?.type !== type) return undefined;
    if (info.size > MOST_BYTES[type])
      throw new GitLimitError(`a ${type} object of more than ${MOST_BYTES[type]} bytes`);
    return (await this.read(id))?.content;
  }

  readonly #readTree = async (id: string): Promise<Buffer> => {
    const content = await this.#content(id, 'tree');
    if (!content) throw new Error(`No tree ${id}`);
    return content;
  };

  containedIn(commit: string, candidates: readonly string[]): Promise<Set<string>> {
    return containedIn(this.#runtime, this.#directory, commit, candidates);
  }

  writeCommit(commit: NewCommit): Promise<string> {
    return writeCommit(this.#runtime, this.#directory, commit);
  }

  /** All that is written is on the disk. */
  async keepWritten(): Promise<boolean> {
    return true;
  }

  mergeBase(a: string, b: string, signal?: AbortSignal): Promise<string | undefined> {
    return mergeBase(this.#runtime, this.#directory, [a, b], signal);
  }

  mergeBases(
    commit: string,
    others: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, string | undefined>> {
    return mergeBases(this.#runtime, this.#directory, { commit, others, signal });
  }

  mergeTrees(what: MergeOf): Promise<MergedTree> {
    return mergeTrees(this.#runtime, this.#directory, what);
  }

  merging<T>(what: MergeOf, work: (merge: OpenMerge) => Promise<T>): Promise<T> {
    const where = { directory: this.#directory, objects: this };
    return merging(this.#runtime, where, what, work);
  }

  commitsBetween(without: string, tip: string, most: number): Promise<string[]> {
    return commitsBetween(this.#runtime, this.#directory, { without, tip, most });
  }

  mergeOf(source: string, tip: string): Promise<string | undefined> {
    return mergeOf(this.#runtime, this.#directory, { source, tip });
  }

  lineChanges(
    before: string,
    after: string,
    { ignoreWhitespace, signal }: { ignoreWhitespace: boolean; signal: AbortSignal },
  ): Promise<LineChange[]> {
    const args = ignoreWhitespace ? ['--ignore-all-space'] : [];
    return lineChanges(this.#runtime, this.#directory, [before, after], { args, signal });
  }

  differences(
    before: string | undefined,
    after: string,
    walk?: Walk,
  ): AsyncGenerator<Difference, void, void> {
    return differences(this.#readTree, before, after, walk);
  }

  fileHistory(commitId: string, path: string, signal?: AbortSignal): AsyncIterable<FileRevision> {
    return fileHistory(this.#runtime, this.#directory, commitId, path, signal);
  }

  async *smallBlobs(most: number, signal?: AbortSignal): AsyncGenerator<Buffer, void, void> {
    const release = await this.#runtime.slots.maintenance.take(signal);
    try {
      for await (const id of smallBlobIds(this.#runtime, this.#directory, most, signal)) {
        const blob = await this.read(id);
        if (!blob) throw new Error(`The object ${id} is not there any more`);
        yield blob.content;
      }
    } finally {
      release();
    }
  }

  removeLeftovers(ages: LeftoverAges): Promise<void> {
    return removeLeftovers(this.#directory, ages);
  }

  async maintain(signal?: AbortSignal): Promise<void> {
    const settings = ['gc.auto=2000', 'gc.autoPackLimit=50', 'gc.autoDetach=false'];
    const args = settings.flatMap((setting) => ['-c', setting]);
    const release = await this.#runtime.slots.maintenance.take(signal);
    try {
      const command = [...args, 'gc', '--auto', '--quiet'];
      await runGit(this.#runtime, this.#directory, command, { bounds: { ...MAINTENANCE, signal } });
    } finally {
      release();
    }
  }

  async fsck(signal?: AbortSignal): Promise<string[]> {
    const release = await this.#runtime.slots.maintenance.take(signal);
    try {
      const args = ['fsck', '--full', '--no-dangling', '--no-progress'];
      const options = { env: { GIT_DIR: this.#directory }, bounds: { ...MAINTENANCE, signal } };
      const git = startGit(this.#runtime, this.#directory, args, options);
      git.process.stdin.end();
      // Its exit code is made of bits: 1 of objects, 2 of links, 4 of packs, 8 of references.
      const wrong = Array.from({ length: 16 }, (_, code) => code);
      const said = await outputOf(git, 'that many flaws', signal, wrong);
      const code = await git.closed;
      const flaws = `${said}${git.stderr()}`.split('\n').filter((line) => line.trim() !== '');
      return code === 0 ? [] : flaws.length > 0 ? flaws : [`git fsck ended with ${code}`];
    } finally {
      release();
    }
  }

  measure(treeId: string, most: TreeSize, signal?: AbortSignal): Promise<TreeSize> {
    const objects = { readTree: this.#readTree, info: (id: string) => this.info(id) };
    return measureTree(objects, treeId, most, signal);
  }

  async archive(commitId: string, signal?: AbortSignal): Promise<Readable> {
    if (!isObjectId(commitId)) throw new Error('Not an object id');
    const stream = ['-c', `core.bigFileThreshold=${LARGE_BLOB_BYTES}`];
    const args = [...stream, 'archive', '--format=zip', '--end-of-options', commitId];
    const release = await this.#runtime.slots.archive.take(signal);
    try {
      const options = { env: { GIT_DIR: this.#directory }, bounds: { ...ARCHIVE, signal } };
      const git = startGit(this.#runtime, this.#directory, args, options);
      git.process.stdin.end();
      git.closed.then(release);
      return new ProcessStream(git);
    } catch (error) {
      release();
      throw error;
    }
  }

  advertise(request: TransportRequest): Readable {
    return advertise(this.#runtime, this.#directory, request);
  }

  exchange(request: ExchangeRequest, gate?: Gate): Readable {
    return exchange(this.#runtime, this.#directory, request, gate);
  }
}

function entryNamed(tree: Buffer, name: string): TreeEntry | undefined {
  for (const entry of treeEntries(tree, 'utf8')) if (entry.name === name) return entry;
  return undefined;
}
