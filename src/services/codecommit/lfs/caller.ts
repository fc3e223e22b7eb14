import { sshPrincipal } from '../../../aws/auth/ssh-principal.ts';
import { HttpError } from '../../../aws/http-error.ts';
import {
  type Caller,
  type Identity,
  type RouteCall,
  unauthorized,
} from '../../../aws/route-identity.ts';
import type { Platform } from '../../../kit/service.ts';
import { gitCallerOf } from '../git-http/caller.ts';
import { findRepositoryById } from '../store/repositories.ts';
import { type Grant, openToken, TOKEN_USER } from './token.ts';

export interface LfsCaller extends Caller {
  /** Of who has a token of git-lfs-authenticate. */
  grant?: Grant;
}

/** Clients of LFS put `.git` behind the URL of a repository, whose name never ends so (CC-LIM-01). */
export const repositoryNameOf = (label = '') => label.replace(/\.git$/, '');

/** As git's; wrong ones are asked for again, since a client keeps those that it has had, and signed ones expire. */
export const lfsIdentity: Identity<Platform> = {
  ...{ by: 'basic', realm: 'CodeCommit', find },
  ssh: true,
};

async function find(
  platform: Platform,
  given: { userName: string; password: string },
  call: RouteCall,
): Promise<LfsCaller> {
  const name = repositoryNameOf(call.labels.repository);
  if (given.userName === TOKEN_USER) return granted(platform, given.password);
  // What they are signed for is the path of the remote, or that of LFS's own URL.
  const repository = `/v1/repos/${name}`;
  const paths = [repository, `${repository}.git`].flatMap((path) => [path, `${path}/info/lfs`]);
  for (const path of paths) {
    try {
      return await gitCallerOf(platform, given, call, { name, path });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
    }
  }
  throw unauthorized(lfsIdentity);
}

async function granted(platform: Platform, token: string): Promise<LfsCaller> {
  const grant = openToken(platform, token);
  const { config, credentials, clock, db } = platform;
  const how = { mode: config.auth, accountId: config.accountId, now: clock.now() };
  const principal = grant && (await sshPrincipal(credentials, grant.userName, how));
  const record = grant && (await findRepositoryById(db, grant.repositoryId));
  if (!grant || !principal || !record) throw unauthorized(lfsIdentity);
  return { principal, region: record.region, grant };
}
