import type { Provides } from '../../kit/provides.ts';
import { makeAuthorizer } from './authorizer.ts';
import { makeCredentialStore } from './credential-store.ts';
import { makeRoleUses } from './role-use.ts';

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
