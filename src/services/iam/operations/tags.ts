import type { ServiceContext } from '../../../kit/service.ts';
import { type Identity, updateIdentity } from '../store/identities.ts';
import { updatePolicy } from '../store/policies.ts';
import { iam } from './declare.ts';
import { ownPolicy } from './managed-policies.ts';
import { change, getIdentity, onPolicy, onRole, onUser, slice } from './op.ts';
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

export const tagUser = iam('tagUser', onUser, (ctx, input) =>
  changeTags(ctx, 'user', input.UserName, (tags) => mergeTags(tags, input.Tags)),
);

export const untagUser = iam('untagUser', onUser, (ctx, input) =>
  changeTags(ctx, 'user', input.UserName, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listUserTags = iam('listUserTags', onUser, async (ctx, input) =>
  page(ctx, input, (await getIdentity(ctx.db, ctx.accountId, 'user', input.UserName)).data.tags),
);

export const tagRole = iam('tagRole', onRole, (ctx, input) =>
  changeTags(ctx, 'role', input.RoleName, (tags) => mergeTags(tags, input.Tags)),
);

export const untagRole = iam('untagRole', onRole, (ctx, input) =>
  changeTags(ctx, 'role', input.RoleName, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listRoleTags = iam('listRoleTags', onRole, async (ctx, input) =>
  page(ctx, input, (await getIdentity(ctx.db, ctx.accountId, 'role', input.RoleName)).data.tags),
);

export const tagPolicy = iam('tagPolicy', onPolicy, (ctx, input) =>
  changePolicyTags(ctx, input.PolicyArn, (tags) => mergeTags(tags, input.Tags)),
);

export const untagPolicy = iam('untagPolicy', onPolicy, (ctx, input) =>
  changePolicyTags(ctx, input.PolicyArn, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listPolicyTags = iam('listPolicyTags', onPolicy, async (ctx, input) =>
  page(ctx, input, (await ownPolicy(ctx.db, ctx, input.PolicyArn)).data.tags),
);
