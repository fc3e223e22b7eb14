import { parseArn } from '../../../aws/arn.ts';
import type { GitRepository } from '../../../git/git-host.ts';
import { at, byName, defineResource, type Named, need, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { tagsOf } from '../../../kit/tags.ts';
import {
  invalidRepositoryName,
  invalidResourceArn,
  invalidSystemTagUsage,
  repositoryDoesNotExist,
  repositoryNameRequired,
  resourceArnRequired,
  tooManyTags,
} from '../errors.ts';
import { checkKey } from '../keys/data-key.ts';
import { limits } from '../limits.ts';
import { type AskedTarget, isRepositoryName, targetName } from '../model/names.ts';
import { changeRepository, findRepository, type RepositoryRecord } from '../store/repositories.ts';
import { namingBranch } from './named-branch.ts';

const { locate, parse } = byName('codecommit');

export const repository = defineResource<string | undefined, Named, RepositoryRecord>({
  type: 'AWS::CodeCommit::Repository',
  locate,
  parse,
  find: findRepository,
  check({ name }) {
    if (!name) throw repositoryNameRequired();
    if (!isRepositoryName(name)) throw invalidRepositoryName();
  },
  notFound: ({ name }) => repositoryDoesNotExist(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, { repositoryId }, tags) =>
      changeRepository(tx, repositoryId, { tags: tagObject(tags) }),
    rules: () => ({
      most: limits.tags,
      reserved: invalidSystemTagUsage,
      tooMany: tooManyTags,
    }),
  },
});

/** As the operations on tags name it. */
export const taggedRepository: typeof repository = {
  ...repository,
  locate(caller, text) {
    if (!text) throw resourceArnRequired();
    const arn = parseArn(text);
    const here =
      arn?.service === 'codecommit' &&
      arn.region === caller.region &&
      arn.accountId === caller.accountId;
    if (!here) throw invalidResourceArn();
    return locate(arn, arn.resource);
  },
};

interface OnRepository {
  repositoryName?: string | undefined;
}

/** Who may call an operation that names a repository in `repositoryName`. */
export const atRepository = at(repository, ({ repositoryName }: OnRepository) => repositoryName);

/** The same for operations that change a branch: policies can name it (CC-SEC-03). */
const atReference = <I extends OnRepository>(branchOf: (input: I) => string) =>
  namingBranch(
    at(repository, ({ repositoryName }: I) => repositoryName, {
      conditions: (_ctx: ServiceContext, input) => ({
        'codecommit:references': `refs/heads/${branchOf(input)}`,
      }),
    }),
    at(repository, ({ repositoryName }: I) => repositoryName),
    async (_ctx, input) => `refs/heads/${branchOf(input)}`,
  );

export const atBranch = atReference(
  ({ branchName = '' }: OnRepository & { branchName: string | undefined }) => branchName,
);

/** The same for merges into a branch. */
export const atTarget = atReference((input: OnRepository & AskedTarget) => targetName(input));

/** A repository as the database and as git know it. */
export interface OpenRepository {
  record: RepositoryRecord;
  git: GitRepository;
}

/** @throws RepositoryDoesNotExistException, and the exceptions of encryption keys */
export async function openRepository(ctx: ServiceContext, located: Named): Promise<OpenRepository> {
  const record = await need(ctx.db, repository, located);
  return { record, git: await opened(ctx, record) };
}

/** @throws the exceptions of encryption keys */
export async function opened(
  ctx: ServiceContext,
  record: RepositoryRecord,
): Promise<GitRepository> {
  await checkKey(ctx, ctx, record);
  // The row is committed before the directory is made: after a crash in between it is made here.
  await ctx.git.create(record.repositoryId);
  return ctx.git.repository(record.repositoryId);
}
