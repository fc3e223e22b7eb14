import type { CredentialStore, Principal } from '../principal.ts';
import { AuthFailure } from './failure.ts';
import { rootPrincipal } from './root.ts';

export interface RelaxedClaim {
  /** Empty when the caller says nothing. */
  accessKeyId: string;
  token: string | undefined;
  /** Whose root a caller is whose key is none of the server's. */
  accountId: string;
  now: Date;
}

/**
 * Who a caller is where no signature is looked at: the root of the account that 12 digits name, the owner of a key that
 * the server knows, or else the default account's root.
 * @throws AuthFailure for a key that is switched off, a session whose user or role is gone (it was somebody else), and one
 * that has expired
 */
export async function relaxedPrincipal(
  credentials: CredentialStore,
  { accessKeyId, token, accountId, now }: RelaxedClaim,
): Promise<Principal> {
  if (/^\d{12}$/.test(accessKeyId)) return rootPrincipal(accessKeyId);
  const known =
    accessKeyId === '' ? undefined : await credentials.findAccessKey(accessKeyId, token);
  if (!known) return rootPrincipal(accountId);
  const { status, expires } = known;
  if (status !== 'Active') throw new AuthFailure('inactive-key', { AWSAccessKeyId: accessKeyId });
  if (expires && expires <= now) throw new AuthFailure('expired-token');
  return known.principal;
}
