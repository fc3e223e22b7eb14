import { randomUUID } from 'node:crypto';
import type {
  BatchGetRepositoriesError,
  BatchGetRepositoriesErrorCodeEnum,
  RepositoryMetadata,
} from '@aws-sdk/client-codecommit';
import { page } from '../../../kit/pages.ts';
import { atEach, authorizeOn, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  invalidOrder,
  invalidRepositoryDescription,
  invalidRepositoryName,
  invalidSortBy,
  maximumRepositoryNamesExceeded,
  repositoryDoesNotExist,
  repositoryLimitExceeded,
  repositoryNameExists,
  repositoryNamesRequired,
} from '../errors.ts';
import { REFERENCES } from '../history/references.ts';
import { checkKey, isKeyRefusal, newDataKey } from '../keys/data-key.ts';
import { limits, REPOSITORIES } from '../limits.ts';
import { isRepositoryName } from '../model/names.ts';
import { checkTags } from '../model/tags.ts';
import { atRepository, repository } from '../resources/repository.ts';
import {
  countRepositories,
  deleteRepository as deleteRow,
  findRepositories,
  findRepository,
  insertRepository,
  type ListPosition,
  listRepositories as listRows,
  type RepositoryRecord,
} from '../store/repositories.ts';
import { asked } from './arguments.ts';
import { codecommit } from './declare.ts';

function metadata(ctx: ServiceContext, record: RepositoryRecord): RepositoryMetadata {
  return {
    accountId: record.accountId,
    repositoryId: record.repositoryId,
    repositoryName: record.name,
    repositoryDescription: record.description,
    defaultBranch: record.defaultBranch,
    lastModifiedDate: record.modified,
    creationDate: record.created,
    cloneUrlHttp: `${ctx.endpoint}/v1/repos/${record.name}`,
    cloneUrlSsh: sshUrl(ctx, record.name),
    Arn: record.arn,
    kmsKeyId: record.key?.keyArn,
  };
}

/** CC-GIT-01; without a port where the server has none for SSH: nothing answers there. */
function sshUrl(ctx: ServiceContext, name: string): string {
  const ssh = ctx.ssh();
  return `ssh://${new URL(ctx.endpoint).hostname}${ssh ? `:${ssh.port}` : ''}/v1/repos/${name}`;
}

/** @throws InvalidRepositoryDescriptionException */
export function checkDescription(description: string | undefined): string | undefined {
  if (description && description.length > limits.repositoryDescription) {
    throw invalidRepositoryDescription();
  }
  return description || undefined;
}

const onRepository = on(
  repository,
  ({ repositoryName }: { repositoryName: string | undefined }) => repositoryName,
);

export const createRepository = codecommit(
  'createRepository',
  atRepository,
  async (ctx, input, located) => {
    const description = checkDescription(input.repositoryDescription);
    const tags = checkTags(input.tags ?? {});
    if (Object.keys(tags).length > 0) {
      await authorizeOn(ctx, repository, located, 'codecommit:TagResource');
    }
    const { accountId, region, name } = located;
    const repositoryId = randomUUID();
    const now = ctx.clock.now();
    if (await findRepository(ctx.db, located)) throw repositoryNameExists(located.name);
    const { key, unlock } = await newDataKey(ctx, repositoryId, input.kmsKeyId || undefined);
    const record = await ctx.transaction(async (tx) => {
      if (await findRepository(tx, located)) throw repositoryNameExists(located.name);
      const allowed = await ctx.quotas.value(tx, ctx, 'codecommit', REPOSITORIES);
      if ((await countRepositories(tx, accountId, region)) >= allowed) {
        throw repositoryLimitExceeded();
      }
      await insertRepository(tx, {
        accountId,
        region,
        name,
        repositoryId,
        description,
        tags,
        key,
        now,
      });
      return await findRepository(tx, located);
    });
    unlock();
    // After a crash before this, whoever opens the repository makes it.
    await ctx.git.create(repositoryId);
    return { repositoryMetadata: record && metadata(ctx, record) };
  },
);

export const getRepository = codecommit(
  'getRepository',
  onRepository,
  async (ctx, _input, record) => ({
    repositoryMetadata: metadata(ctx, record),
  }),
);

/** Of several names each is valid or not; none is missing. */
const listedRepository: typeof repository = {
  ...repository,
  check({ name }) {
    if (!isRepositoryName(name)) throw invalidRepositoryName();
  },
};

/** What its key has against a repository (CC-RP-03). */
async function keyError(ctx: ServiceContext, record: RepositoryRecord): Promise<Error | undefined> {
  try {
    await checkKey(ctx, ctx, record);
    return undefined;
  } catch (error) {
    if (isKeyRefusal(error)) return error;
    throw error;
  }
}

export const batchGetRepositories = codecommit(
  'batchGetRepositories',
  atEach(listedRepository, ({ repositoryNames }) => repositoryNames ?? []),
  async (ctx, _input, named) => {
    if (named.length === 0) throw repositoryNamesRequired();
    if (named.length > limits.batchRepositories) throw maximumRepositoryNamesExceeded();
    const repositories: RepositoryMetadata[] = [];
    const repositoriesNotFound: string[] = [];
    const names = [...new Set(named.map(({ name }) => name))];
    const found = await findRepositories(ctx.db, ctx, names);
    const errors: BatchGetRepositoriesError[] = [];
    for (const name of names) {
      const record = found.get(name);
      const error = record ? await keyError(ctx, record) : repositoryDoesNotExist(name);
      if (!record) repositoriesNotFound.push(name);
      if (record && !error) repositories.push(metadata(ctx, record));
      if (!error) continue;
      const errorCode = error.name as BatchGetRepositoriesErrorCodeEnum;
      errors.push({
        ...{ repositoryName: name, errorCode, errorMessage: error.message },
        ...(record && { repositoryId: record.repositoryId }),
      });
    }
    return { repositories, repositoriesNotFound, errors };
  },
);

export const listRepositories = codecommit('listRepositories', {}, async (ctx, input) => {
  const { sortBy = 'repositoryName', order = 'ascending' } = input;
  if (sortBy !== 'repositoryName' && sortBy !== 'lastModifiedDate') throw invalidSortBy();
  if (order !== 'ascending' && order !== 'descending') throw invalidOrder();
  const { accountId, region } = ctx;
  const descending = order === 'descending';
  const found = await page(
    ctx,
    asked(input, limits.repositoriesPage),
    (after: ListPosition | undefined, limit) =>
      listRows(ctx.db, { accountId, region, sortBy, descending, after, limit }),
    ({ name, modified }): ListPosition => [modified.getTime(), name],
  );
  return {
    repositories: found.items.map(({ name, repositoryId }) => ({
      repositoryName: name,
      repositoryId,
    })),
    ...(found.nextToken && { nextToken: found.nextToken }),
  };
});

export const deleteRepository = codecommit(
  'deleteRepository',
  atRepository,
  async (ctx, _input, located) => {
    const repositoryId = await ctx.transaction(async (tx) => {
      const record = await findRepository(tx, located);
      if (!record) return undefined;
      await deleteRow(tx, record.repositoryId);
      await ctx.engine.wake(tx, REFERENCES, record.repositoryId); // removes it from the disk
      return record.repositoryId;
    });
    return { repositoryId };
  },
);
