import { randomUUID } from 'node:crypto';
import type { RepositoryMetadata } from '@aws-sdk/client-codecommit';
import { unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
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
import { limits, REPOSITORIES } from '../limits.ts';
import { isRepositoryName } from '../model/names.ts';
import { checkTags } from '../model/tags.ts';
import { REFERENCES } from '../references.ts';
import {
  countRepositories,
  deleteRepository as deleteRow,
  findRepository,
  insertRepository,
  type ListPosition,
  listRepositories as listRows,
  type RepositoryRecord,
} from '../store.ts';
import { codecommit } from './declare.ts';
import { arnOf, asked, checkRepositoryName, onRepository } from './op.ts';

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
    cloneUrlSsh: `ssh://${new URL(ctx.endpoint).hostname}/v1/repos/${record.name}`,
    Arn: record.arn,
  };
}

/** @throws InvalidRepositoryDescriptionException */
export function checkDescription(description: string | undefined): string | undefined {
  if (description && description.length > limits.repositoryDescription) {
    throw invalidRepositoryDescription();
  }
  return description || undefined;
}

export const createRepository = codecommit('createRepository', onRepository, async (ctx, input) => {
  const name = checkRepositoryName(input.repositoryName);
  const description = checkDescription(input.repositoryDescription);
  const tags = checkTags(input.tags ?? {});
  if (input.kmsKeyId) throw unsupported('the parameter kmsKeyId of CreateRepository');
  if (Object.keys(tags).length > 0) {
    await ctx.authorize('codecommit:TagResource', arnOf(ctx, name));
  }
  const { accountId, region } = ctx;
  const repositoryId = randomUUID();
  const now = ctx.clock.now();
  const record = await ctx.transaction(async (tx) => {
    if (await findRepository(tx, { accountId, region, name })) throw repositoryNameExists(name);
    const allowed = await ctx.quotas.value(tx, ctx, 'codecommit', REPOSITORIES);
    if ((await countRepositories(tx, accountId, region)) >= allowed) {
      throw repositoryLimitExceeded();
    }
    const key = { accountId, region, name };
    await insertRepository(tx, { ...key, repositoryId, description, tags, now });
    return await findRepository(tx, key);
  });
  // After a crash before this, whoever opens the repository makes it.
  await ctx.git.create(repositoryId);
  return { repositoryMetadata: record && metadata(ctx, record) };
});

export const getRepository = codecommit('getRepository', onRepository, async (ctx, input) => {
  const name = checkRepositoryName(input.repositoryName);
  const { accountId, region } = ctx;
  const record = await findRepository(ctx.db, { accountId, region, name });
  if (!record) throw repositoryDoesNotExist(name);
  return { repositoryMetadata: metadata(ctx, record) };
});

export const batchGetRepositories = codecommit(
  'batchGetRepositories',
  {
    resource: (ctx, input) => (input.repositoryNames ?? ['']).map((name) => arnOf(ctx, name)),
  },
  async (ctx, input) => {
    const names = input.repositoryNames ?? [];
    if (names.length === 0) throw repositoryNamesRequired();
    if (names.length > limits.batchRepositories) throw maximumRepositoryNamesExceeded();
    if (!names.every(isRepositoryName)) throw invalidRepositoryName();
    const { accountId, region } = ctx;
    const repositories: RepositoryMetadata[] = [];
    const repositoriesNotFound: string[] = [];
    for (const name of new Set(names)) {
      const record = await findRepository(ctx.db, { accountId, region, name });
      if (record) repositories.push(metadata(ctx, record));
      else repositoriesNotFound.push(name);
    }
    const errors = repositoriesNotFound.map((repositoryName) => ({
      repositoryName,
      errorCode: 'RepositoryDoesNotExistException' as const,
      errorMessage: `${repositoryName} does not exist`,
    }));
    return { repositories, repositoriesNotFound, errors };
  },
);

export const listRepositories = codecommit('listRepositories', {}, async (ctx, input) => {
  const { sortBy = 'repositoryName', order = 'ascending', nextToken } = input;
  if (sortBy !== 'repositoryName' && sortBy !== 'lastModifiedDate') throw invalidSortBy();
  if (order !== 'ascending' && order !== 'descending') throw invalidOrder();
  const { accountId, region } = ctx;
  const descending = order === 'descending';
  const found = await page(
    ctx,
    asked(nextToken, limits.repositoriesPage),
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

export const deleteRepository = codecommit('deleteRepository', onRepository, async (ctx, input) => {
  const name = checkRepositoryName(input.repositoryName);
  const { accountId, region } = ctx;
  const repositoryId = await ctx.transaction(async (tx) => {
    const record = await findRepository(tx, { accountId, region, name });
    if (!record) return undefined;
    await deleteRow(tx, record.repositoryId);
    await ctx.engine.wake(tx, REFERENCES, record.repositoryId); // removes it from the disk
    return record.repositoryId;
  });
  return { repositoryId };
});
