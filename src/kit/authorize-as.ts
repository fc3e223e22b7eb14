import { authorizationOf } from '../aws/authorize.ts';
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
  const { authorizer, identityOf, endpoint } = options;
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
