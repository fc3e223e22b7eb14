import { parseArn } from '../../../aws/arn.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidRepositoryName, repositoryDoesNotExist } from '../errors.ts';
import {
  invalidResourceArn,
  invalidSystemTagUsage,
  invalidTagKeysList,
  resourceArnRequired,
  tagKeysListRequired,
  tagsMapRequired,
} from '../errors-commits.ts';
import { isRepositoryName } from '../model/names.ts';
import { checkTags } from '../model/tags.ts';
import { changeRepository, findRepository, type RepositoryKey } from '../store.ts';
import { codecommit } from './declare.ts';

/** Asks for the ARN as it was typed: one that is none matches no statement. */
const onResource = {
  resource: (_ctx: ServiceContext, input: { resourceArn: string | undefined }) =>
    input.resourceArn ?? '',
};

/** @throws InvalidResourceArnException, InvalidRepositoryNameException */
function keyOf(ctx: ServiceContext, resourceArn: string | undefined): RepositoryKey {
  if (!resourceArn) throw resourceArnRequired();
  const arn = parseArn(resourceArn);
  const here =
    arn?.service === 'codecommit' && arn.region === ctx.region && arn.accountId === ctx.accountId;
  if (!here) throw invalidResourceArn();
  if (!isRepositoryName(arn.resource)) throw invalidRepositoryName();
  return { accountId: arn.accountId, region: arn.region, name: arn.resource };
}

async function changeTags(
  ctx: ServiceContext,
  key: RepositoryKey,
  change: (tags: Record<string, string>) => Record<string, string>,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const record = await findRepository(tx, key);
    if (!record) throw repositoryDoesNotExist(key.name);
    await changeRepository(tx, record.repositoryId, { tags: checkTags(change(record.tags)) });
  });
}

export const tagResource = codecommit('tagResource', onResource, async (ctx, input) => {
  const key = keyOf(ctx, input.resourceArn);
  if (!input.tags) throw tagsMapRequired();
  const added = checkTags(input.tags);
  await changeTags(ctx, key, (tags) => ({ ...tags, ...added }));
  return {};
});

export const untagResource = codecommit('untagResource', onResource, async (ctx, input) => {
  const key = keyOf(ctx, input.resourceArn);
  const removed = new Set(input.tagKeys);
  if (removed.size === 0) throw tagKeysListRequired();
  for (const tagKey of removed) {
    if (tagKey === '') throw invalidTagKeysList();
    if (tagKey.toLowerCase().startsWith('aws:')) throw invalidSystemTagUsage();
  }
  await changeTags(ctx, key, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([tagKey]) => !removed.has(tagKey))),
  );
  return {};
});

export const listTagsForResource = codecommit(
  'listTagsForResource',
  onResource,
  async (ctx, input) => {
    const key = keyOf(ctx, input.resourceArn);
    const record = await findRepository(ctx.db, key);
    if (!record) throw repositoryDoesNotExist(key.name);
    return { tags: record.tags };
  },
);
