import { authenticateGit, type GitCredentialFacts } from '../aws/auth/git-credentials.ts';
import { HttpError } from '../aws/http-error.ts';
import type { Caller, RouteCall } from '../aws/route-identity.ts';
import type { Platform } from './platform.ts';

type Place = Pick<GitCredentialFacts, 'path' | 'service' | 'regions'>;

/** Who runs git, by the credentials that it sends for a repository. @throws HttpError 403 for wrong ones */
export async function gitCaller(
  platform: Pick<Platform, 'config' | 'credentials' | 'clock'>,
  given: { userName: string; password: string },
  { request }: RouteCall,
  place: Place,
): Promise<Caller> {
  const { config, credentials, clock } = platform;
  const caller = await authenticateGit({
    ...{ mode: config.auth, accountId: config.accountId, credentials, now: clock.now() },
    ...{ host: request.headers.host ?? '', ...place, ...given },
  });
  if (!caller) throw new HttpError(403, 'The credentials are not valid.');
  return caller;
}
