import type {
  BatchDescribeMergeConflictsError,
  ConflictMetadata,
  Conflict as ConflictView,
  MergeHunk,
  MergeOptionTypeEnum,
} from '@aws-sdk/client-codecommit';
import type { OpenMerge } from '../../../git/git-host.ts';
import { pageOfList } from '../../../kit/pages.ts';
import type { Named } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { fileDoesNotExist, invalidPath, pathRequired } from '../errors.ts';
import { findCommit } from '../history/commits.ts';
import { limits } from '../limits.ts';
import type { Conflict } from '../merges/conflicts.ts';
import { type DescribedConflict, describe, hunksOf } from '../merges/description.ts';
import {
  invalidDestinationCommitSpecifier,
  invalidMaxConflictFiles,
  invalidMaxMergeHunks,
  invalidSourceCommitSpecifier,
  tipsDivergenceExceeded,
} from '../merges/errors.ts';
import {
  byAncestry,
  comparesFiles,
  courseOf,
  type Evaluation,
  evaluating,
  mergingOf,
} from '../merges/evaluation.ts';
import {
  type AskedConflicts,
  type ConflictSettings,
  checkConflictSettings,
  checkMergeOption,
} from '../merges/request.ts';
import { checkSpecifier } from '../merges/target.ts';
import { normalizePath } from '../model/names.ts';
import { atRepository, openRepository } from '../resources/repository.ts';
import { asked, checkMaxResults } from './arguments.ts';
import { codecommit } from './declare.ts';

interface Looked extends AskedConflicts {
  source: string;
  destination: string;
  settings: ConflictSettings;
  /** Their files do not count. */
  ancestryOnly?: boolean;
}

/** Looks at the merge of two commits, and adds which they are to what `work` says. */
async function lookingAt<T extends object>(
  ctx: ServiceContext,
  located: Named,
  { source, destination, settings, ancestryOnly = false }: Looked,
  work: (evaluation: Evaluation & { repositoryId: string }) => Promise<T>,
) {
  const repository = await openRepository(ctx, located);
  const { repositoryId } = repository.record;
  const look = (evaluation: Evaluation) => work({ ...evaluation, repositoryId });
  const sides = {
    source: (await findCommit(repository, source)).id,
    destination: (await findCommit(repository, destination)).id,
  };
  const { signal } = ctx;
  const merging = await mergingOf(repository.git, sides, signal);
  const said = ancestryOnly
    ? await look(byAncestry(merging))
    : await evaluating(repository.git, { merging, settings, signal }, look);
  return {
    ...said,
    ...{ sourceCommitId: sides.source, destinationCommitId: sides.destination },
    ...(merging.base && { baseCommitId: merging.base.id }),
  };
}

const filesOf = (maxConflictFiles: number | undefined) =>
  checkMaxResults(maxConflictFiles, limits.mostConflictFilesPage, {
    usual: limits.conflictFilesPage,
    invalid: invalidMaxConflictFiles,
  });

const hunkCount = (maxMergeHunks: number | undefined) =>
  checkMaxResults(maxMergeHunks, limits.mostMergeHunksPage, {
    usual: limits.mergeHunksPage,
    invalid: invalidMaxMergeHunks,
  });

/** CC-MG-01 */
export const getMergeOptions = codecommit(
  'getMergeOptions',
  atRepository,
  async (ctx, input, located) => {
    const looked = {
      source: checkSpecifier(input.sourceCommitSpecifier),
      destination: checkSpecifier(input.destinationCommitSpecifier),
      settings: checkConflictSettings(input),
    };
    return await lookingAt(ctx, located, looked, async ({ merging, mergeable }) => {
      // The answer has to have a base.
      if (!merging.base) throw tipsDivergenceExceeded();
      const mergeOptions: MergeOptionTypeEnum[] = [
        ...(courseOf(merging) === 'merge' ? [] : (['FAST_FORWARD_MERGE'] as const)),
        ...(mergeable ? (['SQUASH_MERGE', 'THREE_WAY_MERGE'] as const) : []),
      ];
      return { mergeOptions, baseCommitId: merging.base.id };
    });
  },
);

/** CC-MG-02 */
export const getMergeConflicts = codecommit(
  'getMergeConflicts',
  atRepository,
  async (ctx, input, located) => {
    const destination = checkSpecifier(
      input.destinationCommitSpecifier,
      invalidDestinationCommitSpecifier,
    );
    const source = checkSpecifier(input.sourceCommitSpecifier, invalidSourceCommitSpecifier);
    const option = checkMergeOption(input.mergeOption, { fastForward: true });
    const settings = checkConflictSettings(input);
    const size = filesOf(input.maxConflictFiles);
    const ancestryOnly = option === 'FAST_FORWARD_MERGE';
    const looked = { source, destination, settings, ancestryOnly };
    return await lookingAt(
      ctx,
      located,
      looked,
      async ({ merge, mergeable, open, repositoryId }) => {
        const page = asked(input, size, repositoryId);
        const { items, nextToken } = pageOfList(ctx, page, open, placeOf);
        const conflictMetadataList: ConflictMetadata[] = [];
        for await (const { metadata } of described(merge, items, settings))
          conflictMetadataList.push(metadata);
        return {
          mergeable,
          conflictMetadataList,
          ...(nextToken && { nextToken }),
        };
      },
    );
  },
);

