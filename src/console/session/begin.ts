import { checkedKey } from '../../aws/auth/authenticate.ts';
import { AuthFailure } from '../../aws/auth/failure.ts';
import { relaxedPrincipal } from '../../aws/auth/relaxed.ts';
import { sameText } from '../../aws/auth/signature.ts';
import type { Principal } from '../../aws/principal.ts';
import type { Platform } from '../../kit/platform.ts';
import type { SignIn } from '../../kit/sign-in.ts';
import { ownValue } from '../../lib/own.ts';
import type { Proof } from './session.ts';
import { invalid } from './words.ts';

interface PostedPassword {
  kind: 'password';
  /** As it was named: its number, or its alias. */
  account: string;
  /** Undefined where the alias is nobody's. */
  accountId: string | undefined;
  userName: string;
  password: string;
}

/** What the sign-in page sends. */
export type Posted =
  | PostedPassword
  | { kind: 'key'; accessKeyId: string; secretAccessKey: string; sessionToken: string | undefined }
  | { kind: 'account'; accountId: string };

const ACCOUNT = /^\d{12}$/;

/** Who has signed in, or only whose name was said. */
export interface Shown {
  /** Undefined where nobody has this name. */
  principal?: Principal;
  /** The account that was named, where this server has it. */
  accountId?: string;
  /** Undefined where it was wrong. */
  proof?: Proof;
  resetRequired?: boolean;
  /** When the credentials themselves end. */
  expires?: Date | undefined;
}

/** @throws HttpError for what is no sign-in */
export async function readPosted(
  { config }: Platform,
  signIn: SignIn | undefined,
  body: unknown,
): Promise<Posted> {
  const text = (name: string, most: number): string | undefined => {
    const value = ownValue(Object(body) as Record<string, unknown>, name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string' || value.length > most)
      throw invalid(`${name} is a text of at most ${most} characters.`);
    return value;
  };
  const named = text('accountId', 63);
  const userName = text('userName', 64);
  const accessKeyId = text('accessKeyId', 128);
  if (userName !== undefined) {
    const password = text('password', 128);
    if (password === undefined) throw invalid('A user name comes with a password.');
    const account = named ?? config.accountId;
    const accountId = ACCOUNT.test(account) ? account : await signIn?.accountOf(account);
    return { kind: 'password', account, accountId, userName, password };
  }
  if (accessKeyId !== undefined) {
    const secretAccessKey = text('secretAccessKey', 128);
    const sessionToken = text('sessionToken', 16_384);
    if (secretAccessKey === undefined) throw invalid('An access key id comes with its secret.');
    return { kind: 'key', accessKeyId, secretAccessKey, sessionToken };
  }
  if (named !== undefined) return { kind: 'account', accountId: named };
  throw invalid(
    'A sign-in has userName and password, accessKeyId and secretAccessKey, or, on a relaxed server, accountId.',
  );
}

/** Whether what was shown is right, and whose it is. @throws HttpError for what this server does not take */
export async function check(
  platform: Platform,
  signIn: SignIn | undefined,
  posted: Posted,
): Promise<Shown> {
  if (posted.kind === 'password') return checkPassword(platform, signIn, posted);
  if (posted.kind === 'key') return checkKey(platform, posted);
  if (platform.config.auth !== 'relaxed')
    throw invalid('Only a server with --auth relaxed is signed in to by an account number.');
  if (!ACCOUNT.test(posted.accountId)) throw invalid('An account number has 12 digits.');
  const { accountId } = posted;
  const claim = { accessKeyId: accountId, token: undefined, accountId, now: platform.clock.now() };
  const principal = await relaxedPrincipal(platform.credentials, claim);
  return { principal, proof: { by: 'account' } };
}

async function checkPassword(
  { config }: Platform,
  signIn: SignIn | undefined,
  // An alias that nobody has costs what a user does that nobody is.
  { accountId = '', userName, password }: PostedPassword,
): Promise<Shown> {
  if (!signIn) return {};
  const { user, isRight } = await signIn.check(accountId, userName, password);
  // Anybody can name any number: no history begins for those that are nobody's.
  const isThere = accountId === config.accountId || (await signIn.hasUsers(accountId));
  const known = { ...(user && { principal: user.principal }), ...(isThere && { accountId }) };
  if (!isRight || !user) return known;
  const { principal, password: which, resetRequired } = user;
  const proof: Proof = { by: 'password', userId: principal.userId, password: which };
  return { ...known, proof, resetRequired };
}

async function checkKey(platform: Platform, shown: Posted & { kind: 'key' }): Promise<Shown> {
  const { accessKeyId, secretAccessKey, sessionToken } = shown;
  try {
    if (platform.config.auth === 'relaxed') return await relaxedKey(platform, shown);
    const { credentials, clock } = platform;
    const key = await checkedKey(credentials, clock.now(), accessKeyId, sessionToken);
    const { principal, expires } = key;
    if (!sameText(key.secretAccessKey, secretAccessKey)) return { principal };
    return { principal, proof: proofOf(shown, principal), expires };
  } catch (error) {
    if (error instanceof AuthFailure) return {};
    throw error;
  }
}

/** Any secret is taken, as any signature is. */
async function relaxedKey(
  { credentials, clock, config }: Platform,
  shown: Posted & { kind: 'key' },
): Promise<Shown> {
  const { accessKeyId, sessionToken: token } = shown;
  const claim = { accessKeyId, token, accountId: config.accountId, now: clock.now() };
  const principal = await relaxedPrincipal(credentials, claim);
  const known = await credentials.findAccessKey(accessKeyId, token);
  if (!known) return { principal, proof: { by: 'account' } };
  return { principal, proof: proofOf(shown, principal), expires: known.expires };
}

function proofOf(
  { accessKeyId, sessionToken }: Posted & { kind: 'key' },
  principal: Principal,
): Proof {
  return sessionToken === undefined
    ? { by: 'access-key', accessKeyId }
    : { by: 'session-token', principal };
}
