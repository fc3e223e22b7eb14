import type { CredentialStore, Principal } from '../principal.ts';
import { rootPrincipal } from './root.ts';

export interface RelaxedClaim {
  /** Empty when the caller says nothing. */
  accessKeyId: string;
  token: string | undefined;
  /** Whose root a caller is whose key is none of the server's. */
  accountId: string;
}

/**
 * Who a caller is where no signature is looked at: the root of the account that 12 digits name, the owner of a key that
 * the server knows, or else the default account's root.
 * @returns undefined for a key that is switched off, or a session whose user or role is gone: it was somebody else
 */
export async function relaxedPrincipal(
  credentials: CredentialStore,
  { accessKeyId, token, accountId }: RelaxedClaim,
): Promise<Principal | undefined> {
  if (/^\d{12}$/.test(accessKeyId)) return rootPrincipal(accessKeyId);
  const known =
    accessKeyId === '' ? undefined : await credentials.findAccessKey(accessKeyId, token);
  if (!known) return rootPrincipal(accountId);
  return known.status === 'Active' ? known.principal : undefined;
}
