import type { MergeOptionTypeEnum } from '@aws-sdk/client-codecommit';
import type { Tx } from '../../../db/database.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import type { FileChange, GitRepository } from '../../../git/git-host.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { personOf, messageOf as withoutNul } from '../history/authors.ts';
import { announceReferences, lookSoon, noteChange } from '../history/references.ts';
import { limits } from '../limits.ts';
import { KEEP } from '../model/commit-request.ts';
import { folderOf, foldersAbove } from '../model/names.ts';
import type { OpenRepository } from '../resources/repository.ts';
import { deleteMerge, insertMerge, type MergeRecord } from '../store/merges.ts';
import type { Conflict, Merging, Version } from './conflicts.ts';
import {
  concurrentReferenceUpdate,
  manualMergeRequired,
  maximumFileContentToLoadExceeded,
  maximumItemsToCompareExceeded,
} from './errors.ts';
import { comparesFiles, courseOf, evaluating, mergingOf, within } from './evaluation.ts';
import { checkMergeSettings, type MergeSettings } from './request.ts';
import { resolve } from './resolve.ts';

/** Two commits that are to become one. */
export interface NewMerge {
  repository: OpenRepository;
  option: MergeOptionTypeEnum;
  /** Commit ids. */
  source: string;
  destination: string;
  /** Of `checkMergeSettings`; a fast-forward needs none. */
  settings?: MergeSettings;
  /** As the caller calls them, for the message of a merge that comes without one. */
  names?: { source: string; destination: string };
}

export interface MergeRequest extends NewMerge {
  /** The branch that moves, without `refs/heads/`: from `destination`. */
  branch: string;
  /** Runs in the transaction that says what is to come, before the branch moves. */
  begun?: (tx: Tx, made: Made) => Promise<void>;
}

export interface Made {
  commitId: string;
  treeId: string;
  /** Undefined: the commits have no history in common. */
  baseCommitId: string | undefined;
}

/**
 * Merges a commit into a branch (CC-MRG-01), and announces that. Where there is nothing to merge, the branch stays.
 * @throws ConcurrentReferenceUpdate where the branch is not at `destination`, and the exceptions of `makeMerge`
 */
export async function mergeInto(ctx: ServiceContext, request: MergeRequest): Promise<Made> {
  const { repository, branch, destination, begun } = request;
  const { git, record } = repository;
  const reference = `refs/heads/${branch}`;
  const [tip] = await git.references([reference]);
  if (tip?.id !== destination) throw concurrentReferenceUpdate();
  const made = await makeMerge(ctx, request);
  const { repositoryId } = record;
  const noted = await ctx.transaction(async (tx) => {
    await begun?.(tx, made);
    if (made.commitId === destination) {
      // Somebody has to see what was begun to its end, should the server go now.
      if (begun) await lookSoon(ctx, tx, repositoryId);
      return undefined;
    }
    // In one with what was begun: that is forgotten once no change is under way.
    const changeId = await noteChange(ctx, tx, repositoryId, ctx.principal.arn);
    return { id: await insertMerge(tx, recordOf(ctx, { request, made, reference })), changeId };
  });
  if (!noted) return made;
  try {
    const outcome = await move(ctx, { repositoryId, changeId: noted.changeId }, () =>
      git.updateReference(reference, made.commitId, destination),
    );
    if (outcome === 'updated') return made;
  } catch (error) {
    const [now] = await git.references([reference]);
    // It has not moved, so that this was no merge.
    if (now?.id === destination) await ctx.transaction((tx) => deleteMerge(tx, noted.id));
    throw error;
  }
  await ctx.transaction((tx) => deleteMerge(tx, noted.id));
  throw concurrentReferenceUpdate();
}

async function move<T>(
  ctx: ServiceContext,
  { repositoryId, changeId }: { repositoryId: string; changeId: string },
  update: () => Promise<T>,
): Promise<T> {
  try {
    return await update();
  } finally {
    await announceReferences(ctx, repositoryId, changeId);
  }
}

