import type { BatchGetCommitsError, Commit } from '@aws-sdk/client-codecommit';
import { isAwsError, unsupported } from '../../../aws/errors.ts';
import type { GitRepository } from '../../../git/git-host.ts';
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

/** What is said of one of many. */
const OF_ONE = ['InvalidCommitIdException', 'CommitIdDoesNotExistException', 'NotImplemented'];

/** @throws InvalidCommitId, CommitIdDoesNotExist exceptions, and what is not supported */
async function readCommit(git: GitRepository, id: string, room: number) {
  if (!isObjectId(id)) throw invalidCommitId();
  const { size = 0 } = (await git.info(id)) ?? {};
  if (size > room) throw unsupported('answers of more than 20 MiB of commits');
  const commit = await git.commit(id);
  if (!commit) throw commitIdDoesNotExist(id);
  return { commit, size };
}

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
    let room: number = limits.commitsOfAnswer;
    for (const commitId of ids) {
      try {
        const { commit, size } = await readCommit(git, commitId, room);
        commits.push(commitView(commit));
        room -= size;
      } catch (error) {
        if (!isAwsError(error, ...OF_ONE)) throw error;
        const { name: errorCode, message: errorMessage } = error as Error;
        errors.push({ commitId, errorCode, errorMessage });
      }
    }
    return { commits, errors };
  },
);
