import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveUrl, downloadArchive } from './download-github.ts';
import type { GitHubRevision } from './revision.ts';
import { answerByteByByte, temporaryDirectory } from './testing.ts';

let forge: Server;
let asked: { url: string; authorization: string | undefined }[];
let answers: RequestListener[];
beforeEach(async () => {
  [asked, answers] = [[], []];
  forge = createServer((request, response) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answers.shift()?.(request, response);
  });
  forge.listen(0, '127.0.0.1');
  await once(forge, 'listening');
});
afterEach(() => {
  forge.closeAllConnections();
  forge.close();
});

const origin = (host = '127.0.0.1') => `http://${host}:${(forge.address() as AddressInfo).port}`;
const revision = (more: Partial<GitHubRevision> = {}): GitHubRevision => ({
  ...{ from: 'GitHub', account: 'me', repository: 'app', commitId: 'abc', bundleType: 'tar' },
  ...more,
});
const redirect =
  (location: string): RequestListener =>
  (_, response) =>
    void response.writeHead(302, { location }).end();
const status =
  (code: number): RequestListener =>
  (_, response) =>
    void response.writeHead(code).end('the bundle');

/** @returns what came */
async function download(of: GitHubRevision, patience = {}): Promise<string> {
  const file = join(temporaryDirectory(), 'bundle');
  try {
    await downloadArchive({ patience }, of, file);
    return readFileSync(file, 'utf8');
  } catch (error) {
    expect(existsSync(file)).toBe(false);
    throw error;
  }
}

test('the token goes to the API, and not to where it leads', async () => {
  answers = [redirect(`${origin('localhost')}/archive?token=x`), status(200)];
  const of = revision({ endpoint: `${origin()}/api/v3/`, token: 'secret' });
  expect(await download(of)).toBe('the bundle');
  expect(asked).toEqual([
    { url: '/api/v3/repos/me/app/tarball/abc', authorization: 'token secret' },
    { url: '/archive?token=x', authorization: undefined },
  ]);
});

test('without a token nobody is named, and a forge that has trouble is asked again', async () => {
  answers = [status(503), status(200)];
  expect(await download(revision({ endpoint: origin(), bundleType: 'zip' }))).toBe('the bundle');
  expect(asked.at(-1)).toEqual({ url: '/repos/me/app/zipball/abc', authorization: undefined });
});

test.each([
  ['a refusal', () => [status(404)], /Server returned code: 404/],
  ['a redirection without an end', () => Array(9).fill(redirect('/again')), /code: 302/],
  ['what is no HTTP', () => [redirect('file:///etc/passwd')], /leads to what is no archive/],
])('%s fails, without the token in it', async (_, its, why) => {
  answers = its();
  const error = await download(revision({ endpoint: origin(), token: 'secret' })).catch((e) => e);
  expect(error.message).toMatch(why);
  expect(error.message).not.toContain('secret');
});

test('one that sends a byte now and then is not waited for for ever', async () => {
  answers = [(_, response) => answerByteByByte(response)];
  const of = revision({ endpoint: origin() });
  await expect(download(of, { longestMs: 200 })).rejects.toThrow('takes too long');
});

test.each([
  { account: '..' },
  { account: 'a/b' },
  { repository: 'x?y' },
  { commitId: '../../user' },
  { commitId: 'a//b' },
  { commitId: 'a#b' },
])('%j leads nowhere else', (more) => {
  expect(() => archiveUrl(revision(more))).toThrow('GitHub');
});
