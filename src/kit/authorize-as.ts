import { authorizationOf } from '../aws/authorize.ts';
import type { Identity } from '../aws/in-process.ts';
import type { Authorizer } from '../aws/principal.ts';
import type { Identities } from './identities.ts';
import type { Platform } from './platform.ts';

export interface AuthorizeAsOptions {
  authorizer: Authorizer;
  identityOf: Identities;
  /** Known once the server listens. */
  endpoint(): string;
}

/** Makes `platform.authorizeAs`. */
export function makeAuthorizeAs(options: AuthorizeAsOptions): Platform['authorizeAs'] {
  const { authorizer, endpoint } = options;
  const identityOf = keeping(options.identityOf);
  return async (actAs, action, resource, options) => {
    const { principal, region, via = [], invokedBy } = await identityOf(actAs)();
    const asked = {
      ...{ principal, region, via, touched: [], endpoint: endpoint() },
      ...{ sourceIp: '127.0.0.1', userAgent: invokedBy ?? principal.arn },
    };
    const api = { protocol: { dialect: 'json' } } as const;
    await authorizationOf(authorizer, asked, api)(action, resource, options);
  };
}

const MAX_KEPT = 500;

/** Keeps identities of roles, as clients keep theirs: whose session is good need not ask for another one. */
function keeping(identityOf: Identities): Identities {
  const kept = new Map<string, Identity>();
  return (actAs) => {
    if (!('roleArn' in actAs)) return identityOf(actAs);
    const key = JSON.stringify(actAs);
    const identity = kept.get(key) ?? identityOf(actAs);
    kept.set(key, identity);
    // Oldest first: a Map keeps the order of insertion.
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value ?? '');
    return identity;
  };
}
