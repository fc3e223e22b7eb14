import type { Platform } from '../../kit/platform.ts';
import type { SignIn } from '../../kit/sign-in.ts';
import { REGIONS } from '../../lib/regions.ts';
import { csrfToken } from './cookie.ts';
import { VERSION } from './version.ts';
import type { SignedIn } from './who.ts';

/** What the page is told of its session: no secret but the token that no other page can read. */
export async function shownSession(
  { config, clock }: Platform,
  signIn: SignIn | undefined,
  { session, secret, principal, resetRequired }: SignedIn,
): Promise<object> {
  const { role } = session.data;
  const { accountId } = role?.principal ?? principal;
  const alias = await signIn?.aliasOf(accountId);
  const userName = principal.type === 'user' ? principal.userName : undefined;
  const current = role && role.expires > clock.now() ? role : undefined;
  return {
    accountId,
    ...(alias !== undefined && { alias }),
    arn: role?.principal.arn ?? principal.arn,
    ...(userName !== undefined && { userName }),
    ...{ region: config.region, regions: [...new Set([config.region, ...REGIONS])] },
    auth: config.auth,
    expiresAt: session.expiresAt.toISOString(),
    passwordResetRequired: resetRequired,
    version: VERSION,
    signedInBy: session.data.proof.by,
    ...(role && {
      role: {
        ...{ roleArn: role.roleArn, roleName: role.principal.roleName },
        ...{ sessionName: role.sessionName, accountId: role.principal.accountId },
        ...(current && { expiresAt: current.expires.toISOString() }),
        signedInAs: principal.arn,
      },
    }),
    csrf: csrfToken(secret),
  };
}
