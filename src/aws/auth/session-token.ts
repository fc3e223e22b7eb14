import type { Vault } from '../../lib/vault.ts';
import type { Principal } from '../principal.ts';

/** Temporary credentials, as their own token carries them. */
export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  expires: Date;
  principal: Principal;
}

const CONTEXT = 'sts-session-token';

/**
 * A session token that is the session: sealed under the server's master key, so that nothing is stored and every
 * server that shares the key accepts it.
 */
export function sealSession(vault: Vault, session: Session): string {
  const text = JSON.stringify({ ...session, expires: session.expires.getTime() });
  return vault.seal(text, CONTEXT);
}

/** The session in a token, or undefined when the token was forged or changed. It may have expired. */
export function openSession(vault: Vault, token: string): Session | undefined {
  let text: string;
  try {
    text = vault.open(token, CONTEXT).toString();
  } catch {
    return undefined;
  }
  const { accessKeyId, secretAccessKey, expires, principal } = JSON.parse(text);
  return { accessKeyId, secretAccessKey, expires: new Date(expires), principal };
}
