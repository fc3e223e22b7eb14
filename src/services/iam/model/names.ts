import type { Principal } from '../../../aws/principal.ts';
import { randomId } from '../../../lib/access-key.ts';
import type { Identity } from '../store/identities.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes */
export const ID_PREFIX = {
  user: 'AIDA',
  group: 'AGPA',
  role: 'AROA',
  policy: 'ANPA',
  profile: 'AIPA',
  certificate: 'ASCA',
  credential: 'ACCA',
  sshKey: 'APKA',
} as const;

/** A unique id such as `AIDAXXXXXXXXXXXXXXXXX`: prefix and 17 characters. */
export function newId(kind: keyof typeof ID_PREFIX): string {
  return ID_PREFIX[kind] + randomId(17);
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
  if (principal.type === 'federated-user' && principal.issuer.type === 'user')
    return principal.issuer.userId;
  return undefined;
}

/** The caller that a user's own keys and passwords stand for. */
export function userPrincipal(user: Identity): Principal & { type: 'user' } {
  const { accountId, id, name } = user;
  return { type: 'user', accountId, arn: identityArn(user), userId: id, userName: name };
}
