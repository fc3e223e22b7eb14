import { randomInt } from 'node:crypto';
import type { Principal } from '../../../aws/principal.ts';
import type { Identity } from '../store/identities.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes */
export const ID_PREFIX = {
  user: 'AIDA',
  group: 'AGPA',
  role: 'AROA',
  policy: 'ANPA',
  accessKey: 'AKIA',
  credential: 'ACCA',
} as const;

function random(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** A unique id such as `AIDAXXXXXXXXXXXXXXXXX`: prefix and 17 characters. */
export function newId(kind: keyof typeof ID_PREFIX): string {
  // Access keys are 20 characters in all, as the others are 21.
  return ID_PREFIX[kind] + random(ALPHABET, kind === 'accessKey' ? 16 : 17);
}

/** 40 characters, as AWS's secret access keys are. */
export function newSecret(): string {
  return random(SECRET_ALPHABET, 40);
}

export function identityArn({
  accountId,
  kind,
  path,
  name,
}: Pick<Identity, 'accountId' | 'kind' | 'path' | 'name'>): string {
  return `arn:aws:iam::${accountId}:${kind}${path}${name}`;
}

/** The unique id of the user or role that a principal is a session or a key of. */
export function identityIdOf(principal: Principal): string | undefined {
  if (principal.type === 'user') return principal.userId;
  if (principal.type === 'assumed-role') return principal.userId.split(':')[0];
  return undefined;
}

/** The caller that a user's own keys and passwords stand for. */
export function userPrincipal(user: Identity): Principal & { type: 'user' } {
  const { accountId, id, name } = user;
  return { type: 'user', accountId, arn: identityArn(user), userId: id, userName: name };
}
