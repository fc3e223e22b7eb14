import { createHash, createHmac } from 'node:crypto';

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
  const date = timestamp.slice(0, 8);
  const request = `GIT\n${url.pathname}\n\nhost:${url.hostname}\n\nhost\n`;
  const scope = `${date}/${region}/codecommit/aws4_request`;
  const digest = createHash('sha256').update(request).digest('hex');
  const key = [date, region, 'codecommit', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${digest}`)
    .digest('hex');
  return {
    username: `${credentials.accessKeyId}%${credentials.sessionToken}`,
    password: `${timestamp}Z${signature}`,
  };
}
