import type { ServiceContext } from '../../../kit/service.ts';
import { onRole, onUser } from '../resources/identity.ts';
import { atPolicy } from '../resources/policy.ts';
import { type Identity, updateIdentity } from '../store/identities.ts';
import { updatePolicy } from '../store/policies.ts';
import { iam } from './declare.ts';
import { ownPolicy } from './managed-policies.ts';
import { change, current, slice } from './shared.ts';
import { type GivenTag, mergeTags, withoutTags } from './tag-list.ts';

type Tags = Identity['data']['tags'];

interface TagInput {
  Tags?: GivenTag[] | undefined;
}
interface UntagInput {
  TagKeys?: string[] | undefined;
}
interface PageInput {
  Marker?: string;
  MaxItems?: number;
}

async function changeTags(ctx: ServiceContext, named: Identity, edit: (tags: Tags) => Tags) {
  return change(ctx, async (tx) => {
    const identity = await current(tx, named);
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

const tag = (ctx: ServiceContext, input: TagInput, named: Identity) =>
  changeTags(ctx, named, (tags) => mergeTags(tags, input.Tags));
const untag = (ctx: ServiceContext, input: UntagInput, named: Identity) =>
  changeTags(ctx, named, (tags) => withoutTags(tags, input.TagKeys));

function page(ctx: ServiceContext, input: PageInput, tags: Tags) {
  const { items, more } = slice(ctx, input, tags, ({ Key }) => Key);
  return { Tags: items, ...more };
}
const list = async (ctx: ServiceContext, input: PageInput, { data }: Identity) =>
  page(ctx, input, data.tags);

export const tagUser = iam('tagUser', onUser, tag);
export const untagUser = iam('untagUser', onUser, untag);
export const listUserTags = iam('listUserTags', onUser, list);
export const tagRole = iam('tagRole', onRole, tag);
export const untagRole = iam('untagRole', onRole, untag);
export const listRoleTags = iam('listRoleTags', onRole, list);

export const tagPolicy = iam('tagPolicy', atPolicy, (ctx, input) =>
  changePolicyTags(ctx, input.PolicyArn, (tags) => mergeTags(tags, input.Tags)),
);

export const untagPolicy = iam('untagPolicy', atPolicy, (ctx, input) =>
  changePolicyTags(ctx, input.PolicyArn, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listPolicyTags = iam('listPolicyTags', atPolicy, async (ctx, input) =>
  page(ctx, input, (await ownPolicy(ctx.db, ctx, input.PolicyArn)).data.tags),
);
