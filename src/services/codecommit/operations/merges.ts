import type { MergeOptionTypeEnum } from '@aws-sdk/client-codecommit';
import type { Named } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { findCommit } from '../history/commits.ts';
import { type Made, makeMerge, mergeInto, type NewMerge, recordOf } from '../merges/merge.ts';
import {
  type AskedMerge,
  checkConflictSettings,
  checkMergeOption,
  checkMergeSettings,
  type MergeSettings,
} from '../merges/request.ts';
import { checkSpecifier, checkTarget, checkTip } from '../merges/target.ts';
import type { AskedTarget } from '../model/names.ts';
import { unreferencedMergeEvent } from '../model/references.ts';
import { atRepository, atTarget, openRepository } from '../resources/repository.ts';
import { findMergeCommit, insertMerge } from '../store/merges.ts';
import { codecommit } from './declare.ts';

const MOST_ATTEMPTS = 3;

/** How most operations name the two commits. */
interface Specifiers {
  sourceCommitSpecifier: string | undefined;
  destinationCommitSpecifier: string | undefined;
}

function checkSpecifiers({ sourceCommitSpecifier, destinationCommitSpecifier }: Specifiers) {
  return {
    source: checkSpecifier(sourceCommitSpecifier),
    destination: checkSpecifier(destinationCommitSpecifier),
  };
}

async function mergeBranches(
  ctx: ServiceContext,
  input: Specifiers & AskedTarget,
  {
    located,
    option,
    settingsOf,
  }: {
    located: Named;
    option: MergeOptionTypeEnum;
    /** Checks what else the caller says. */
    settingsOf: () => MergeSettings;
  },
) {
  const specifiers = checkSpecifiers(input);
  const branch = checkTarget(input);
  const settings = settingsOf();
  const repository = await openRepository(ctx, located);
  const source = await findCommit(repository, specifiers.source);
  const destination = await findCommit(repository, specifiers.destination);
  await checkTip(repository, { branch, destination: destination.id, asked: input });
  const { commitId, treeId } = await mergeInto(ctx, {
    ...{ repository, option, branch, settings },
    ...{ source: source.id, destination: destination.id },
    names: { source: specifiers.source, destination: branch },
  });
  return { commitId, treeId };
}

/** CC-MG-07 */
export const mergeBranchesByFastForward = codecommit(
  'mergeBranchesByFastForward',
  atTarget,
  (ctx, input, located) =>
    mergeBranches(ctx, input, {
      ...{ located, option: 'FAST_FORWARD_MERGE' },
      settingsOf: () => checkMergeSettings({}),
    }),
);

/** CC-MG-08 */
export const mergeBranchesBySquash = codecommit(
  'mergeBranchesBySquash',
  atTarget,
  (ctx, input, located) =>
    mergeBranches(ctx, input, {
      ...{ located, option: 'SQUASH_MERGE' },
      settingsOf: () => checkMergeSettings(asked(input)),
    }),
);

/** CC-MG-09 */
export const mergeBranchesByThreeWay = codecommit(
  'mergeBranchesByThreeWay',
  atTarget,
  (ctx, input, located) =>
    mergeBranches(ctx, input, {
      ...{ located, option: 'THREE_WAY_MERGE' },
      settingsOf: () => checkMergeSettings(asked(input)),
    }),
);

const asked = ({
  conflictDetailLevel,
  conflictResolutionStrategy,
  authorName,
  email,
  commitMessage,
  keepEmptyFolders,
  conflictResolution,
}: AskedMerge): AskedMerge => ({
  ...{ conflictDetailLevel, conflictResolutionStrategy, authorName, email, commitMessage },
  ...{ keepEmptyFolders, conflictResolution },
});

/** Makes it again where what it is made of is thrown away before it is durable, as it is when memory runs out. */
async function keptMerge(ctx: ServiceContext, request: NewMerge): Promise<Made> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const made = await makeMerge(ctx, request);
    if (await request.repository.git.keepWritten(made.commitId)) return made;
  }
  throw new Error('A merge is gone each time before it is kept');
}

/** CC-MG-06: made like the others, but no reference leads to it. */
export const createUnreferencedMergeCommit = codecommit(
  'createUnreferencedMergeCommit',
  atRepository,
  async (ctx, input, located) => {
    const specifiers = checkSpecifiers(input);
    const option = checkMergeOption(input.mergeOption, { fastForward: false });
    const settings = checkMergeSettings(asked(input));
    const repository = await openRepository(ctx, located);
    const source = await findCommit(repository, specifiers.source);
    const destination = await findCommit(repository, specifiers.destination);
    const request = {
      ...{ repository, option, settings, names: specifiers },
      ...{ source: source.id, destination: destination.id },
    };
    const made = await keptMerge(ctx, request);
    const { commitId, treeId } = made;
    // Where there is nothing to merge there is no new commit to tell of.
    if (commitId === destination.id) return { commitId, treeId };
    const record = recordOf(ctx, { request, made });
    await ctx.transaction(async (tx) => {
      await insertMerge(tx, record);
      await ctx.events.publish(tx, unreferencedMergeEvent(repository.record, record));
    });
    return { commitId, treeId };
  },
);

/** CC-MG-05: a merge that was made here, or by a push that the destination has. */
export const getMergeCommit = codecommit(
  'getMergeCommit',
  atRepository,
  async (ctx, input, located) => {
    const specifiers = checkSpecifiers(input);
    checkConflictSettings(input);
    const repository = await openRepository(ctx, located);
    const { git, record } = repository;
    const source = await findCommit(repository, specifiers.source);
    const destination = await findCommit(repository, specifiers.destination);
    const known = await findMergeCommit(ctx.db, record.repositoryId, {
      ...{ source: source.id, destination: destination.id },
      ...{ detailLevel: input.conflictDetailLevel, strategy: input.conflictResolutionStrategy },
    });
    const mergedCommitId = known?.commitId ?? (await git.mergeOf(source.id, destination.id));
    const merged = known || !mergedCommitId ? undefined : await git.commit(mergedCommitId);
    // What a branch was before it had the source.
    const into = merged?.parents[0] ?? destination.id;
    const baseCommitId = known ? known.base : await git.mergeBase(into, source.id);
    return {
      ...{ sourceCommitId: source.id, destinationCommitId: destination.id },
      ...(baseCommitId && { baseCommitId }),
      ...(mergedCommitId && { mergedCommitId }),
    };
  },
);
