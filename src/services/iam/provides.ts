import type { Provides } from '../../kit/provides.ts';
import { makeCredentialStore } from './authentication/credential-store.ts';
import { makeAuthorizer } from './authorization/authorizer.ts';
import { makeRoleUses } from './observers/role-use.ts';

/** Who calls, what he may, and when roles were last used. */
export const provides: Partial<Provides> = {
  credentials: ({ config, ...foundation }) =>
    makeCredentialStore({ ...foundation, mode: config.auth }),
  authorizer: ({ config, database, clock, resourceTags }) =>
    makeAuthorizer({ database, clock, mode: config.auth, resourceTags }),
  observer: ({ database, clock, failed }) =>
    makeRoleUses({
      database,
      clock,
      failed: (error) => failed(error, 'the use of a role was not noted'),
    }),
};
