import type { BatchGetCommitsError, Commit } from '@aws-sdk/client-codecommit';
import { isObjectId } from '../../../git/names.ts';
import {
  commitIdDoesNotExist,
  commitIdRequired,
  commitIdsLimitExceeded,
  commitIdsListRequired,
  invalidCommitId,
} from '../errors.ts';
import { limits } from '../limits.ts';
import { commitView } from '../model/views.ts';
import { codecommit } from './declare.ts';
import { checkRepositoryName, onRepository, openRepository } from './op.ts';

export const getCommit = codecommit('getCommit', onRepository, async (ctx, input) => {
  const name = checkRepositoryName(input.repositoryName);
  if (!input.commitId) throw commitIdRequired();
  if (!isObjectId(input.commitId)) throw invalidCommitId();
  const { git } = await openRepository(ctx, name);
  const commit = await git.commit(input.commitId);
  if (!commit) throw commitIdDoesNotExist(input.commitId);
  return { commit: commitView(commit) };
});

export const batchGetCommits = codecommit('batchGetCommits', onRepository, async (ctx, input) => {
  const name = checkRepositoryName(input.repositoryName);
  const ids = input.commitIds ?? [];
  if (ids.length === 0) throw commitIdsListRequired();
  if (ids.length > limits.batchCommits) throw commitIdsLimitExceeded();
  const { git } = await openRepository(ctx, name);
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
});
