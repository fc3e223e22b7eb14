import type * as sdk from '@aws-sdk/client-iam';
import { operation, type ServiceContext } from '../../service.ts';
import { type Identity, updateIdentity } from '../store/identities.ts';
import { updatePolicy } from '../store/policies.ts';
import { ownPolicy } from './managed-policies.ts';
import { change, getIdentity, type Op, onPolicy, onRole, onUser, slice } from './op.ts';
import { mergeTags, withoutTags } from './tag-list.ts';

type Tags = Identity['data']['tags'];

function changeTags(
  ctx: ServiceContext,
  kind: 'user' | 'role',
  name: string | undefined,
  edit: (tags: Tags) => Tags,
) {
  return change(ctx, async (tx) => {
    const identity = await getIdentity(tx, ctx.accountId, kind, name);
    const tags = edit(identity.data.tags);
    await updateIdentity(tx, { ...identity, data: { ...identity.data, tags } });
    return {};
  });
}

function changePolicyTags(
  ctx: ServiceContext,
  arn: string | undefined,
  edit: (tags: Tags) => Tags,
) {
  return change(ctx, async (tx) => {
    const policy = await ownPolicy(tx, ctx, arn);
    await updatePolicy(tx, { ...policy, data: { ...policy.data, tags: edit(policy.data.tags) } });
    return {};
  });
}

function page(ctx: ServiceContext, input: { Marker?: string; MaxItems?: number }, tags: Tags) {
  const { items, more } = slice(ctx, input, tags, (tag) => tag.Key);
  return { Tags: items, ...more };
}

export const tagUser: Op<sdk.TagUserCommandInput, sdk.TagUserCommandOutput> = operation(
  onUser('TagUser'),
  (ctx, input) => changeTags(ctx, 'user', input.UserName, (tags) => mergeTags(tags, input.Tags)),
);

export const untagUser: Op<sdk.UntagUserCommandInput, sdk.UntagUserCommandOutput> = operation(
  onUser('UntagUser'),
  (ctx, input) =>
    changeTags(ctx, 'user', input.UserName, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listUserTags: Op<sdk.ListUserTagsCommandInput, sdk.ListUserTagsCommandOutput> =
  operation(onUser('ListUserTags'), async (ctx, input) =>
    page(ctx, input, (await getIdentity(ctx.db, ctx.accountId, 'user', input.UserName)).data.tags),
  );

export const tagRole: Op<sdk.TagRoleCommandInput, sdk.TagRoleCommandOutput> = operation(
  onRole('TagRole'),
  (ctx, input) => changeTags(ctx, 'role', input.RoleName, (tags) => mergeTags(tags, input.Tags)),
);

export const untagRole: Op<sdk.UntagRoleCommandInput, sdk.UntagRoleCommandOutput> = operation(
  onRole('UntagRole'),
  (ctx, input) =>
    changeTags(ctx, 'role', input.RoleName, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listRoleTags: Op<sdk.ListRoleTagsCommandInput, sdk.ListRoleTagsCommandOutput> =
  operation(onRole('ListRoleTags'), async (ctx, input) =>
    page(ctx, input, (await getIdentity(ctx.db, ctx.accountId, 'role', input.RoleName)).data.tags),
  );

export const tagPolicy: Op<sdk.TagPolicyCommandInput, sdk.TagPolicyCommandOutput> = operation(
  onPolicy('TagPolicy'),
  (ctx, input) => changePolicyTags(ctx, input.PolicyArn, (tags) => mergeTags(tags, input.Tags)),
);

export const untagPolicy: Op<sdk.UntagPolicyCommandInput, sdk.UntagPolicyCommandOutput> = operation(
  onPolicy('UntagPolicy'),
  (ctx, input) =>
    changePolicyTags(ctx, input.PolicyArn, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listPolicyTags: Op<sdk.ListPolicyTagsCommandInput, sdk.ListPolicyTagsCommandOutput> =
  operation(onPolicy('ListPolicyTags'), async (ctx, input) =>
    page(ctx, input, (await ownPolicy(ctx.db, ctx, input.PolicyArn)).data.tags),
  );
