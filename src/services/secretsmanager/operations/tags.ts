import type { Tag } from '@aws-sdk/client-secrets-manager';
import { addTags, at, removeTags } from '../../../kit/resource.ts';
import { invalidParameter } from '../errors.ts';
import { secret } from '../resources/secret.ts';
import { secretsmanager } from './declare.ts';

/** Tags as they are given. @throws InvalidParameterException when one has no key */
export function givenTags(tags: Tag[] = []): Tag[] {
  if (tags.some(({ Key }) => !Key)) throw invalidParameter('You must specify a key for each tag.');
  return tags;
}

const atSecret = at(secret, (input: { SecretId: string | undefined }) => input.SecretId);

export const tagResource = secretsmanager('tagResource', atSecret, async (ctx, input, located) => {
  await addTags(ctx, secret, located, givenTags(input.Tags));
  return {};
});

export const untagResource = secretsmanager(
  'untagResource',
  atSecret,
  async (ctx, input, located) => {
    await removeTags(ctx, secret, located, input.TagKeys ?? []);
    return {};
  },
);
