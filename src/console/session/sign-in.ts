import type { WireResponse } from '../../aws/http.ts';
import type { Principal } from '../../aws/principal.ts';
import type { AdmittedCall, Told } from '../../aws/routes.ts';
import type { Platform } from '../../kit/platform.ts';
import { randomId } from '../../lib/access-key.ts';
import type { ConsoleParts } from '../parts.ts';
import { deleteOldSessions, deleteSession, insertSession } from '../store/sessions.ts';
import { check, type Posted, readPosted, type Shown } from './begin.ts';
import { newSecret, sessionId, setCookie, shownSecret } from './cookie.ts';
import { MOST_SESSIONS, MOST_WAITING, SESSION_SECONDS } from './limits.ts';
import { readJson } from './posted.ts';
import type { Proof, Session } from './session.ts';
import { shownSession } from './shown.ts';
import { countTry, forgive, refuseTooMany, suspectsOf, tooMany } from './throttle.ts';
import { json, signInFailure } from './words.ts';

/** What AWS writes in the place of a name that nobody has: it may be a password, typed into the wrong field. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Signs somebody in: always into a new session, whatever cookie the browser had. */
export async function signIn(
  platform: Platform,
  { signIn: users, checking }: ConsoleParts,
  { request, tell }: Pick<AdmittedCall<unknown>, 'request' | 'tell'>,
): Promise<WireResponse> {
  const posted = await readPosted(platform, users, await readJson(request));
  const suspects = suspectsOf(posted, request.remoteAddress);
  await refuseTooMany(platform, suspects);
  if (checking.waiting >= MOST_WAITING) throw tooMany(1);
  const done = await checking.take();
  let shown: Shown;
  try {
    await countTry(platform, suspects);
    shown = await check(platform, users, posted);
  } finally {
    done();
  }
  tell(toldOf(posted, shown, platform));
  const { principal, proof } = shown;
  if (!principal || !proof) throw signInFailure();
  await forgive(platform, suspects);
  const { session, secret } = begun(platform, { ...shown, principal, proof });
  const before = shownSecret(request);
  await platform.transaction(async (tx) => {
    if (before !== undefined) await deleteSession(tx, sessionId(before));
    const { principalId } = session;
    await deleteOldSessions(tx, {
      now: platform.clock.now(),
      principalId,
      most: MOST_SESSIONS - 1,
    });
    await insertSession(tx, session);
  });
  const resetRequired = shown.resetRequired ?? false;
  const signedIn = { session, secret, principal, resetRequired };
  return json(200, await shownSession(platform, users, signedIn), {
    'set-cookie': setCookie(request, secret, SESSION_SECONDS),
  });
}

function begun(
  { clock, config: { auth } }: Platform,
  { principal, proof, expires }: Shown & { principal: Principal; proof: Proof },
): { session: Session; secret: string } {
  const secret = newSecret();
  const startedAt = clock.now();
  const end = startedAt.getTime() + SESSION_SECONDS * 1000;
  const { accountId, userId: principalId } = principal;
  const session: Session = {
    ...{ id: sessionId(secret), accountId, principalId },
    // No longer than the temporary credentials by which it began.
    expiresAt: new Date(Math.min(end, expires?.getTime() ?? end)),
    data: { accessKeyId: `ASIA${randomId(16)}`, startedAt, auth, proof },
  };
  return { session, secret };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html */
function toldOf(posted: Posted, { principal, accountId, proof }: Shown, platform: Platform): Told {
  const known = principal ?? hidden(posted, accountId);
  const LoginTo = `${platform.config.publicUrl ?? platform.serverEndpoint()}/_slipway/console/`;
  return {
    ...(known && { caller: { principal: known } }),
    said: {
      readOnly: false,
      answer: { ConsoleLogin: proof ? 'Success' : 'Failure' },
      additional: { LoginTo, MobileVersion: 'No', MFAUsed: 'No' },
    },
  };
}

/** Of an account that is here, a user who is not. */
function hidden(posted: Posted, accountId: string | undefined): Principal | undefined {
  if (posted.kind !== 'password' || accountId === undefined) return undefined;
  return { type: 'user', accountId, arn: '', userId: '', userName: HIDDEN };
}
