import type { CredentialStore, Principal } from '../principal.ts';
import { relaxedPrincipal } from './relaxed.ts';

const SSH_KEY_ID = /^\w{20,128}$/;

/** The SSH public key that a user name of SSH is the id of, active or not (CC-SSH-01). */
export async function sshKeyNamed(credentials: CredentialStore, id: string) {
  return SSH_KEY_ID.test(id) ? await credentials.findSshPublicKey(id) : undefined;
}

/** Who somebody is by now whom SSH has let in. @returns undefined where the key has gone since */
export async function sshPrincipal(
  credentials: CredentialStore,
  userName: string,
  {
    mode,
    accountId,
    now,
  }: {
    mode: 'strict' | 'relaxed';
    accountId: string;
    now: Date;
  },
): Promise<Principal | undefined> {
  const found = await sshKeyNamed(credentials, userName);
  if (found) return found.status === 'Active' ? found.principal : undefined;
  if (mode === 'strict') return undefined;
  const claim = { accessKeyId: /^\d{12}$/.test(userName) ? userName : '', token: undefined };
  return relaxedPrincipal(credentials, { ...claim, accountId, now });
}
