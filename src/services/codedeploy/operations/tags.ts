import * as sdk from '@aws-sdk/client-codedeploy';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { applicationDoesNotExist, groupDoesNotExist } from '../errors.ts';
import {
  findApplication,
  findGroup,
  updateApplicationTags,
  updateGroup,
} from '../store/applications.ts';
import { codedeploy } from './declare.ts';

const MAX_TAGS = 50;

/** Tags as they may be given to an application or group. @throws InvalidTagsToAddException */
export function checkTags(tags: sdk.Tag[] | undefined): sdk.Tag[] {
  const bad = (tags ?? []).some(
    ({ Key, Value }) =>
      !Key ||
      Key.length > 128 ||
      (Value?.length ?? 0) > 256 ||
      Key.toLowerCase().startsWith('aws:'),
  );
  if (bad || (tags?.length ?? 0) > MAX_TAGS) {
    throw exception(sdk.InvalidTagsToAddException, 'The specified tags are not valid.');
  }
  return (tags ?? []).map(({ Key, Value }) => ({ Key, Value: Value ?? '' }));
}

/** What can be tagged, and how its tags are read and written. */
interface Taggable {
  tags: sdk.Tag[];
  save(tags: sdk.Tag[]): Promise<void>;
}

async function findTaggable(
  tx: Tx,
  ctx: ServiceContext,
  resourceArn: string | undefined,
): Promise<Taggable> {
  if (!resourceArn) {
    throw exception(
      sdk.ResourceArnRequiredException,
      'The ARN of a resource is required, but was not found.',
    );
  }
  const arn = parseArn(resourceArn);
  const ours =
    arn?.service === 'codedeploy' && arn.accountId === ctx.accountId && arn.region === ctx.region;
  if (!arn || !ours)
    throw exception(
      sdk.InvalidArnException,
      `The specified ARN is not in a valid format: ${resourceArn}`,
    );
  const [kind, name = ''] = arn.resource.split(/:(.*)/s);
  if (kind === 'application') {
    const application = await findApplication(tx, ctx, name);
    if (!application) throw applicationDoesNotExist(name);
    return {
      tags: application.tags,
      save: (tags) => updateApplicationTags(tx, { ...application, tags }),
    };
  }
  if (kind === 'deploymentgroup') {
    const [applicationName = '', groupName = ''] = name.split('/');
    const application = await findApplication(tx, ctx, applicationName);
    if (!application) throw applicationDoesNotExist(applicationName);
    const group = await findGroup(tx, application.applicationId, groupName);
    if (!group) throw groupDoesNotExist(groupName);
    return { tags: group.tags, save: (tags) => updateGroup(tx, { ...group, tags }) };
  }
  throw exception(
    sdk.ArnNotSupportedException,
    `The specified ARN is not supported: ${resourceArn}`,
  );
}

const onResource = {
  resource: (_ctx: ServiceContext, input: { ResourceArn?: string | undefined }) =>
    input.ResourceArn ?? '*',
};

export const tagResource = codedeploy('tagResource', onResource, async (ctx, input) => {
  await ctx.transaction(async (tx) => {
    const { tags, save } = await findTaggable(tx, ctx, input.ResourceArn);
    if (!input.Tags?.length) throw exception(sdk.TagRequiredException, 'A tag was not specified.');
    const added = checkTags(input.Tags);
    const kept = tags.filter((tag) => !added.some(({ Key }) => Key === tag.Key));
    await save(checkTags([...kept, ...added]));
  });
  return {};
});

export const untagResource = codedeploy('untagResource', onResource, async (ctx, input) => {
  await ctx.transaction(async (tx) => {
    const { tags, save } = await findTaggable(tx, ctx, input.ResourceArn);
    if (!input.TagKeys?.length)
      throw exception(sdk.TagRequiredException, 'A tag was not specified.');
    await save(tags.filter((tag) => !input.TagKeys?.includes(tag.Key ?? '')));
  });
  return {};
});

export const listTagsForResource = codedeploy(
  'listTagsForResource',
  onResource,
  async (ctx, input) => ({
    Tags: (await findTaggable(ctx.db, ctx, input.ResourceArn)).tags,
  }),
);