/** What is kept of a merge. */
export function recordOf(
  ctx: ServiceContext,
  {
    request: { repository, option, source, destination, settings },
    made: { commitId, baseCommitId },
    reference,
  }: { request: NewMerge; made: Made; reference?: string },
): Omit<MergeRecord, 'mergeId'> {
  return {
    repositoryId: repository.record.repositoryId,
    ...{ source, destination, commitId, reference, option },
    ...{ base: baseCommitId, created: ctx.clock.now() },
    // A fast-forward asks for neither.
    detailLevel: option === 'FAST_FORWARD_MERGE' ? undefined : settings?.detailLevel,
    strategy: option === 'FAST_FORWARD_MERGE' ? undefined : settings?.strategy,
  };
}

/** What a merge has made is gone before a commit had it: nothing of it was durable. It is made again. */
class MergeLostError extends Error {
  constructor(cause: Error) {
    super('What was merged is gone', { cause });
  }
}

const MOST_ATTEMPTS = 3;

/**
 * Makes what the branch is to be at. No reference names it yet.
 * @throws ManualMergeRequired, InvalidConflictResolution, InvalidFileMode, CommitDoesNotExist, TipsDivergenceExceeded,
 * MaximumItemsToCompareExceeded, MaximumFileContentToLoadExceeded exceptions
 */
