import type { Principal } from '../aws/principal.ts';

/** A user who has a password for the console. */
export interface SigningIn {
  principal: Principal & { type: 'user' };
  /** Another one for each password that he has had: a session that began with an older one has ended. */
  password: string;
  /** He has to choose a password of his own before he may do anything else. */
  resetRequired: boolean;
}

/** What the console asks of who keeps the users and their passwords. */
export interface SignIn {
  /** The account that is known by a name. */
  accountOf(alias: string): Promise<string | undefined>;
  aliasOf(accountId: string): Promise<string | undefined>;
  /** Any number could be an account's: this one is in use. */
  hasUsers(accountId: string): Promise<boolean>;
  /**
   * Is this the user's password? It takes as long where there is no such user, or none who signs in by one.
   * @returns who has this name, where somebody has, also where the password is wrong
   */
  check(
    accountId: string,
    userName: string,
    password: string,
  ): Promise<{ user: SigningIn | undefined; isRight: boolean }>;
  /** By unique id, as he is by now; undefined where he is gone, or has no password any more. */
  find(userId: string): Promise<SigningIn | undefined>;
}
