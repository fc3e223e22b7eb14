import { BASE } from '../app/place.ts';
import { store } from '../app/store.ts';

/** What the server says of a session; the temporary credentials stay with it. */
export interface Session {
  accountId: string;
  alias?: string;
  arn: string;
  userName?: string;
  region: string;
  regions: string[];
  auth: 'strict' | 'relaxed';
  expiresAt: string;
  passwordResetRequired: boolean;
  version: string;
  role?: { roleArn: string };
  csrf: string;
}

/** What it says to those who are not signed in. */
export interface Doorway {
  auth: 'strict' | 'relaxed';
  accountId: string;
  region: string;
}

export type SessionState =
  | { state: 'asking' }
  | { state: 'out'; door: Doorway | undefined; ended: boolean }
  | { state: 'in'; session: Session }
  | { state: 'unreachable'; why: string };

export type SignIn =
  | { accountId?: string; userName: string; password: string }
  | { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  | { accountId: string };

const current = store<SessionState>({ state: 'asking' });
export const useSessionState = current.use;

/** Of what is signed in; for what is shown to none else. */
export function useSession(): Session {
  const state = useSessionState();
  if (state.state !== 'in') throw new Error('Not signed in');
  return state.session;
}

export function sessionNow(): Session | undefined {
  const now = current.now();
  return now.state === 'in' ? now.session : undefined;
}

async function send(method: string, path: string, body?: object): Promise<Response> {
  const csrf = sessionNow()?.csrf;
  return fetch(`${BASE}session${path}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json' }),
      ...(csrf !== undefined && { 'x-slipway-csrf': csrf }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function wordsOf(response: Response): Promise<string> {
  const body = await response.json().catch(() => undefined);
  return body?.message ?? `The server answered ${response.status} ${response.statusText}`.trim();
}

/** Asks whether there is a session: at the start, and when a call says that there is none. */
export async function askSession() {
  const before = current.now().state;
  try {
    const response = await send('GET', '');
    if (response.ok) return current.set({ state: 'in', session: await response.json() });
    if (response.status !== 401)
      return current.set({ state: 'unreachable', why: await wordsOf(response) });
    const door = (await response.json().catch(() => undefined)) as Doorway | undefined;
    current.set({ state: 'out', door, ended: before === 'in' });
  } catch (error) {
    // A lost connection is no reason to throw away what is shown: the event stream says so meanwhile.
    if (before !== 'in') current.set({ state: 'unreachable', why: (error as Error).message });
  }
}

/** For what the server answers with the session as it is then. @throws Error in the server's words */
async function change(method: string, path: string, body?: object) {
  const response = await send(method, path, body);
  if (!response.ok) throw new Error(await wordsOf(response));
  current.set({ state: 'in', session: await response.json() });
}

/** @throws Error in the server's words */
export const signIn = (as: SignIn) => change('POST', '', as);

export async function signOut() {
  await send('DELETE', '');
  await askSession();
}

/** @throws Error in the server's words */
export const changePassword = (oldPassword: string, newPassword: string) =>
  change('POST', '/password', { oldPassword, newPassword });

/** Takes a role's rights, or (undefined) gives them back. @throws Error in the server's words */
export const switchRole = (roleArn: string | undefined) =>
  roleArn === undefined ? change('DELETE', '/role') : change('POST', '/role', { roleArn });