export async function makeMerge(ctx: ServiceContext, request: NewMerge): Promise<Made> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await makeOnce(ctx, request);
    } catch (error) {
      if (!(error instanceof MergeLostError) || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

async function makeOnce(ctx: ServiceContext, request: NewMerge): Promise<Made> {
  const { repository, option, settings = checkMergeSettings({}) } = request;
  const { git } = repository;
  const { signal } = ctx;
  const merging = await mergingOf(git, request, signal);
  const { source, destination, base } = merging;
  const course = courseOf(merging);
  const asIs = ({ id: commitId, tree: treeId }: Merging['source']) => ({
    ...{ commitId, treeId, baseCommitId: base?.id },
  });
  if (course === 'nothing to merge') return asIs(destination);
  if (option === 'FAST_FORWARD_MERGE') {
    if (course !== 'fast forward') throw manualMergeRequired();
    return asIs(source);
  }
  const { tree, changes } = await mergedFiles(git, { merging, settings, signal });
  const parents = option === 'SQUASH_MERGE' ? [destination.id] : [destination.id, source.id];
  const person = personOf(ctx, { name: settings.authorName, email: settings.email });
  const message = withoutNul(settings.commitMessage) || (await defaultMessage(git, request));
  const commit = {
    ...{ parents, author: person, committer: person },
    message: withoutNul(message),
  };
  let commitId = await whileThere(git, tree, () => git.writeCommit({ ...commit, tree, changes }));
  let treeId = (await git.commit(commitId))?.tree ?? '';
  const kept = settings.keepEmptyFolders
    ? await within(maximumItemsToCompareExceeded, signal, (inTime) =>
        lostFolders(git, [destination.tree, treeId], inTime),
      )
    : [];
  if (kept.length > 0) {
    commitId = await git.writeCommit({ ...commit, tree: treeId, changes: kept.map(keeper) });
    treeId = (await git.commit(commitId))?.tree ?? '';
  }
  return { commitId, treeId, baseCommitId: base?.id };
}

/** @throws MergeLostError where `work` failed as `tree` is not there any more */
async function whileThere<T>(git: GitRepository, tree: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw (await git.info(tree)) ? error : new MergeLostError(error as Error);
  }
}

interface MergedFiles {
  tree: string;
  changes: FileChange[];
}

interface Decision {
  merging: Merging;
  settings: MergeSettings;
  signal: AbortSignal;
}

/** The merged files: looked at first, so that a merge that is refused leaves nothing, and then made for good. */
async function mergedFiles(git: GitRepository, decision: Decision): Promise<MergedFiles> {
  const { merging, settings, signal } = decision;
  const { source, destination } = merging;
  const clean = { open: [], conflicts: [], mergeable: true };
  if (courseOf(merging) === 'fast forward') {
    return { tree: source.tree, changes: resolve(clean, settings, contentOf) };
  }
  const found = await decide(git, decision);
  const what = { ours: destination.id, theirs: source.id, wholeFiles: comparesFiles(settings) };
  const { tree } = await within(maximumFileContentToLoadExceeded, signal, () =>
    git.mergeTrees({ ...what, signal }),
  );
  const merged = new Map<Conflict, Version>();
  for (const conflict of found.also) {
    const entry = await whileThere(git, tree, () => git.find(tree, conflict.path));
    if (entry) merged.set(conflict, entry);
  }
  const changes = resolve(
    found,
    settings,
    (conflict) => merged.get(conflict) ?? contentOf(conflict),
  );
  return { tree, changes };
}

/** What the merge leaves to be decided. @throws ManualMergeRequiredException where `settings` do not decide it all */
async function decide(git: GitRepository, { merging, settings, signal }: Decision) {
  const found = await evaluating(git, { merging, settings, signal }, async (evaluation) => ({
    ...evaluation,
    merge: undefined,
  }));
  const also = await alsoDecided(git, { merging, settings, signal }, found.conflicts);
  const all = { ...found, also, conflicts: [...found.conflicts, ...also] };
  const isAlso = new Set(also);
  resolve(all, settings, (conflict) =>
    isAlso.has(conflict) ? conflict.versions.destination : contentOf(conflict),
  );
  return all;
}

/**
 * Of files whose lines could be merged somebody may say what becomes of them, too: both sides have changed them, which is
 * a conflict of files.
 */
async function alsoDecided(
  git: GitRepository,
  { merging, settings, signal }: Decision,
  conflicts: readonly Conflict[],
): Promise<Conflict[]> {
  const { resolution, detailLevel } = settings;
  const known = new Set(conflicts.map(({ path }) => path));
  const others = [...(resolution?.keys() ?? [])].filter((path) => !known.has(path));
  if (others.length === 0 || detailLevel === 'LINE_LEVEL') return [];
  const files = { detailLevel, strategy: 'NONE' } as const;
  return await evaluating(git, { merging, settings: files, signal }, async (evaluation) =>
    evaluation.conflicts.filter(({ path }) => others.includes(path)),
  );
}

/** The content that is not in conflict, where only modes are. */
function contentOf({ versions: { base, source, destination } }: Conflict): Version | undefined {
  if (!source || !destination) return undefined;
  if (source.id === destination.id || base?.id === source.id) return destination;
  return base?.id === destination.id ? source : undefined;
}

const keeper = (folder: string): FileChange => ({
  ...{ path: `${folder}/${KEEP}`, mode: '100644', content: new Uint8Array() },
});

/**
 * Folders of the first tree that have lost their last file: the innermost ones (CC-MRG-07). Where there is a file now, none is
 * lost.
 * @throws MaximumItemsToCompareExceededException
 */
async function lostFolders(
  git: GitRepository,
  [before, after]: [string, string],
  signal: AbortSignal,
): Promise<string[]> {
  const folders = new Set<string>();
  for await (const { change, before: file } of git.differences(before, after, { signal })) {
    if (change !== 'D' || !file?.path.includes('/')) continue;
    folders.add(folderOf(file.path));
    if (folders.size > limits.merge.items) throw maximumItemsToCompareExceeded();
  }
  const lost: string[] = [];
  for (const folder of folders) {
    signal.throwIfAborted();
    if (await isGone(git, after, folder)) lost.push(folder);
  }
  const outer = new Set(lost.flatMap(foldersAbove));
  return lost.filter((folder) => !outer.has(folder));
}

/** Is there nothing at this path, and no file above it? */
async function isGone(git: GitRepository, tree: string, folder: string): Promise<boolean> {
  for (const above of foldersAbove(folder)) {
    const entry = await git.find(tree, above);
    if (!entry) return true;
    if (entry.mode !== '040000') return false;
  }
  return !(await git.find(tree, folder));
}

/** A squash says what it is made of, as `git merge --squash` proposes it; both within AWS's limit. */
async function defaultMessage(
  git: GitRepository,
  { option, source, destination, names }: NewMerge,
): Promise<string> {
  if (option !== 'SQUASH_MERGE')
    return `Merge ${names?.source ?? source} into ${names?.destination ?? destination}`;
  const messages: string[] = [];
  let size = 0;
  for (const id of (
    await git.commitsBetween(destination, source, limits.squashedMessages)
  ).reverse()) {
    const message = (await messageOf(git, id)).trimEnd();
    size += Buffer.byteLength(message) + 2;
    if (size > limits.commitMessage) break;
    messages.push(message);
  }
  return messages.join('\n\n');
}

/** Empty for a commit that is too large to be read. */
async function messageOf(git: GitRepository, id: string): Promise<string> {
  try {
    return (await git.commit(id))?.message ?? '';
  } catch (error) {
    if (error instanceof GitLimitError) return '';
    throw error;
  }
}
