import { useSyncExternalStore } from 'react';
import { BASE } from '../app/place.ts';

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
  role?: { roleArn?: string; arn?: string };
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

let now: SessionState = { state: 'asking' };
const listeners = new Set<() => void>();

function become(state: SessionState) {
  now = state;
  for (const listener of listeners) listener();
}

export const useSessionState = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => now,
  );

/** Of what is signed in; for what is shown to none else. */
export function useSession(): Session {
  const state = useSessionState();
  if (state.state !== 'in') throw new Error('Not signed in');
  return state.session;
}

export const sessionNow = () => (now.state === 'in' ? now.session : undefined);

/** @throws Error in the server's words */
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
  const before = now.state;
  try {
    const response = await send('GET', '');
    if (response.ok) return become({ state: 'in', session: await response.json() });
    if (response.status !== 401)
      return become({ state: 'unreachable', why: await wordsOf(response) });
    const door = (await response.json().catch(() => undefined)) as Doorway | undefined;
    become({ state: 'out', door, ended: before === 'in' });
  } catch (error) {
    // A lost connection is no reason to throw away what is shown: the event stream says so meanwhile.
    if (before !== 'in') become({ state: 'unreachable', why: (error as Error).message });
  }
}

/** @throws Error in the server's words */
export async function signIn(as: SignIn) {
  const response = await send('POST', '', as);
  if (!response.ok) throw new Error(await wordsOf(response));
  become({ state: 'in', session: await response.json() });
}

export async function signOut() {
  await send('DELETE', '');
  await askSession();
}

/** @throws Error in the server's words */
export async function changePassword(oldPassword: string, newPassword: string) {
  const response = await send('POST', '/password', { oldPassword, newPassword });
  if (!response.ok) throw new Error(await wordsOf(response));
  await askSession();
}

/** Takes a role's rights, or (undefined) gives them back. @throws Error in the server's words */
export async function switchRole(roleArn: string | undefined) {
  const response = await send(
    roleArn === undefined ? 'DELETE' : 'POST',
    '/role',
    roleArn === undefined ? undefined : { roleArn },
  );
  if (!response.ok) throw new Error(await wordsOf(response));
  await askSession();
}
