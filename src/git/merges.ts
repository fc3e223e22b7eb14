import { MERGE, SHORT } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import {
  type LineChange,
  type MergedTree,
  parseLineChanges,
  parseMergeTree,
} from './merge-tree.ts';
import { isObjectId } from './names.ts';
import { type ObjectInfo, ObjectReader, type ReadObject } from './object-reader.ts';
import { GitError, outputOf, runGit, startGit } from './process.ts';
import { withScratch } from './scratch.ts';

/** What is to be merged. */
export interface MergeOf {
  /** The commit that is merged into. */
  ours: string;
  theirs: string;
  /** Lines are not merged: a file that both sides changed is in conflict. */
  wholeFiles?: boolean;
  signal?: AbortSignal | undefined;
}

/** A merge and the objects that it has made, while they are there. */
export interface OpenMerge extends MergedTree {
  info(id: string): Promise<ObjectInfo | undefined>;
  read(id: string): Promise<ReadObject | undefined>;
  /** How the lines of one blob became those of another one, as merging sees it. */
  lineChanges(before: string, after: string): Promise<LineChange[]>;
}

/** Objects of a repository, by id. */
export interface ObjectsById {
  info(id: string): Promise<ObjectInfo | undefined>;
  read(id: string): Promise<ReadObject | undefined>;
}

/** What merge-tree ends with where there are conflicts. */
const CONFLICTS = 1;

function checkIds(...ids: string[]): void {
  if (!ids.every(isObjectId)) throw new Error('Not an object id');
}

/** The best common ancestor of two commits, or undefined where there is none. */
export async function mergeBase(
  runtime: GitRuntime,
  directory: string,
  [a, b]: [string, string],
  signal?: AbortSignal,
): Promise<string | undefined> {
  checkIds(a, b);
  try {
    const bounds = { ...SHORT, signal };
    const output = await runGit(runtime, directory, ['merge-base', a, b], { bounds });
    return output.toString().trim();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

/** Commits that `tip` leads to and `without` does not, the newest first. */
export async function commitsBetween(
  runtime: GitRuntime,
  directory: string,
  { without, tip, most }: { without: string; tip: string; most: number },
): Promise<string[]> {
  checkIds(without, tip);
  const args = ['rev-list', `--max-count=${most}`, tip, `^${without}`];
  return lines(await runGit(runtime, directory, args));
}

/** The first commit on the way to `tip` that has merged `source`: it is a parent, and not the first. */
export async function mergeOf(
  runtime: GitRuntime,
  directory: string,
  { source, tip }: { source: string; tip: string },
): Promise<string | undefined> {
  checkIds(source, tip);
  const args = ['rev-list', '--merges', '--parents', '--ancestry-path', tip, `^${source}`];
  const merges = lines(await runGit(runtime, directory, args)).map((line) => line.split(' '));
  return merges.findLast(([, , ...merged]) => merged.includes(source))?.[0];
}

const lines = (output: Buffer) =>
  output
    .toString()
    .split('\n')
    .filter((line) => line !== '');

/** Merges two commits. What git makes of it stays in the repository, or goes where `env` says. */
export async function mergeTrees(
  runtime: GitRuntime,
  directory: string,
  { ours, theirs, wholeFiles = false, signal }: MergeOf,
  env: Record<string, string> = {},
): Promise<MergedTree> {
  checkIds(ours, theirs);
  // A driver that merges no lines stands for the usual one; the attributes of files in commits do not count.
  const settings = [`merge.default=${wholeFiles ? 'binary' : 'text'}`, 'merge.renames=true'];
  const args = ['merge-tree', '--write-tree', '-z', '--no-messages', '--allow-unrelated-histories'];
  const config = [...settings, ...(env.GIT_OBJECT_DIRECTORY ? ['core.fsync=none'] : [])];
  const command = [...config.flatMap((setting) => ['-c', setting]), ...args, ours, theirs];
  const release = await runtime.slots.merge.take(signal);
  try {
    const git = startGit(runtime, directory, command, {
      env: { GIT_DIR: directory, ...env },
      bounds: { ...MERGE, signal },
    });
    git.process.stdin.end();
    const output = await outputOf(git, 'merges with so many conflicts', signal, [0, CONFLICTS]);
    return parseMergeTree(output, await git.closed);
  } finally {
    release();
  }
}

/**
 * Merges two commits, and removes what git has made of it once `work` has ended. That may have three versions of a large file in
 * memory, so that few do it at one time.
 */
export async function merging<T>(
  runtime: GitRuntime,
  { directory, objects }: { directory: string; objects: ObjectsById },
  what: MergeOf,
  work: (merge: OpenMerge) => Promise<T>,
): Promise<T> {
  const release = await runtime.slots.look.take(what.signal);
  try {
    return await withScratch(directory, async (env) => {
      const merged = await mergeTrees(runtime, directory, what, env);
      let made: ObjectReader | undefined;
      const reader = () => {
        made ??= new ObjectReader(runtime, directory, env);
        return made;
      };
      try {
        return await work({
          ...merged,
          info: async (id) => (await objects.info(id)) ?? (await reader().info(id)),
          read: async (id) => (await objects.read(id)) ?? (await reader().read(id)),
          lineChanges: (...blobs) =>
            lineChanges(runtime, directory, blobs, { env, args: AS_MERGES, signal: what.signal }),
        });
      } finally {
        made?.close();
      }
    });
  } finally {
    release();
  }
}

/** Compares two blobs line by line. */
export async function lineChanges(
  runtime: GitRuntime,
  directory: string,
  [before, after]: readonly [string, string],
  { env = {}, args, signal }: LineComparison,
): Promise<LineChange[]> {
  checkIds(before, after);
  const options = ['--unified=0', '--text', '--no-color', '--no-ext-diff', '--no-textconv'];
  const git = startGit(runtime, directory, ['diff', ...options, ...args, before, after], {
    env: { GIT_DIR: directory, ...env },
    bounds: { ...SHORT, signal },
  });
  git.process.stdin.end();
  return parseLineChanges(await outputOf(git, 'comparisons of files of this size', signal));
}

interface LineComparison {
  env?: Record<string, string>;
  args: readonly string[];
  signal: AbortSignal | undefined;
}

/** As git's merges do: by histogram, without the heuristics for readers. */
const AS_MERGES = ['--histogram', '--no-indent-heuristic'];
