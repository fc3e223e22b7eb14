import type { BatchGetCommitsError, Commit } from '@aws-sdk/client-codecommit';
import { unsupported } from '../../../aws/errors.ts';
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

/** A commit with its size, or why it is not in the answer. */
async function readCommit(git: GitRepository, id: string, room: number) {
  if (!isObjectId(id)) return invalidCommitId();
  const { size = 0 } = (await git.info(id)) ?? {};
  if (size > room) return unsupported('answers of more than 20 MiB of commits');
  const commit = await git.commit(id);
  return commit ? { commit, size } : commitIdDoesNotExist(id);
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
      const read = await readCommit(git, commitId, room);
      if (read instanceof Error) {
        errors.push({ commitId, errorCode: read.name, errorMessage: read.message });
        continue;
      }
      commits.push(commitView(read.commit));
      room -= read.size;
    }
    return { commits, errors };
  },
);
