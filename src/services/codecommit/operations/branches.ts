import type { Tx } from '../../../db/database.ts';
import type { GitRepository } from '../../../git/git-host.ts';
import { GitError } from '../../../git/process.ts';
import { pageOfList } from '../../../kit/pages.ts';
import {
  branchDoesNotExist,
  branchNameExists,
  defaultBranchCannotBeDeleted,
  invalidBranchName,
} from '../errors.ts';
import { needCommit } from '../history/commits.ts';
import { alignHead, changingReferences } from '../history/references.ts';
import { limits } from '../limits.ts';
import { branchOf, foldersAbove } from '../model/names.ts';
import { atBranch, atRepository, openRepository } from '../resources/repository.ts';
import { findRepositoryById } from '../store/repositories.ts';
import { asked, checkBranchName, checkCommitId } from './arguments.ts';
import { codecommit } from './declare.ts';

export const createBranch = codecommit('createBranch', atBranch, async (ctx, input, located) => {
  const branch = checkBranchName(input.branchName);
  const commitId = checkCommitId(input.commitId);
  const { record, git } = await openRepository(ctx, located);
  const reference = `refs/heads/${branch}`;
  const [known] = await git.references([reference]);
  if (known) throw branchNameExists(branch);
  await needCommit(git, commitId);
  const outcome = await changingReferences(ctx, record.repositoryId, () =>
    git.updateReference(reference, commitId, undefined).catch(async (error) => {
      throw error instanceof GitError && (await clashes(git, branch)) ? invalidBranchName() : error;
    }),
  );
  if (outcome === 'moved') throw branchNameExists(branch);
  return {};
});

/** Is there one beside which there can be none of this name? `a` beside `a/b`. */
async function clashes(git: GitRepository, branch: string): Promise<boolean> {
  const names = [...foldersAbove(branch), `${branch}/`].map((name) => `refs/heads/${name}`);
  return (await git.references(names)).length > 0;
}

export const getBranch = codecommit('getBranch', atRepository, async (ctx, input, located) => {
  const branchName = checkBranchName(input.branchName);
  const { git } = await openRepository(ctx, located);
  const [reference] = await git.references([`refs/heads/${branchName}`]);
  if (!reference) throw branchDoesNotExist(branchName);
  return { branch: { branchName, commitId: reference.id } };
});

export const listBranches = codecommit(
  'listBranches',
  atRepository,
  async (ctx, input, located) => {
    const { git, record } = await openRepository(ctx, located);
    const references = await git.references(['refs/heads/']);
    const names = references.map((reference) => branchOf(reference.name) ?? '');
    const page = asked(input, limits.branchesPage, record.repositoryId);
    const { items, nextToken } = pageOfList(ctx, page, names, (branch) => branch);
    return { branches: items, ...(nextToken && { nextToken }) };
  },
);

export const deleteBranch = codecommit('deleteBranch', atBranch, async (ctx, input, located) => {
  const branchName = checkBranchName(input.branchName);
  const { record, git } = await openRepository(ctx, located);
  const { repositoryId } = record;
  const reference = `refs/heads/${branchName}`;
  const notDefault = async (tx: Tx) => {
    const now = await findRepositoryById(tx, repositoryId);
    if (now?.defaultBranch === branchName) throw defaultBranchCannotBeDeleted(branchName);
  };
  const remove = async () => {
    for (;;) {
      const [known] = await git.references([reference]);
      if (!known) return {};
      const outcome = await git.updateReference(reference, undefined, known.id);
      if (outcome === 'updated') return { deletedBranch: { branchName, commitId: known.id } };
      if (outcome === 'moved') continue;
      // It is becoming the default branch, or has been: HEAD tells it to whoever deletes, the row to whoever asks.
      await alignHead(ctx, repositoryId);
      await notDefault(ctx.db);
    }
  };
  return await changingReferences(ctx, repositoryId, remove, notDefault);
});
