import { HttpError } from '../../../aws/http-error.ts';
import type { Caller, Identity, RouteCall } from '../../../aws/route-identity.ts';
import type { Platform } from '../../../kit/service.ts';
import { findByName } from '../store/repositories.ts';
import { authenticateGit } from './credentials.ts';

/** The region that a host name of AWS's form names: `git-codecommit.eu-west-1.amazonaws.com`. */
export function regionOfHost(host: string | undefined): string | undefined {
  const match = /(?:^|\.)git-codecommit(?:-fips)?\.([a-z0-9-]+)\./.exec(host ?? '');
  return match?.[1];
}

/** Whoever runs git (CC-GIT-02, CC-GIT-03): 401 without credentials, so that git asks its helper; 403 for wrong ones. */
export const gitIdentity: Identity<Platform> = { by: 'basic', realm: 'CodeCommit', find };

async function find(
  platform: Platform,
  given: { userName: string; password: string },
  { request, labels }: RouteCall,
): Promise<Caller> {
  const name = labels.repository ?? '';
  const usual = regionOfHost(request.headers.host) ?? platform.config.region;
  // Those in which a signature may be made; the password does not say.
  const named = await findByName(platform.db, name);
  const regions = [...new Set([usual, ...named.map(({ region }) => region)])];
  const caller = await authenticateGit({
    mode: platform.config.auth,
    accountId: platform.config.accountId,
    credentials: platform.credentials,
    now: platform.clock.now(),
    host: request.headers.host ?? '',
    path: `/v1/repos/${name}`,
    regions,
    ...given,
  });
  if (!caller) throw new HttpError(403, 'The credentials are not valid.');
  return caller;
}
