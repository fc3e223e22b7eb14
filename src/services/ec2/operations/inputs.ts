import type { TagSpecification } from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import type { Conditions } from '../../../aws/principal.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, type Tags, tagConditions, tagsOf } from '../../../kit/tags.ts';
import { append } from '../../../lib/append.ts';
import { invalidValue, missing } from '../errors.ts';
import { MAX_TAG_KEY, MAX_TAG_VALUE } from '../limits.ts';
import { TAG_RULES } from '../resources/tag-rules.ts';

/** Is there anything in it? The command line sends empty lists and structures too. */
function isSaid(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (typeof value === 'object') return Object.values(value).some(isSaid);
  return true;
}

/** Members that are not served are refused by name, unless nothing is said by them. */
export function refuse(input: object, operation: string, members: readonly string[]): void {
  for (const member of members)
    if (isSaid((input as Record<string, unknown>)[member]))
      throw unsupported(`the member ${member} of ${operation}`);
}

export interface GivenTag {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** Tags of AWS's own that the service that makes a call gives to instances. */
export const mayReserve = ({ principal }: ServiceContext, key: string): boolean =>
  principal.type === 'service' &&
  principal.service === 'autoscaling.amazonaws.com' &&
  key.startsWith('aws:autoscaling:');

/** The tags of a call: those that anybody may give, and those of the service that makes it. */
export function reservedTags(ctx: ServiceContext, given: readonly GivenTag[]) {
  const { own = [], reserved = [] } = Object.groupBy(given, ({ Key = '' }) =>
    mayReserve(ctx, Key) ? 'reserved' : 'own',
  );
  return { own, reserved: tagsOf(reserved) };
}

export function checkTags(given: readonly GivenTag[]): Tags {
  for (const { Key, Value = '' } of given) {
    if (!Key) throw missing('Key');
    if (Key.length > MAX_TAG_KEY)
      throw invalidValue(`Tag key exceeds the maximum length of ${MAX_TAG_KEY} characters`);
    if (Value.length > MAX_TAG_VALUE)
      throw invalidValue(`Tag value exceeds the maximum length of ${MAX_TAG_VALUE} characters`);
  }
  checkNewTags(given as GivenTag[] as { Key: string }[], TAG_RULES);
  return tagsOf(given);
}

/** `aws:RequestTag/…` of tags that come by their resources' types. */
export const specifiedConditions = (
  specifications: readonly TagSpecification[] | undefined,
): Conditions =>
  tagConditions({ Tags: (specifications ?? []).flatMap(({ Tags = [] }) => Tags.slice(0, 200)) });

/** Who gives tags to what he makes needs CreateTags for it as well. */
export async function askForTags(
  ctx: ServiceContext,
  { action, arn, tags }: { action: string; arn: string; tags: Tags },
): Promise<void> {
  if (tags.size === 0) return;
  const Tags = [...tags].map(([Key, Value]) => ({ Key, Value }));
  await ctx.authorize('ec2:CreateTags', arn, {
    conditions: { 'ec2:createaction': action, ...tagConditions({ Tags }) },
  });
}

/**
 * The tags of a call that makes something, for things of this type.
 * @param others types that are made with it and keep no tags of their own
 */
export function specifiedTags(
  specifications: readonly TagSpecification[] | undefined,
  type: string,
  others: readonly string[] = [],
): Tags {
  const own: GivenTag[] = [];
  for (const { ResourceType = '', Tags = [] } of specifications ?? []) {
    if (ResourceType === type) append(own, Tags.slice(0, 200));
    else if (others.includes(ResourceType)) throw unsupported(`tags of a ${ResourceType}`);
    else
      throw invalidValue(
        `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
  }
  return checkTags(own);
}
