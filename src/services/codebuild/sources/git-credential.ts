import { gitSignature } from '../../../aws/auth/git-signature.ts';

export interface TemporaryCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/**
 * User name and password by which CodeCommit's git over HTTP knows an IAM identity: a Signature Version 4 of the
 * request's place, as `aws codecommit credential-helper` makes it (reference CC-GIT-03).
 */
export function codecommitCredential(
  credentials: TemporaryCredentials,
  url: URL,
  region: string,
  now: Date,
): { username: string; password: string } {
  const timestamp = now.toISOString().replace(/[-:]|\.\d+Z$/g, '');
  const place = { timestamp, region, host: url.hostname, path: url.pathname };
  const signature = gitSignature(credentials.accessKeyId, credentials.secretAccessKey, place);
  return {
    username: `${credentials.accessKeyId}%${credentials.sessionToken}`,
    password: `${timestamp}Z${signature}`,
  };
}
