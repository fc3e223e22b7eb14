import type { Tag } from '@aws-sdk/client-kms';
import { defineResource, type Located } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import {
  invalidKeyId,
  invalidTag,
  noSuchAlias,
  noSuchKey,
  tooManyTags,
  wrongRegion,
} from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { assertNotPending, type Key } from '../model/key.ts';
import { aliasArn, type KeyReference, keyArn, parseKeyReference } from '../model/key-id.ts';
import { findAlias, findKey, updateKey } from '../store/keys.ts';

export interface LocatedKey extends Located {
  reference: KeyReference;
}

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: () => invalidTag('Duplicate tag keys'),
  reserved: () => invalidTag('Tags beginning with aws: are reserved'),
  tooMany: tooManyTags,
};

/** Named by its id or ARN, or by an alias or that one's ARN. */
export const key = defineResource<string | undefined, LocatedKey, Key>({
  type: 'AWS::KMS::Key',
  locate(caller, argument = '') {
    const reference = parseKeyReference(argument, caller);
    if (!reference) throw invalidKeyId(argument);
    if (reference.region !== caller.region) throw wrongRegion(reference.region);
    return located(reference);
  },
  /** Aliases have no tags of their own. */
  parse({ accountId, region, resource }) {
    const [kind, keyId = ''] = resource.split('/');
    return kind === 'key' ? located({ kind, keyId, accountId, region }) : undefined;
  },
  async find(db, { reference }) {
    if (reference.kind === 'key') {
      const found = await findKey(db, reference.keyId);
      const here = found?.accountId === reference.accountId && found.region === reference.region;
      return here ? found : undefined;
    }
    const alias = await findAlias(db, reference, reference.aliasName);
    return alias && (await findKey(db, alias.keyId));
  },
  known: (found) => ({ arn: keyArn(found, found.keyId), accountId: found.accountId }),
  named: ({ arn }) => arn,
  notFound: ({ arn, reference }) => (reference.kind === 'key' ? noSuchKey(arn) : noSuchAlias(arn)),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    async save(tx, found, tags) {
      assertNotPending(found);
      const list: Tag[] = [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
      await updateKey(tx, { ...found, tags: list });
    },
    rules: () => TAG_RULES,
  },
  policy: { of: ({ policy }) => policy, required: true },
});

function located(reference: KeyReference): LocatedKey {
  const { accountId, region } = reference;
  const arn =
    reference.kind === 'key'
      ? keyArn(reference, reference.keyId)
      : aliasArn(reference, reference.aliasName);
  return { accountId, region, arn, reference };
}
