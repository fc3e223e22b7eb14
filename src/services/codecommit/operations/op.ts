import type { GitRepository } from '../../../git/git-host.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  branchNameRequired,
  invalidBranchName,
  invalidContinuationToken,
  invalidRepositoryName,
  repositoryDoesNotExist,
  repositoryNameRequired,
} from '../errors.ts';
import { isBranchName, isRepositoryName } from '../model/names.ts';
import { findRepository, type RepositoryRecord, repositoryArn } from '../store.ts';

/** ARN of a repository of the caller, whether it exists or not. */
export function arnOf(ctx: ServiceContext, name = ''): string {
  return repositoryArn({ accountId: ctx.accountId, region: ctx.region, name });
}

/** Who may call an operation that names a repository in `repositoryName`. */
export const onRepository = {
  resource: (ctx: ServiceContext, input: { repositoryName?: string | undefined }) =>
    arnOf(ctx, input.repositoryName),
};

/** The same for operations that change a branch: policies can name it (CC-SEC-03). */
export const onBranch = {
  ...onRepository,
  conditions: (_ctx: ServiceContext, input: { branchName: string | undefined }) => ({
    'codecommit:references': `refs/heads/${input.branchName ?? ''}`,
  }),
};

/** @throws RepositoryNameRequiredException, InvalidRepositoryNameException */
export function checkRepositoryName(name: string | undefined): string {
  if (!name) throw repositoryNameRequired();
  if (!isRepositoryName(name)) throw invalidRepositoryName();
  return name;
}

/** @throws BranchNameRequiredException, InvalidBranchNameException */
export function checkBranchName(name: string | undefined): string {
  if (!name) throw branchNameRequired();
  if (!isBranchName(name)) throw invalidBranchName();
  return name;
}

/** A repository as the database and as git know it. */
export interface OpenRepository {
  record: RepositoryRecord;
  git: GitRepository;
}

/** @throws RepositoryDoesNotExistException; `name` has been checked. */
export async function openRepository(ctx: ServiceContext, name: string): Promise<OpenRepository> {
  const { accountId, region } = ctx;
  const record = await findRepository(ctx.db, { accountId, region, name });
  if (!record) throw repositoryDoesNotExist(name);
  // The row is committed before the directory is made: after a crash in between it is made here.
  await ctx.git.create(record.repositoryId);
  return { record, git: ctx.git.repository(record.repositoryId) };
}

/** What the caller of a list asked for. @throws InvalidContinuationTokenException */
export const asked = (token: string | undefined, limit: number) => ({
  token: token || undefined,
  limit,
  refuse: invalidContinuationToken,
});
