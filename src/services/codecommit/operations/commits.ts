import type { BatchGetCommitsError, Commit } from '@aws-sdk/client-codecommit';
import { isObjectId } from '../../../git/names.ts';
import {
  commitIdDoesNotExist,
  commitIdsLimitExceeded,
  commitIdsListRequired,
  invalidCommitId,
} from '../errors.ts';
import { limits } from '../limits.ts';
import { commitView } from '../model/views.ts';
import { atRepository, openRepository } from '../resources/repository.ts';
import { checkCommitId } from './arguments.ts';
import { codecommit } from './declare.ts';

export const getCommit = codecommit('getCommit', atRepository, async (ctx, input, located) => {
  const commitId = checkCommitId(input.commitId);
  const { git } = await openRepository(ctx, located);
  const commit = await git.commit(commitId);
  if (!commit) throw commitIdDoesNotExist(commitId);
  return { commit: commitView(commit) };
});

export const batchGetCommits = codecommit(
  'batchGetCommits',
  atRepository,
  async (ctx, input, located) => {
    const ids = input.commitIds ?? [];
    if (ids.length === 0) throw commitIdsListRequired();
    if (ids.length > limits.batchCommits) throw commitIdsLimitExceeded();
    const { git } = await openRepository(ctx, located);
    const commits: Commit[] = [];
    const errors: BatchGetCommitsError[] = [];
    for (const commitId of ids) {
      const commit = isObjectId(commitId) ? await git.commit(commitId) : undefined;
      if (commit) {
        commits.push(commitView(commit));
        continue;
      }
      const error = isObjectId(commitId) ? commitIdDoesNotExist(commitId) : invalidCommitId();
      errors.push({ commitId, errorCode: error.name, errorMessage: error.message });
    }
    return { commits, errors };
  },
);
