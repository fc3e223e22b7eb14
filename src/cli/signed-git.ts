import { createHash, createHmac } from 'node:crypto';
import type { GitCredentials } from './demo/resources.ts';

/** Who pushes. */
export interface Pusher {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** As `aws codecommit credential-helper` signs: Version 4 with the method GIT, and no hash of a payload. */
export function signedIn(to: { url: string; region: string }, pusher: Pusher): GitCredentials {
  const { hostname, pathname } = new URL(to.url);
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+Z$/g, '');
  const scope = [timestamp.slice(0, 8), to.region, 'codecommit', 'aws4_request'];
  const request = `GIT\n${pathname}\n\nhost:${hostname}\n\nhost\n`;
  const hash = createHash('sha256').update(request).digest('hex');
  const text = ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), hash].join('\n');
  const hmac = (key: string | Buffer, part: string) =>
    createHmac('sha256', key).update(part).digest();
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${pusher.secretAccessKey}`);
  const { accessKeyId, sessionToken } = pusher;
  return {
    userName: sessionToken ? `${accessKeyId}%${sessionToken}` : accessKeyId,
    password: `${timestamp}Z${hmac(key, text).toString('hex')}`,
  };
}
