import type { Tag } from '@aws-sdk/client-secrets-manager';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, type TagRules } from '../../../kit/tags.ts';
import { invalidParameter } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import type { Secret } from '../model/secret.ts';
import { updateSecret } from '../store.ts';
import { onSecret, requireLiveSecret } from './access.ts';
import { secretsmanager } from './declare.ts';

const tooMany = () => invalidParameter(`A secret can have no more than ${MAX_TAGS} tags.`);
const RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalidParameter('Tag keys that begin with aws: are for AWS to use.'),
  tooMany,
};

/** Tags as they are given. @throws InvalidParameterException when one has no key, or one of AWS's */
export function givenTags(tags: Tag[] = []): Secret['tags'] {
  if (tags.some(({ Key }) => !Key)) throw invalidParameter('You must specify a key for each tag.');
  checkNewTags(tags, RULES);
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

async function changeTags(
  ctx: ServiceContext,
  id: string | undefined,
  change: (tags: Secret['tags']) => Secret['tags'],
): Promise<Record<string, never>> {
  await ctx.transaction(async (tx) => {
    const secret = await requireLiveSecret(ctx, tx, id);
    const tags = change(secret.tags);
    if (Object.keys(tags).length > MAX_TAGS) throw tooMany();
    await updateSecret(tx, { ...secret, tags });
  });
  return {};
}

export const tagResource = secretsmanager('tagResource', onSecret, async (ctx, input) =>
  changeTags(ctx, input.SecretId, (tags) => ({ ...tags, ...givenTags(input.Tags) })),
);

export const untagResource = secretsmanager('untagResource', onSecret, async (ctx, input) =>
  changeTags(ctx, input.SecretId, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
  ),
);
