import type { Readable } from 'node:stream';
import type { NewCommit } from './commit-writer.ts';
import type { Difference, Walk } from './differences.ts';
import type { FileRevision } from './history.ts';
import type { LeftoverAges } from './leftovers.ts';
import type { TreeSize } from './measure.ts';
import type { LineChange, MergedTree } from './merge-tree.ts';
import type { MergeOf, OpenMerge } from './merges.ts';
import type { ObjectInfo, ReadObject } from './object-reader.ts';
import type { Commit, FileChange, FileMode, ObjectType, Signature, TreeEntry } from './objects.ts';
import type { PushHead } from './pkt-line.ts';

export type { FileSide } from './differences.ts';
export type { LineChange, StagedFile } from './merge-tree.ts';
export type {
  Commit,
  Difference,
  FileChange,
  FileMode,
  FileRevision,
  MergedTree,
  MergeOf,
  NewCommit,
  ObjectInfo,
  ObjectType,
  OpenMerge,
  ReadObject,
  Signature,
  TreeEntry,
  TreeSize,
  Walk,
};

export interface Reference {
  /** Full name: `refs/heads/main`. */
  name: string;
  /** What it points at: for an annotated tag the tag object. */
  id: string;
  type: ObjectType;
  /** What an annotated tag leads to in the end; otherwise `id`. */
  peeledId: string;
  peeledType: ObjectType;
}

export type TransportService = 'git-upload-pack' | 'git-receive-pack';

export interface TransportRequest {
  service: TransportService;
  /** The Git-Protocol header, or SSH's variable GIT_PROTOCOL. */
  protocol?: string | undefined;
  /** Over one connection, as SSH has it: no service is named, and a fetch is one conversation. */
  connected?: boolean;
}

export interface ExchangeRequest extends TransportRequest {
  /** The request's body, already decompressed. */
  body: Readable;
  /** How it begins, of a push: its client is told by it what becomes of each reference where git cannot. */
  push?: PushHead;
  /** Runs when git has ended, also when the client has gone, and before the answer ends. */
  finished?: () => Promise<void>;
}

/**
 * What git said to a reference update: `moved` when the reference was not at the expected old value, `head` when it was to be
 * deleted and is the one that HEAD points at, which stays.
 */
export type UpdateOutcome = 'updated' | 'moved' | 'head';

/**
 * One bare repository. Every id it takes is a full object id, every path one of a file in a commit. What is asked is
 * done within bounds (bounds.ts): all of it may throw a GitLimitError or GitRoomError, and the reason of a signal that aborts.
 */
export interface GitRepository {
  /**
   * Does what working on it takes first, so that it fails before anything is answered. @param service what it is to be ready for
   * @throws GitRoomError where there is no room
   */
  ready(service?: TransportService): Promise<void>;
  /** References whose full name is one of `names`, or below one that ends in `/`; all of them without `names`. In order of name. */
  references(names?: string[]): Promise<Reference[]>;
  /**
   * Moves a reference from `oldId` (undefined: must not exist) to `newId` (undefined: delete it), if it is there.
   * @throws GitError when the name cannot exist beside another one (`a/b` beside `a`)
   */
  updateReference(
    name: string,
    newId: string | undefined,
    oldId: string | undefined,
  ): Promise<UpdateOutcome>;
  /** Makes HEAD point at a branch (full name). @param where.there only if it exists @returns whether it does so now */
  setHead(branch: string, where?: { there?: boolean }): Promise<boolean>;
  /** Full name of the branch that HEAD points at. */
  head(): Promise<string>;

  info(id: string): Promise<ObjectInfo | undefined>;
  /** The object with its content, in memory: ask `info` for the size first. */
  read(id: string): Promise<ReadObject | undefined>;
  /** The commit, or undefined when there is none with this id. */
  commit(id: string): Promise<Commit | undefined>;
  /** Entries of a tree object. @throws Error when there is no such tree */
  tree(id: string): Promise<TreeEntry[]>;
  /** The entry at a path below a tree; the tree itself for an empty path. */
  find(treeId: string, path: string): Promise<TreeEntry | undefined>;

  /** Those of `candidates` that are in a commit's history, or it itself. @throws GitError where one is not there */
  containedIn(commit: string, candidates: readonly string[]): Promise<Set<string>>;

  /**
   * Makes the objects of a commit, without any reference to it. @returns its id
   * @throws GitContentError where a file such as `.gitmodules` is one that no push may bring
   */
  writeCommit(commit: NewCommit): Promise<string>;
  /**
   * Makes durable what was written and no reference leads to. Moving a reference does so by itself.
   * @returns false where the object is gone before it was durable, and has to be written again
   */
  keepWritten(id: string): Promise<boolean>;

