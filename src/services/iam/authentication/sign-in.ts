import { createHash } from 'node:crypto';
import type { Database } from '../../../db/database.ts';
import type { SignIn, SigningIn } from '../../../kit/sign-in.ts';
import { isConsolePassword } from '../model/console-password.ts';
import { userPrincipal } from '../model/names.ts';
import { findAccountByAlias, findAlias } from '../store/accounts.ts';
import {
  findIdentity,
  findIdentityById,
  type Identity,
  listIdentities,
} from '../store/identities.ts';
import { findLoginProfile } from '../store/login-profiles.ts';

/** Of nobody: who does not exist is compared with it, so that the time does not tell. */
const NOBODYS = `${'00'.repeat(16)}:${'00'.repeat(32)}`;

/** Users and their passwords, for the console's sign-in. */
export function makeSignIn({ db }: Pick<Database, 'db'>): SignIn {
  async function profileOf(user: Identity | undefined) {
    const profile = user && (await findLoginProfile(db, user.id));
    if (!user || !profile) return undefined;
    const [hash] = profile.hashes;
    const { resetRequired } = profile;
    const found: SigningIn = {
      principal: userPrincipal(user),
      password: stampOf(hash),
      resetRequired,
    };
    return { found, hash };
  }

  return {
    accountOf: (alias) => findAccountByAlias(db, alias),
    aliasOf: (accountId) => findAlias(db, accountId),
    hasUsers: async (accountId) =>
      (await listIdentities(db, accountId, 'user', '/', { after: '', limit: 1 })).length > 0,
    async check(accountId, userName, password) {
      const known = await profileOf(await findIdentity(db, accountId, 'user', userName));
      const isRight = await isConsolePassword(password, known?.hash ?? NOBODYS);
      return { user: known?.found, isRight: isRight && known !== undefined };
    },
    find: async (userId) => (await profileOf(await findIdentityById(db, userId)))?.found,
  };
}

/** Tells passwords apart, and nothing about them. */
function stampOf(hash: string): string {
  return createHash('sha256').update(hash).digest('base64url');
}
