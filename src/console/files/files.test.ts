import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, it, test } from 'vitest';
import type { WireRequest } from '../../aws/http.ts';
import { fileRoutes } from './routes.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-console-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const root = join(directory, 'dist');
mkdirSync(join(root, 'assets'), { recursive: true });
writeFileSync(join(directory, 'secret'), 'hunter2');
writeFileSync(join(root, 'index.html'), '<p>the page');
writeFileSync(join(root, '.env'), 'hunter2');
writeFileSync(join(root, 'assets', 'a-1.js'), 'plain');
writeFileSync(join(root, 'assets', 'a-1.js.gz'), 'zipped');
symlinkSync('../../secret', join(root, 'assets', 'link.js'));
symlinkSync(directory, join(root, 'up'));

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const [, route] = fileRoutes(root);
  const request: WireRequest = {
    ...{ method, path, query: '', headers: { host: 'localhost:4566', ...headers } },
    ...{ body: Readable.from([]), endpoint: 'http://localhost', remoteAddress: '127.0.0.1' },
  };
  const labels = { rest: path };
  const answer = await route?.handle({} as never, {
    request,
    labels,
    subject: undefined,
    tell() {},
  });
  return {
    status: answer?.status,
    headers: answer?.headers ?? {},
    text: String(answer?.body ?? ''),
  };
}

const HTML = { accept: 'text/html,*/*' };

test.each([
  ...[
    '../secret',
    'assets/../../secret',
    '..%2fsecret',
    '%2e%2e/secret',
    'assets/link.js',
    'up/secret',
  ],
  ...[
    '/etc/passwd',
    '.env',
    'assets',
    'assets/',
    'assets/a-1.js%00',
    'assets/a-1.js\0',
    'assets\\a-1.js',
    'a'.repeat(5000),
  ],
])('%j is no file of the console', async (path) => {
  for (const headers of [{}, HTML]) {
    const { status, text } = await get(path, headers);
    expect(text).not.toContain('hunter2');
    expect(text).not.toBe('plain');
    expect(status === 404 || text === '<p>the page').toBe(true);
  }
});

it('keeps files by their names, and the page not at all', async () => {
  const file = await get('assets/a-1.js');
  expect([file.status, file.text]).toEqual([200, 'plain']);
  expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  const zipped = await get('assets/a-1.js', { 'accept-encoding': 'br, gzip' });
  expect([zipped.text, zipped.headers['content-encoding']]).toEqual(['zipped', 'gzip']);
  expect(zipped.headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect((await get('assets/a-1.js', { 'accept-encoding': 'gzip;q=0' })).text).toBe('plain');
  const known = { 'if-none-match': file.headers.etag ?? '' };
  expect((await get('assets/a-1.js', known)).status).toBe(304);
  for (const path of ['', 'codepipeline/home', 'index.html']) {
    const page = await get(path, HTML);
    expect([page.text, page.headers['cache-control']]).toEqual(['<p>the page', 'no-store']);
  }
  expect((await get('assets/gone.js', HTML)).status).toBe(404);
  expect((await get('', HTML, 'POST')).status).toBe(405);
});

it('lets no host name into its policy that is none', async () => {
  const policy = async (host: string) =>
    (await get('', { ...HTML, host })).headers['content-security-policy'];
  expect(await policy('here:1')).toContain("connect-src 'self' ws://here:1 wss://here:1;");
  expect(await policy('evil; script-src *')).toContain("connect-src 'self';");
  expect(await policy('here:1')).not.toContain('unsafe');
});
