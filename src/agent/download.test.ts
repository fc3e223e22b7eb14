import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Patience } from './ask.ts';
import { downloadBundle } from './download.ts';
import { answerByteByByte, answerWithoutEnd, ENDLESS_BYTES } from './testing.ts';

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

const withoutEnd =
  (status: number, onSent: (sent: number) => void): Answer =>
  (_, response) =>
    void answerWithoutEnd(response, status).then(onSent);

const SUM = createHash('sha256').update('bundle').digest('base64');

/** @param more of the revision, and how long is waited */
function download(
  etag?: string,
  checksum: string | undefined = SUM,
  more: { bytes?: number; patience?: Partial<Patience> } = {},
): Promise<void> {
  const { bytes, patience } = more;
  const { port } = server.address() as AddressInfo;
  const options = {
    region: 'us-east-1',
    credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
    endpoint: `http://127.0.0.1:${port}`,
  };
  const revision = { bucket: 'b', key: 'k', bundleType: 'zip', etag, checksum, bytes } as never;
  return downloadBundle({ ...options, patience }, revision, join(directory, 'bundle'));
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

test.each([301, 307])('nobody is followed to where S3 sends (%i)', async (status) => {
  const elsewhere: Answer = (_, response) => {
    const { port } = server.address() as AddressInfo;
    response.writeHead(status, { location: `http://127.0.0.1:${port}/b/k` }).end();
  };
  answers = [elsewhere, bundle];
  await expect(download('e1')).rejects.toThrow();
  expect(answers).toHaveLength(1);
});

test('CD-REV-03: another etag than that of the deployment fails it', async () => {
  answers = [bundle, bundle];
  await expect(download('e2')).rejects.toThrow('etag e2 but was actually "e1"');
  expect(answers).toHaveLength(1);
});

test('a bundle that is not the one of the signed specification is not kept', async () => {
  answers = [bundle, bundle];
  await expect(download('e1', 'another')).rejects.toThrow(`The bundle has the SHA-256 ${SUM}`);
  expect(existsSync(join(directory, 'bundle'))).toBe(false);
  expect(answers).toHaveLength(1);
});

test('of a bundle that the signed specification has no SHA-256 of nothing is read', async () => {
  const sent = Promise.withResolvers<number>();
  answers = [withoutEnd(200, sent.resolve)];
  await expect(download('e1', '')).rejects.toThrow('no SHA-256');
  expect(existsSync(join(directory, 'bundle'))).toBe(false);
  expect(await sent.promise).toBeLessThan(ENDLESS_BYTES / 2);
});

test('a bundle that is longer than the signed specification says is let go of, and not kept', async () => {
  const sent = Promise.withResolvers<number>();
  answers = [withoutEnd(200, sent.resolve), bundle];
  await expect(download('e1', SUM, { bytes: 6 })).rejects.toThrow('longer than 6 bytes');
  expect(existsSync(join(directory, 'bundle'))).toBe(false);
  expect(await sent.promise).toBeLessThan(ENDLESS_BYTES / 2);
  expect(answers).toHaveLength(1);
});

test.each([403, 503])('an error (%i) without an end is let go of', async (status) => {
  const sent = Promise.withResolvers<number>();
  answers = [withoutEnd(status, sent.resolve), bundle];
  await expect(download('e1')).rejects.toThrow('longer than');
  expect(await sent.promise).toBeLessThan(ENDLESS_BYTES / 2);
  expect(answers).toHaveLength(1);
});

test.each(['before the answer', 'in the middle'])(
  'a server that stands still %s is asked again',
  async (where) => {
    const stalled: Answer = (_, response) => {
      if (where === 'in the middle') response.writeHead(200, { etag: '"e1"' }).write('bun');
    };
    // A machine with much to do may be late with the second.
    answers = [stalled, bundle, bundle, bundle];
    await download('e1', SUM, { bytes: 6, patience: { idleMs: 500 } });
    expect(readFileSync(join(directory, 'bundle'), 'utf8')).toBe('bundle');
  },
);

test('a bundle that comes byte by byte is not waited for for ever', async () => {
  answers = [(_, response) => answerByteByByte(response), bundle];
  const patience = { longestMs: 300 };
  await expect(download('e1', SUM, { bytes: 1_000_000, patience })).rejects.toThrow('too long');
  expect(existsSync(join(directory, 'bundle'))).toBe(false);
  expect(answers).toHaveLength(1);
});
