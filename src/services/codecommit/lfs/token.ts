import type { Platform } from '../../../kit/service.ts';
import type { LfsOperation } from '../model/lfs.ts';

/** What git-lfs-authenticate gives to who came by SSH: for a quarter of an hour he may do the one thing in the one repository. */
export interface Grant {
  /** The user name of SSH: the id of a public key. Whether it still lets in is asked at each use, and so is IAM. */
  userName: string;
  repositoryId: string;
  operation: LfsOperation;
  /** Epoch milliseconds. */
  expires: number;
}

/** In the place of a user's name, beside a token as the password. No IAM git credential has such a name. */
export const TOKEN_USER = 'git-lfs';
export const TOKEN_SECONDS = 15 * 60;
const CONTEXT = 'codecommit/lfs';

/** @returns the value of the Authorization header */
export function authorizationOf({ vault }: Pick<Platform, 'vault'>, grant: Grant): string {
  const token = vault.seal(JSON.stringify(grant), CONTEXT);
  return `Basic ${Buffer.from(`${TOKEN_USER}:${token}`).toString('base64')}`;
}

/** What a token is good for, or undefined for one that is none of ours or has expired. */
export function openToken(
  { vault, clock }: Pick<Platform, 'vault' | 'clock'>,
  token: string,
): Grant | undefined {
  let grant: Grant;
  try {
    grant = JSON.parse(vault.open(token, CONTEXT).toString());
  } catch {
    return undefined;
  }
  return grant.expires > clock.now().getTime() ? grant : undefined;
}
