import { gitSignature } from '../../../aws/auth/git-signature.ts';

export interface TemporaryCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/**
 * User name and password by which git over HTTP knows an IAM identity, CodeCommit's or a connection's: a Signature Version 4 of the
 * request's place, as `aws codecommit credential-helper` makes it (reference CC-GIT-03).
 */
export function gitCredential(
  credentials: TemporaryCredentials,
  url: URL,
  {
    region,
    service = 'codecommit',
    now,
  }: { region: string; service?: string | undefined; now: Date },
): { username: string; password: string } {
  const timestamp = now.toISOString().replace(/[-:]|\.\d+Z$/g, '');
  const place = { timestamp, region, host: url.hostname, path: url.pathname, service };
  const signature = gitSignature(credentials.accessKeyId, credentials.secretAccessKey, place);
  return {
    username: `${credentials.accessKeyId}%${credentials.sessionToken}`,
    password: `${timestamp}Z${signature}`,
  };
}
