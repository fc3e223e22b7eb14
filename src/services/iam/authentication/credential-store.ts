import { rootPrincipal } from '../../../aws/auth/root.ts';
import { openSession } from '../../../aws/auth/session-token.ts';
import type { AccessKey, CredentialStore, Principal } from '../../../aws/principal.ts';
import type { Database } from '../../../db/database.ts';
import type { RootKey } from '../../../lib/accounts.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { RootKeys } from '../../../lib/root-key.ts';
import type { Vault } from '../../../lib/vault.ts';
import { identityArn, identityIdOf, userPrincipal } from '../model/names.ts';
import { passwordMatches } from '../model/password.ts';
import { blobOf, keyObjectOf } from '../model/ssh-public-key.ts';
import { findAccessKeyRow, findServiceCredential } from '../store/credentials.ts';
import { findIdentityById, type Identity, isAbsentRole } from '../store/identities.ts';
import { makeRevisionCache } from '../store/revision-cache.ts';
import { findSshKey } from '../store/ssh-public-keys.ts';

export interface CredentialStoreOptions {
  database: Pick<Database, 'db'>;
  vault: Vault;
  clock: Clock;
  rootKeys: RootKeys;
  /** `relaxed`: roles that do not exist have sessions all the same. */
  mode: 'strict' | 'relaxed';
}

/** Access keys of the root and of users from the database, temporary ones out of their own session tokens. */
export function makeCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const { database, vault, rootKeys, mode } = options;
  const keys = makeRevisionCache(database, (accessKeyId) => loadKey(accessKeyId));

  async function loadKey(accessKeyId: string): Promise<AccessKey | undefined> {
    const row = await findAccessKeyRow(database.db, accessKeyId);
    const user = row && (await findIdentityById(database.db, row.userId));
    if (!user) return undefined;
    const secretAccessKey = vault.open(row.sealedSecret, accessKeyId).toString();
    return { accessKeyId, secretAccessKey, status: row.status, principal: userPrincipal(user) };
  }

  const identities = makeRevisionCache(database, (id) => findIdentityById(database.db, id));

  /** The principal as it is by now: a user may have another name. Undefined when it is gone. */
  async function current(principal: Principal): Promise<Principal | undefined> {
    const id = identityIdOf(principal);
    if (id === undefined) return principal;
    const identity = await identities.get(id);
    if (identity) return renamed(principal, identity);
    const absent = mode === 'relaxed' && (await isAbsentRole(database.db, principal));
    return absent ? principal : undefined;
  }

  async function sessionKey(
    accessKeyId: string,
    sessionToken: string,
  ): Promise<AccessKey | undefined> {
    const session = openSession(vault, sessionToken);
    if (session?.accessKeyId !== accessKeyId) return undefined;
    const principal = await current(session.principal);
    const status = principal ? 'Active' : 'Inactive';
    return { ...session, sessionToken, status, principal: principal ?? session.principal };
  }

  return {
    async findAccessKey(accessKeyId, sessionToken) {
      if (sessionToken !== undefined) return sessionKey(accessKeyId, sessionToken);
      return (
        rootAccessKey(rootKeys.find(accessKeyId)) ??
        (await keys.get(accessKeyId)) ??
        rootAccessKey(rootKeys.findNew(accessKeyId))
      );
    },
    isCurrent: async (principal) => (await current(principal)) !== undefined,
    async findServiceSpecificCredential(serviceName, userName, password) {
      const found = await findServiceCredential(database.db, serviceName, userName);
      if (found?.status !== 'Active' || !passwordMatches(password, found.passwordHash))
        return undefined;
      const user = await findIdentityById(database.db, found.userId);
      return user && userPrincipal(user);
    },
    async findSshPublicKey(id) {
      const found = await findSshKey(database.db, id);
      const user = found && (await findIdentityById(database.db, found.userId));
      if (!user) return undefined;
      const { status, publicKey } = found;
      const key = keyObjectOf(publicKey);
      return { blob: blobOf(publicKey), key, status, principal: userPrincipal(user) };
    },
  };
}

/** A session of a user knows the name that he has by now. */
function renamed(principal: Principal, identity: Identity): Principal {
  if (principal.type === 'user') return { ...principal, ...userPrincipal(identity) };
  if (principal.type !== 'federated-user') return principal;
  return { ...principal, issuer: { ...principal.issuer, arn: identityArn(identity) } };
}

function rootAccessKey(key: RootKey | undefined): AccessKey | undefined {
  return key && { ...key, status: 'Active', principal: rootPrincipal(key.accountId) };
}
