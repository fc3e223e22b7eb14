import type { WireRequest } from '../../../aws/http.ts';
import type { Platform } from '../../service.ts';
import { authenticateGit, type GitCaller } from './credentials.ts';

import { GitHttpError } from './errors.ts';

/** User and password of HTTP Basic, or undefined where there are none. */
export function basicCredentials(
  authorization: string | undefined,
): { userName: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  if (!encoded) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { userName: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The region that a host name of AWS's form names: `git-codecommit.eu-west-1.amazonaws.com`. */
export function regionOfHost(host: string | undefined): string | undefined {
  const match = /(?:^|\.)git-codecommit(?:-fips)?\.([a-z0-9-]+)\./.exec(host ?? '');
  return match?.[1];
}

/**
 * Finds out who runs git (CC-GIT-02, CC-GIT-03).
 * @param regions in which a signature may be made; the password does not say
 * @throws GitHttpError 401 without credentials, so that git asks its helper; 403 for wrong ones
 */
export async function identifyCaller(
  platform: Platform,
  request: WireRequest,
  repositoryPath: string,
  regions: string[],
): Promise<GitCaller> {
  if (request.internal) return request.internal;
  const basic = basicCredentials(request.headers.authorization);
  if (!basic && platform.config.auth === 'strict') throw new GitHttpError(401, 'Unauthorized');
  const caller = await authenticateGit({
    mode: platform.config.auth,
    accountId: platform.config.accountId,
    credentials: platform.credentials,
    now: platform.clock.now(),
    host: request.headers.host ?? '',
    path: repositoryPath,
    regions,
    userName: basic?.userName ?? '',
    password: basic?.password ?? '',
  });
  if (!caller) throw new GitHttpError(403, 'The credentials are not valid.');
  return caller;
}
