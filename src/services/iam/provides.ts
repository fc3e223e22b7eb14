import type { Provides } from '../../kit/provides.ts';
import { makeCredentialStore } from './authentication/credential-store.ts';
import { makeSignIn } from './authentication/sign-in.ts';
import { makeAuthorizer } from './authorization/authorizer.ts';
import { makeRoleUses } from './observers/role-use.ts';
import { certificateArn, findCertificate } from './store/server-certificates.ts';

/** Who calls, who signs in to the console, what he may, when roles were last used; and listeners' certificates. */
export const provides: Partial<Provides> = {
  credentials: ({ config, ...foundation }) =>
    makeCredentialStore({ ...foundation, mode: config.auth }),
  authorizer: ({ config, database, clock, resourceTags }) =>
    makeAuthorizer({ database, clock, mode: config.auth, resourceTags }),
  signIn: ({ database }) => makeSignIn(database),
  async certificate({ db, vault }, arn) {
    const [, accountId = '', name = ''] =
      /^arn:aws:iam::(\d{12}):server-certificate\/(?:[^/]+\/)*([^/]+)$/.exec(arn) ?? [];
    const found = await findCertificate(db, accountId, name);
    if (!found || certificateArn(found) !== arn) return undefined;
    const { body, chain = '' } = found.data;
    return {
      arn,
      chain: `${body.trimEnd()}\n${chain}`,
      key: vault.open(found.sealedKey, found.id).toString(),
    };
  },
  observer: ({ database, clock, failed }) =>
    makeRoleUses({
      database,
      clock,
      failed: (error) => failed(error, 'the use of a role was not noted'),
    }),
};
