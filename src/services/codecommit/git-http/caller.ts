import type { Caller, Identity, RouteCall } from '../../../aws/route-identity.ts';
import { gitCaller } from '../../../kit/git-caller.ts';
import type { Platform } from '../../../kit/service.ts';
import { findByName, type RepositoryRecord } from '../store/repositories.ts';

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

function find(
  platform: Platform,
  given: { userName: string; password: string },
  call: RouteCall,
): Promise<Caller> {
  const name = call.labels.repository ?? '';
  return gitCallerOf(platform, given, call, { name, path: `/v1/repos/${name}` });
}

/** @param place a repository's name, and the path that signed credentials are for @throws HttpError 403 for wrong ones */
export async function gitCallerOf(
  platform: Platform,
  given: { userName: string; password: string },
  call: RouteCall,
  { name, path }: { name: string; path: string },
): Promise<Caller> {
  const { request } = call;
  const usual = regionOfHost(request.headers.host) ?? platform.config.region;
  // Those in which a signature may be made; the password does not say.
  const named = await findByName(platform.db, name);
  const regions = [...new Set([usual, ...named.map(({ region }) => region)])];
  return gitCaller(platform, given, call, {
    ...{ path, service: 'codecommit', regions },
  });
}

/**
 * The repository that a name means: the path has no region, so it is the one that the signature or the host
 * names, then the server's own, then, for credentials that know no region, the only one that has it.
 */
export function locate(
  { principal, region }: Caller,
  named: RepositoryRecord[],
  usualRegion: string,
): RepositoryRecord | undefined {
  const own = named.filter(({ accountId }) => accountId === principal.accountId);
  const record = own.find((one) => one.region === (region ?? usualRegion));
  return record ?? (region === undefined && own.length === 1 ? own[0] : undefined);
}
