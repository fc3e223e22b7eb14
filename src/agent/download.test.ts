import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadBundle } from './download.ts';

type Answer = RequestListener;

let directory: string;
let server: Server;
let answers: Answer[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-download-'));
  answers = [];
  server = createServer((request, response) => answers.shift()?.(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

const bundle: Answer = (_, response) => {
  response.writeHead(200, { etag: '"e1"', 'content-length': 6 }).end('bundle');
};
const halfOfIt: Answer = (_, response) => {
  response.writeHead(200, { etag: '"e1"', 'content-length': 6 }).write('bun', () => {
    response.destroy();
  });
};
const noAnswer: Answer = (request) => request.socket.destroy();
const error =
  (status: number, code: string): Answer =>
  (_, response) => {
    response.writeHead(status).end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
  };

const SUM = createHash('sha256').update('bundle').digest('base64');

function download(etag?: string, checksum: string | undefined = SUM): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const options = {
    region: 'us-east-1',
    credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
    endpoint: `http://127.0.0.1:${port}`,
  };
  const revision = { bucket: 'b', key: 'k', bundleType: 'zip', etag, checksum } as never;
  return downloadBundle(options, revision, join(directory, 'bundle'));
}

test('CD-AGT-09: a server that goes away in the middle is waited for', async () => {
  answers = [noAnswer, error(503, 'SlowDown'), halfOfIt, bundle];
  await download('e1');
  expect(readFileSync(join(directory, 'bundle'), 'utf8')).toBe('bundle');
});

test('CD-AGT-09: what S3 refuses is refused at once', async () => {
  answers = [error(403, 'AccessDenied'), bundle];
  await expect(download()).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(answers).toHaveLength(1);
});

test('CD-REV-03: another etag than that of the deployment fails it', async () => {
  answers = [bundle, bundle];
  await expect(download('e2')).rejects.toThrow('etag e2 but was actually "e1"');
  expect(answers).toHaveLength(1);
});

test.each(['another', ''])(
  'a bundle that is not the one of the signed specification (%j) is not kept',
  async (checksum) => {
    answers = [bundle, bundle];
    await expect(download('e1', checksum)).rejects.toThrow(`The bundle has the SHA-256 ${SUM}`);
    expect(existsSync(join(directory, 'bundle'))).toBe(false);
    expect(answers).toHaveLength(1);
  },
);
