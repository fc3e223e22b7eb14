import { beforeEach, expect, test } from 'vitest';
import { OutboundFailed, OutboundRefused, type OutboundRequest } from '../../network/outbound.ts';
import type { Platform } from '../platform.ts';
import { apiBase, type ForgeApi } from './api.ts';
import { createHook, deleteHook } from './hooks.ts';
import { type Forge, forgeRepository, kindOf } from './repository.ts';
import { roleOf } from './roles.ts';
import { type CommitStatus, putStatus } from './statuses.ts';

let sent: OutboundRequest[];
let answer: () => { status: number; body?: unknown };
beforeEach(() => {
  sent = [];
  answer = () => ({ status: 200, body: {} });
});
const platform = {
  outbound: {
    async send(request: OutboundRequest) {
      sent.push(request);
      const { status, body } = answer();
      return { status, headers: {}, body: Buffer.from(JSON.stringify(body ?? null)) };
    },
  },
} as unknown as Platform;

function api(
  forge: Forge,
  url: string,
  credential = { token: 't' } as ForgeApi['credential'],
): ForgeApi {
  const repository = forgeRepository(forge, url);
  const base = apiBase({ upstream: {}, forges: {} }, repository) ?? '';
  return { kind: kindOf(forge), base, repository, credential };
}
const GITHUB = api('GITHUB', 'https://github.com/me/app.git');
const GITLAB = api('GITLAB_SELF_MANAGED', 'https://gitlab.lan:8443/a/b/app');
const BITBUCKET = api('BITBUCKET', 'https://bitbucket.org/me/app', { userName: 'me', token: 't' });
const status: CommitStatus = {
  ...{ commit: 'abc', state: 'failure', context: 'c'.repeat(60) },
  ...{ description: 'd'.repeat(200), targetUrl: 'https://x' },
};

test.each([
  [
    GITHUB,
    'https://api.github.com/repos/me/app/statuses/abc',
    { state: 'failure', target_url: 'https://x' },
  ],
  [GITLAB, 'https://gitlab.lan:8443/api/v4/projects/a%2Fb%2Fapp/statuses/abc', { state: 'failed' }],
  [
    BITBUCKET,
    'https://api.bitbucket.org/2.0/repositories/me/app/commit/abc/statuses/build',
    { state: 'FAILED', key: 'c'.repeat(40) },
  ],
])('CB-C7: a status goes to $base', async (its, url, body) => {
  await putStatus(platform, its, status);
  expect(sent).toMatchObject([{ method: 'POST', url }]);
  const told = JSON.parse(String(sent[0]?.body));
  expect(told).toMatchObject(body);
  expect(told.description).toHaveLength(140);
});

test('a token goes as Bearer, a name and password as Basic', async () => {
  for (const its of [GITHUB, BITBUCKET]) await putStatus(platform, its, status);
  expect(sent.map(({ headers }) => headers?.authorization)).toEqual([
    'Bearer t',
    `Basic ${btoa('me:t')}`,
  ]);
});

test.each([
  ['github.com', {}, { 'github.com': 'http://git.lan' }, undefined],
  [
    'github.com',
    { github: 'http://git.lan/api/' },
    { 'github.com': 'http://git.lan' },
    'http://git.lan/api',
  ],
  ['github.com', {}, {}, 'https://api.github.com'],
])('the API of %s by %j and %j is %s', (host, upstream, forges, base) => {
  const repository = forgeRepository('GITHUB', `https://${host}/me/app`);
  expect(apiBase({ upstream, forges }, repository)).toBe(base);
});

test('the API of one’s own forge is where the forge is', () => {
  const repository = forgeRepository('GITHUB_ENTERPRISE', 'https://ghe.corp/me/app');
  const forges = { 'ghe.corp': 'http://127.0.0.1:3000' };
  expect(apiBase({ upstream: {}, forges }, repository)).toBe('http://127.0.0.1:3000/api/v3');
});

test.each([
  [500, true],
  [429, true],
  [401, false],
  [404, false],
])('what a forge answers with %s is tried again: %s', async (code, passes) => {
  answer = () => ({ status: code });
  await expect(putStatus(platform, GITHUB, status)).rejects.toMatchObject({
    name: 'ForgeRefused',
    passes,
  });
});

test.each([
  [new OutboundFailed('ECONNREFUSED'), true],
  [new OutboundRefused('no'), false],
])('%s is tried again: %s', async (error, passes) => {
  answer = () => {
    throw error;
  };
  await expect(putStatus(platform, GITHUB, status)).rejects.toMatchObject({
    name: 'ForgeRefused',
    passes,
  });
});

test('CB-I5: a hook is made, and one that is gone is gone', async () => {
  const hook = { payloadUrl: 'https://here', secret: 's' };
  answer = () => ({ status: 201, body: { uuid: '{1-2}' } });
  const url = await createHook(platform, BITBUCKET, hook);
  expect(url).toBe('https://api.bitbucket.org/2.0/repositories/me/app/hooks/%7B1-2%7D');
  answer = () => ({ status: 404 });
  await deleteHook(platform, BITBUCKET, url);
  expect(sent.at(-1)).toMatchObject({ method: 'DELETE', url });
  answer = () => ({ status: 201, body: { id: '../../x' } });
  await expect(createHook(platform, GITHUB, hook)).rejects.toMatchObject({ name: 'ForgeRefused' });
});

test.each([
  [
    GITHUB,
    'me',
    { role_name: 'maintain', permission: 'write' },
    'GITHUB_MAINTAIN',
    /collaborators\/me\/permission$/,
  ],
  [GITLAB, '7', { access_level: 30 }, 'GITLAB_DEVELOPER', /members\/all\/7$/],
  [BITBUCKET, '1:x', { permission: 'admin' }, 'BITBUCKET_ADMIN', /users\/1%3Ax$/],
  [GITHUB, 'me', { role_name: 'constructor' }, undefined, /permission$/],
])('CB-I4: the role of a user at $base', async (its, id, body, role, url) => {
  answer = () => ({ status: 200, body });
  expect(await roleOf(platform, its, id)).toBe(role);
  expect(sent[0]?.url).toMatch(url);
});

test('who is nobody has no role, and is not asked for', async () => {
  for (const id of ['', '..']) expect(await roleOf(platform, GITHUB, id)).toBeUndefined();
  expect(sent).toEqual([]);
  answer = () => ({ status: 404 });
  expect(await roleOf(platform, GITHUB, '../../x')).toBeUndefined();
  expect(sent[0]?.url).toContain('/collaborators/..%2F..%2Fx/permission');
});
