import { GitLimitError } from '../../../git/bounds.ts';
import type { Difference, GitRepository, OpenMerge } from '../../../git/git-host.ts';
import { needCommit } from '../history/commits.ts';
import { limits } from '../limits.ts';
import { type Conflict, conflictsOf, type Merging } from './conflicts.ts';
import {
  maximumFileContentToLoadExceeded,
  maximumItemsToCompareExceeded,
  tipsDivergenceExceeded,
} from './errors.ts';
import type { ConflictSettings } from './request.ts';

/** Until the caller is gone, or has waited long enough. */
const inTime = (caller: AbortSignal): AbortSignal =>
  AbortSignal.any([caller, AbortSignal.timeout(limits.comparisonMs)]);

/**
 * Runs what git has bounds for. Its time begins here: what was waited for before, as the end of other callers' merges,
 * says nothing of the size of this one.
 * @param beyond AWS's name of the bounds
 * @param caller aborts when nobody waits any more
 */
export async function within<T>(
  beyond: () => Error,
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await work(inTime(caller));
  } catch (error) {
    const isLimit = error instanceof GitLimitError || (error as Error).name === 'TimeoutError';
    throw isLimit ? beyond() : error;
  }
}

/** The commits of a merge with their base. @throws CommitDoesNotExist, TipsDivergenceExceeded exceptions */
export async function mergingOf(
  git: GitRepository,
  { source, destination }: { source: string; destination: string },
  caller: AbortSignal,
): Promise<Merging> {
  const commitOf = async (id: string) => ({ id, tree: (await needCommit(git, id)).tree });
  const sides = { source: await commitOf(source), destination: await commitOf(destination) };
  const base = await within(tipsDivergenceExceeded, caller, (signal) =>
    git.mergeBase(destination, source, signal),
  );
  return { ...sides, base: base === undefined ? undefined : await commitOf(base) };
}

/** Is there nothing to be decided, since only one side has gone on? */
export type Course = 'nothing to merge' | 'fast forward' | 'merge';

export function courseOf({ base, source, destination }: Merging): Course {
  if (base?.id === source.id) return 'nothing to merge';
  return base?.id === destination.id ? 'fast forward' : 'merge';
}

/** Does what was asked for compare whole files? AUTOMERGE tries to merge them, at whatever level. */
export const comparesFiles = ({ detailLevel, strategy }: ConflictSettings) =>
  detailLevel === 'FILE_LEVEL' && strategy !== 'AUTOMERGE';

/** A merge that is looked at. */
export interface Evaluation {
  merging: Merging;
  /** Undefined where only one side has gone on. */
  merge: OpenMerge | undefined;
  /** Those that git leaves, at the level that was asked for. */
  conflicts: Conflict[];
  /** Those of them that the strategy does not settle. */
  open: Conflict[];
  /** Would it merge as it is, without a resolution by hand? */
  mergeable: boolean;
}

/** Of a fast-forward nothing else counts. */
export const byAncestry = (merging: Merging): Evaluation => ({
  ...{ merging, merge: undefined, conflicts: [], open: [] },
  mergeable: courseOf(merging) !== 'merge',
});

/**
 * Looks what a merge would come to, while `work` runs; nothing of it stays in the repository.
 * @throws TipsDivergenceExceeded, MaximumItemsToCompareExceeded, MaximumFileContentToLoadExceeded exceptions
 */
export async function evaluating<T>(
  git: GitRepository,
  {
    merging,
    settings,
    signal: caller,
  }: { merging: Merging; settings: ConflictSettings; signal: AbortSignal },
  work: (evaluation: Evaluation) => Promise<T>,
): Promise<T> {
  if (courseOf(merging) !== 'merge') return await work(byAncestry(merging));
  await checkSize(git, merging, caller);
  const { source, destination } = merging;
  const what = { ours: destination.id, theirs: source.id, wholeFiles: comparesFiles(settings) };
  const merge = (then: (open: OpenMerge) => Promise<Outcome<T>>) =>
    // It has a time of its own once it has its turn.
    within(maximumFileContentToLoadExceeded, caller, () =>
      git.merging({ ...what, signal: caller }, then),
    );
  const outcome = await merge(async (open) => {
    const conflicts = await conflictsOf(git, open, merging, inTime(caller));
    const isAccepting = settings.strategy.startsWith('ACCEPT_');
    const evaluation: Evaluation = {
      ...{ merging, merge: open, conflicts, open: isAccepting ? [] : conflicts },
      mergeable: open.clean || (isAccepting && conflicts.length > 0),
    };
    // What `work` throws is its own, also where it is a limit of git's.
    return await work(evaluation).then(
      (value) => ({ value }),
      (error) => ({ error }),
    );
  });
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

type Outcome<T> = { value: T } | { error: unknown };

/** What git would have to hold, found before it begins: a few folders can stand for any number of files. */
async function checkSize(git: GitRepository, merging: Merging, caller: AbortSignal): Promise<void> {
  const { base, source, destination } = merging;
  const changed = (tree: string) =>
    within(maximumItemsToCompareExceeded, caller, (signal) =>
      changedFiles(git, { before: base?.tree, tree, signal }),
    );
  const [ours, theirs] = [await changed(destination.tree), await changed(source.tree)];
  const versions = new Set<string>();
  let files = 0;
  for (const [place, mine] of ours) {
    const other = theirs.get(place);
    if (!other || mine.after?.id === other.after?.id) continue;
    if (++files > limits.merge.files) throw maximumFileContentToLoadExceeded();
    for (const side of [mine.before, mine.after, other.after])
      if (side && side.mode !== '160000') versions.add(side.id);
  }
  let bytes = 0;
  const sizes = await Promise.all([...versions].map((id) => git.info(id)));
  for (const size of sizes) {
    bytes += size?.size ?? 0;
    if ((size?.size ?? 0) > limits.merge.file || bytes > limits.merge.bytes)
      throw maximumFileContentToLoadExceeded();
  }
}

async function changedFiles(
  git: GitRepository,
  { before, tree, signal }: { before: string | undefined; tree: string; signal: AbortSignal },
): Promise<Map<string, Difference>> {
  const found = new Map<string, Difference>();
  let pathBytes = 0;
  for await (const difference of git.differences(before, tree, { signal })) {
    found.set(difference.place, difference);
    // Paths may be as long as somebody makes them.
    pathBytes += difference.place.length;
    if (found.size > limits.merge.items || pathBytes > limits.merge.pathBytes)
      throw maximumItemsToCompareExceeded();
  }
  return found;
}