  /** The best common ancestor of two commits, or undefined where there is none. */
  mergeBase(a: string, b: string, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * The best common ancestors of a commit with each of others, asked of git at once.
   * @throws GitError where one is not there
   */
  mergeBases(
    commit: string,
    others: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, string | undefined>>;
  /** Merges two commits and keeps the trees and files that come of it. The same commits always give the same. */
  mergeTrees(what: MergeOf): Promise<MergedTree>;
  /** Merges two commits to look at it: what comes of it is there while `work` runs. */
  merging<T>(what: MergeOf, work: (merge: OpenMerge) => Promise<T>): Promise<T>;
  /** Commits that `tip` leads to and `without` does not, at most `most`, the newest first. */
  commitsBetween(without: string, tip: string, most: number): Promise<string[]>;
  /** The first commit on the way to `tip` that has merged `source`. */
  mergeOf(source: string, tip: string): Promise<string | undefined>;

  /** How the lines of one blob became those of another one. */
  lineChanges(
    before: string,
    after: string,
    options: { ignoreWhitespace: boolean; signal: AbortSignal },
  ): Promise<LineChange[]>;
  /** Files that differ between two trees, in order of path, read as they are asked for; from nothing where `before` is undefined. */
  differences(before: string | undefined, after: string, walk?: Walk): AsyncIterable<Difference>;
  /** The commits that changed a file, newest first, through renames. */
  fileHistory(commitId: string, path: string, signal?: AbortSignal): AsyncIterable<FileRevision>;
  /** Removes what git processes left behind that were killed: locks that would refuse later changes, half pushes. */
  removeLeftovers(ages: LeftoverAges): Promise<void>;
  /** All blobs of at most so many bytes, whatever leads to them, in no order. */
  smallBlobs(most: number, signal?: AbortSignal): AsyncIterable<Buffer>;
  /** Collects garbage if there is enough of it. Nothing that could be reached is ever lost. */
  maintain(signal?: AbortSignal): Promise<void>;
  /** Reads all objects. @returns what is wrong, in git's words; nothing where all is well */
  fsck(signal?: AbortSignal): Promise<string[]>;
  /** What the files below a tree come to. @throws GitLimitError where that is more than `most` */
  measure(treeId: string, most: TreeSize, signal?: AbortSignal): Promise<TreeSize>;
  /**
   * The files of a commit as a ZIP, with modes and symbolic links, streamed. Destroying the stream ends git. Git holds
   * all paths in memory: measure the commit's tree before.
   */
  archive(commitId: string, signal?: AbortSignal): Promise<Readable>;

  /** The answer to `GET info/refs`: streamed. */
  advertise(request: TransportRequest): Readable;
  /** The answer to `POST git-upload-pack` or `git-receive-pack`: streamed both ways. Destroying it ends git. */
  exchange(request: ExchangeRequest): Readable;
}

/** A repository elsewhere, which somebody may reach. Whoever makes one has checked where its URL leads. */
export interface Remote {
  /** `https://`, `http://` or `file://`, without credentials. */
  url: string;
  /** Those of the URL's host: no other is connected to. */
  addresses?: string[];
  /** Sent as Basic credentials. */
  credentials?: { userName: string; password: string };
}

/** A commit that was fetched, and how: see GitHost.fetched. */
export interface Fetch {
  commitIds: string[];
  /** Folders without the contents of files, where the other side can. */
  treesOnly?: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Bare repositories on this machine's disk, each known by an id that the caller makes (a UUID) and never by a
 * name that a user chose. Several servers may share the directory.
 */
export interface GitHost {
  /** Makes an empty repository durably; one that exists is left as it is. */
  create(id: string): Promise<void>;
  /** Removes a repository; one that does not exist is no error. */
  delete(id: string): Promise<void>;
  /** Tells by which key a repository lies sealed, 32 bytes, when somebody who may know it is at work. */
  unlock(id: string, key: Uint8Array): void;
  /** Seals a few bytes that belong to a repository by its key. @param place what they are, for which alone they open */
  sealFor(id: string, place: string, bytes: Uint8Array): Promise<Buffer>;
  /** @throws Error for what was not sealed so */
  openFor(id: string, place: string, sealed: Uint8Array): Promise<Buffer>;
  /** Ids of repositories that an earlier version left in the clear: `create` seals them. */
  unsealed(): Promise<string[]>;
  /** True when the repository has been made. */
  exists(id: string): Promise<boolean>;
  /** The repository with this id, whether it exists or not. @throws Error when the id is no UUID */
  repository(id: string): GitRepository;
  /** Branches and tags of a repository elsewhere, each with the commit that it leads to. @throws GitError, GitLimitError */
  remoteReferences(remote: Remote, signal?: AbortSignal): Promise<Map<string, string>>;
  /**
   * Fetches commits of a repository elsewhere, without their history, into a repository that is there while `work` runs.
   * @throws GitError, GitLimitError, and what `work` throws
   */
  fetched<T>(
    remote: Remote,
    fetch: Fetch,
    work: (repository: GitRepository) => Promise<T>,
  ): Promise<T>;
  /** A repository of somebody else's on this machine's disk, to be read by git. @param directory its real path, which is not checked */
  onDisk(directory: string): Pick<GitRepository, 'advertise' | 'exchange'>;
  /** Ends the processes that are kept ready. */
  close(): Promise<void>;
}
