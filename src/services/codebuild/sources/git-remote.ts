import type { Remote } from '../../../git/git-host.ts';
import { gitCredential, type TemporaryCredentials } from './git-credential.ts';

/** A repository of this server, CodeCommit's or a connection's, for who has these credentials. */
export function ownRemote(
  url: URL,
  {
    credentials,
    ...its
  }: {
    credentials: TemporaryCredentials;
    region: string;
    service?: string | undefined;
    now: Date;
  },
): Remote {
  const { username: userName, password } = gitCredential(credentials, url, its);
  return { url: url.href, credentials: { userName, password } };
}