/** One after another: their contents are in memory only then. */
async function* described(
  merge: OpenMerge | undefined,
  conflicts: readonly Conflict[],
  settings: ConflictSettings,
): AsyncGenerator<DescribedConflict> {
  const byLines = !comparesFiles(settings);
  if (merge) for (const conflict of conflicts) yield await describe(merge, conflict, { byLines });
}

/** CC-MG-04 */
export const describeMergeConflicts = codecommit(
  'describeMergeConflicts',
  atRepository,
  async (ctx, input, located) => {
    const destination = checkSpecifier(input.destinationCommitSpecifier);
    const source = checkSpecifier(input.sourceCommitSpecifier);
    checkMergeOption(input.mergeOption, { fastForward: false });
    if (!input.filePath) throw pathRequired();
    const path = normalizePath(input.filePath);
    if (!path) throw invalidPath();
    const settings = checkConflictSettings(input);
    const size = hunkCount(input.maxMergeHunks);
    return await lookingAt(ctx, located, { source, destination, settings }, async (evaluation) => {
      const conflict = evaluation.open.find((one) => one.path === path);
      if (!conflict || !evaluation.merge) throw fileDoesNotExist(path);
      const found = await describe(evaluation.merge, conflict, {
        byLines: !comparesFiles(settings),
      });
      const regions = found.regions.map((region, index) => ({ region, index }));
      const { maxMergeHunks: _, ...list } = input;
      const page = asked(list, size, evaluation.repositoryId);
      const { items, nextToken } = pageOfList(ctx, page, regions, ({ index }) => index);
      const shown = items.map(({ region }) => region);
      return {
        conflictMetadata: found.metadata,
        mergeHunks: hunksOf(found, shown),
        ...(nextToken && { nextToken }),
      };
    });
  },
);

/** CC-MG-03 */
export const batchDescribeMergeConflicts = codecommit(
  'batchDescribeMergeConflicts',
  atRepository,
  async (ctx, input, located) => {
    const destination = checkSpecifier(input.destinationCommitSpecifier);
    const source = checkSpecifier(input.sourceCommitSpecifier);
    checkMergeOption(input.mergeOption, { fastForward: false });
    const settings = checkConflictSettings(input);
    const hunks = hunkCount(input.maxMergeHunks);
    const size = filesOf(input.maxConflictFiles);
    return await lookingAt(ctx, located, { source, destination, settings }, async (evaluation) => {
      const { wanted, errors } = wantedOf(evaluation.open, input.filePaths ?? []);
      const page = asked(input, size, evaluation.repositoryId);
      const all = pageOfList(ctx, page, wanted, placeOf).items;
      const conflicts: ConflictView[] = [];
      let [bytes, limit] = [0, 0];
      for await (const found of described(evaluation.merge, all, settings)) {
        limit += 1;
        try {
          const mergeHunks = hunksOf(found, found.regions.slice(0, hunks));
          conflicts.push({ conflictMetadata: found.metadata, mergeHunks });
          bytes += bytesOf(mergeHunks);
        } catch (error) {
          if ((error as Error).name !== 'MaximumFileContentToLoadExceededException') throw error;
          errors.push(errorOf(found.conflict.path, error as Error));
        }
        if (bytes > limits.hunkBytes) break;
      }
      // Where the hunks came to as much as one answer holds, the page has ended early.
      const { nextToken } = pageOfList(ctx, { ...page, limit }, wanted, placeOf);
      return { conflicts, errors, ...(limit > 0 && nextToken && { nextToken }) };
    });
  },
);

const placeOf = ({ place }: Conflict) => place;

function bytesOf(hunks: readonly MergeHunk[]): number {
  const sides = hunks.flatMap(({ base, source, destination }) => [base, source, destination]);
  return sides.reduce((sum, side) => sum + (side?.hunkContent?.length ?? 0), 0);
}

const errorOf = (filePath: string, { name, message }: Error): BatchDescribeMergeConflictsError => ({
  ...{ filePath, exceptionName: name, message },
});

/** Those that were asked for; all where none was. */
function wantedOf(
  open: readonly Conflict[],
  filePaths: readonly string[],
): { wanted: Conflict[]; errors: BatchDescribeMergeConflictsError[] } {
  if (filePaths.length === 0) return { wanted: [...open], errors: [] };
  const byPath = new Map(open.map((conflict) => [conflict.path, conflict]));
  const wanted = new Set<Conflict>();
  const errors: BatchDescribeMergeConflictsError[] = [];
  for (const filePath of new Set(filePaths)) {
    const path = normalizePath(filePath);
    const conflict = path ? byPath.get(path) : undefined;
    if (conflict) wanted.add(conflict);
    else errors.push(errorOf(filePath, path ? fileDoesNotExist(filePath) : invalidPath()));
  }
  return { wanted: [...wanted], errors };
}
