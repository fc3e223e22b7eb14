import type { Caller, Identity, RouteCall } from '../../../aws/route-identity.ts';
import { gitCaller } from '../../../kit/git-caller.ts';
import type { Platform } from '../../../kit/service.ts';
import { findByName } from '../store/repositories.ts';

/** The region that a host name of AWS's form names: `git-codecommit.eu-west-1.amazonaws.com`. */
export function regionOfHost(host: string | undefined): string | undefined {
  const match = /(?:^|\.)git-codecommit(?:-fips)?\.([a-z0-9-]+)\./.exec(host ?? '');
  return match?.[1];
}

/** Whoever runs git (CC-GIT-02, CC-GIT-03): 401 without credentials, so that git asks its helper; 403 for wrong ones. */
export const gitIdentity: Identity<Platform> = {
  ...{ by: 'basic', realm: 'CodeCommit', find },
  ssh: true,
};

async function find(
  platform: Platform,
  given: { userName: string; password: string },
  call: RouteCall,
): Promise<Caller> {
  const { request, labels } = call;
  const name = labels.repository ?? '';
  const usual = regionOfHost(request.headers.host) ?? platform.config.region;
  // Those in which a signature may be made; the password does not say.
  const named = await findByName(platform.db, name);
  const regions = [...new Set([usual, ...named.map(({ region }) => region)])];
  return gitCaller(platform, given, call, {
    ...{ path: `/v1/repos/${name}`, service: 'codecommit', regions },
  });
}
