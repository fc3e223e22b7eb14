import { mkdirSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Specification } from './specification.ts';

export { temporaryDirectory } from '../lib/testing.ts';

/** Far more than a client has to read to see that it is too much; it ends all the same, so that a test does. */
export const ENDLESS_BYTES = 64 * 1024 * 1024;

/** Answers without an end, as fast as it is read. @returns how many bytes it got rid of until nobody listened any more */
export async function answerWithoutEnd(response: ServerResponse, status = 200): Promise<number> {
  let sent = 0;
  const pieces = function* () {
    for (; sent < ENDLESS_BYTES; sent += 65_536) yield Buffer.alloc(65_536, ' ');
  };
  response.writeHead(status, { etag: '"e1"' });
  await pipeline(Readable.from(pieces()), response).catch(() => {});
  return sent;
}

/** Answers a byte at a time, for ever. */
export function answerByteByByte(response: ServerResponse): void {
  response.writeHead(200, { etag: '"e1"' });
  const drops = setInterval(() => response.write(' '), 10);
  response.once('close', () => clearInterval(drops));
}

/** Writes files below a directory; those whose name ends in `.sh` are executable. */
export function writeFiles(directory: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
}

export const specification = (more: Partial<Specification> = {}): Specification => ({
  deploymentId: 'd-AAAAAAAAA',
  groupId: '11111111-2222-3333-4444-555555555555',
  groupName: 'prod',
  applicationName: 'web',
  creator: 'user',
  type: 'IN_PLACE',
  appSpecPath: 'appspec.yml',
  fileExistsBehavior: 'DISALLOW',
  revision: { from: 'S3', bucket: 'b', key: 'k.zip', bundleType: 'zip', etag: 'e' },
  ...more,
});
