import { checkedKey } from '../../aws/auth/authenticate.ts';
import { AuthFailure } from '../../aws/auth/failure.ts';
import { relaxedPrincipal } from '../../aws/auth/relaxed.ts';
import type { WireRequest } from '../../aws/http.ts';
import type { Principal } from '../../aws/principal.ts';
import type { Platform } from '../../kit/platform.ts';
import type { SignIn } from '../../kit/sign-in.ts';
import { isRefusal } from '../../lib/refusal.ts';
import { findSession, updateSession } from '../store/sessions.ts';
import { sessionId, shownSecret } from './cookie.ts';
import { becomeRole } from './role.ts';
import type { Acting, Auth, Session, SessionData, SwitchedRole } from './session.ts';
import { refusal } from './words.ts';

/** Who is signed in, as he is by now. */
export interface SignedIn {
  session: Session;
  /** Of the cookie. */
  secret: string;
  /** Who has signed in. */
  principal: Principal;
  /** He may do nothing before he has a password of his own. */
  resetRequired: boolean;
}

/**
 * The session of the request's cookie; undefined where there is none, or its time is over, or who has signed in is gone,
 * has another password by now, or no longer the key.
 */
export async function signedIn(
  platform: Platform,
  signIn: SignIn | undefined,
  request: Pick<WireRequest, 'headers'>,
): Promise<SignedIn | undefined> {
  const secret = shownSecret(request);
  if (secret === undefined) return undefined;
  const session = await findSession(platform.db, sessionId(secret));
  if (!session || session.expiresAt <= platform.clock.now()) return undefined;
  if (!isProven(platform, session.data)) return undefined;
  const found = await whose(platform, signIn, session);
  return found && { session, secret, ...found };
}

/** Not what a relaxed server took without proof, once it has become strict. */
const isProven = ({ config }: Platform, { auth }: { auth: Auth }): boolean =>
  config.auth === 'relaxed' || auth === 'strict';

async function whose(
  { credentials, clock, config }: Platform,
  signIn: SignIn | undefined,
  { accountId, data: { proof } }: Session,
): Promise<Pick<SignedIn, 'principal' | 'resetRequired'> | undefined> {
  if (proof.by === 'password') {
    const user = await signIn?.find(proof.userId);
    if (user?.password !== proof.password) return undefined;
    return { principal: user.principal, resetRequired: user.resetRequired };
  }
  if (proof.by === 'access-key') {
    const { accessKeyId } = proof;
    const key = await checkedKey(credentials, clock.now(), accessKeyId, undefined).catch(gone);
    return key && { principal: key.principal, resetRequired: false };
  }
  if (proof.by === 'account') {
    if (config.auth !== 'relaxed') return undefined;
    const claim = { accessKeyId: accountId, token: undefined, accountId, now: clock.now() };
    return { principal: await relaxedPrincipal(credentials, claim), resetRequired: false };
  }
  const { principal } = proof;
  return (await credentials.isCurrent(principal)) ? { principal, resetRequired: false } : undefined;
}

/** For the page: where it cannot act as the role, it can switch back. @throws HttpError */
export function roleRefused(error: unknown): never {
  if (isRefusal(error)) throw refusal(403, 'AccessDenied', error.message);
  throw error;
}

function gone(error: unknown): undefined {
  if (error instanceof AuthFailure) return undefined;
  throw error;
}

/**
 * As whom the session's calls are made: the role that it has switched to, or who has signed in.
 * @throws STS' errors where the role's time was over and it no longer trusts him
 */
export async function acting(
  platform: Platform,
  { session, principal }: SignedIn,
): Promise<Acting> {
  const { accessKeyId, role } = session.data;
  if (!role) return { principal, accessKeyId };
  const { credentials, clock } = platform;
  const holds = role.expires > clock.now() && isProven(platform, role);
  if (holds && (await credentials.isCurrent(role.principal))) return role;
  const key = `${session.id} ${role.accessKeyId}`;
  const renewed = renewing.get(key) ?? renewal(platform, session, { principal, accessKeyId }, role);
  renewing.set(key, renewed);
  try {
    return await renewed;
  } finally {
    renewing.delete(key);
  }
}

/** A page makes many calls at once: one of them renews the role, by session and role. */
const renewing = new Map<string, Promise<Acting>>();

async function renewal(
  platform: Platform,
  { id }: Session,
  himself: Acting,
  role: SwitchedRole,
): Promise<Acting> {
  const again = await becomeRole(platform, himself, role);
  // Meanwhile he may have switched to another one, or back.
  const isSame = (data: SessionData) => data.role?.accessKeyId === role.accessKeyId;
  const data = await platform.transaction((tx) =>
    updateSession(tx, id, (now) => (isSame(now) ? { ...now, role: again } : now)),
  );
  return data ? (data.role ?? himself) : again;
}
