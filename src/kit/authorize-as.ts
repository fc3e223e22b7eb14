import { authorizationOf } from '../aws/authorize.ts';
import type { Authorizer, Principal } from '../aws/principal.ts';
import type { Platform } from './platform.ts';
import type { ServiceRole } from './provides.ts';

export interface AuthorizeAsOptions {
  authorizer: Authorizer;
  /** Becomes a role for a service. Provided by STS. */
  assumeRole(role: ServiceRole): Promise<Principal>;
  /** Known once the server listens. */
  endpoint(): string;
}

/** Makes `platform.authorizeAs`. */
export function makeAuthorizeAs(options: AuthorizeAsOptions): Platform['authorizeAs'] {
  const { authorizer, assumeRole, endpoint } = options;
  return async (actAs, action, resource) => {
    const { region } = actAs;
    const [principal, userAgent] =
      'principal' in actAs
        ? [actAs.principal, actAs.principal.arn]
        : [await assumeRole(actAs), actAs.service];
    const facts = { principal, region, userAgent, sourceIp: '127.0.0.1', endpoint: endpoint() };
    await authorizationOf(authorizer, facts, { dialect: 'json' })(action, resource);
  };
}
