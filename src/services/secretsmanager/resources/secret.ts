import { formatArn, parseArn } from '../../../aws/arn.ts';
import { defineResource, type Located, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { invalidParameter, markedForDeletion, secretNotFound } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { type Secret, secretArn } from '../model/secret.ts';
import { findSecret, type SecretId, updateSecret } from '../store/secrets.ts';

/** Stands for the random characters of a secret that does not exist: policies end in `-??????` or `-*`. */
const NO_SUFFIX = '??????';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalidParameter('Tag keys that begin with aws: are for AWS to use.'),
  tooMany: () => invalidParameter(`A secret can have no more than ${MAX_TAGS} tags.`),
};

interface LocatedSecret extends Located {
  /** As the caller named it. */
  asked: string;
  id: SecretId;
}

export const secret = defineResource<string | undefined, LocatedSecret, Secret>({
  type: 'AWS::SecretsManager::Secret',
  locate(caller, asked = '') {
    const arn = parseArn(asked);
    const [, name] = /^secret:(.+)$/s.exec(arn?.resource ?? '') ?? [];
    if (arn?.service !== 'secretsmanager' || name === undefined) {
      const { accountId, region } = caller;
      const named = asked.startsWith('arn:') ? asked : secretArn(caller, asked, NO_SUFFIX);
      return { accountId, region, arn: named, asked, id: { name: asked } };
    }
    const { accountId, region } = arn;
    const id: SecretId = region === caller.region ? { arn: asked } : {};
    // A partial ARN lacks the hyphen and the six random characters; other accounts need the whole one.
    if (id.arn && accountId === caller.accountId) id.name = name;
    return { accountId, region, arn: asked, asked, id };
  },
  parse: (arn) => {
    const { accountId, region } = arn;
    const text = formatArn(arn);
    return { accountId, region, arn: text, asked: text, id: { arn: text } };
  },
  find: (db, { id, ...owner }) => findSecret(db, owner, id),
  known: ({ arn }) => ({ arn }),
  named: ({ asked }) => asked,
  notFound: secretNotFound,
  tags: {
    of: ({ tags }) => tagsOf(tags),
    async save(tx, found, tags) {
      await updateSecret(tx, { ...live(found), tags: tagObject(tags) });
    },
    rules: () => TAG_RULES,
  },
  policy: { of: ({ policy }) => policy },
});

/** The secret, if it does not await its deletion. @throws InvalidRequestException */
export function live(found: Secret): Secret {
  if (found.deletedAt) throw markedForDeletion();
  return found;
}
