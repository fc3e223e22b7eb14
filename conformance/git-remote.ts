import { gitSignature } from '../src/aws/auth/git-signature.ts';
import type { TestServer } from './server.ts';

/** A repository's URL with credentials as `aws codecommit credential-helper` makes them for the root key. */
export function gitRemote(server: TestServer, name: string): string {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+Z/g, '');
  const { accessKeyId, secretAccessKey, region } = server;
  const what = { timestamp, region, host: '127.0.0.1', path: `/v1/repos/${name}` };
  const signature = gitSignature(accessKeyId, secretAccessKey, what);
  const url = new URL(what.path, server.endpoint);
  url.username = accessKeyId;
  url.password = encodeURIComponent(`${timestamp}Z${signature}`);
  return url.href;
}
