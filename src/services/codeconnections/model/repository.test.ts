import { expect, test } from 'vitest';
import { gitFailure } from './failures.ts';
import { changes } from './references.ts';
import { gitUrl, isFullRepositoryId, urlBelow } from './repository.ts';

test.each(['me/app', 'group/sub/app', 'a.b/c-d_e', 'me/.github'])('%s is a repository', (id) => {
  expect(isFullRepositoryId(id)).toBe(true);
});

test.each([
  'app',
  '/app',
  'me/',
  'me//app',
  '../app',
  'me/..',
  'me/.',
  '-x/y',
  'me/-x',
  'me/a b',
  'me/a?b',
  'me/a%2f',
  'me/app.git',
  'me/app.GIT',
  'me/app/.git',
  'me/app.git/x',
])('%s is none', (id) => {
  expect(isFullRepositoryId(id)).toBe(false);
});

test('a repository is below its provider', () => {
  expect(urlBelow('https://github.com', 'me/app')).toBe('https://github.com/me/app.git');
  expect(urlBelow('file:///srv/git', 'me/app')).toBe('file:///srv/git/me/app');
});

test('a URL is read as it is used', () => {
  expect(gitUrl('https://Git.Example/a/')).toEqual({ url: 'https://git.example/a' });
  expect(gitUrl('file:///srv/../etc')).toEqual({ url: 'file:///etc' });
  for (const wrong of ['', 'x', 'git@host:a/b', 'https://a b', 'https://h/x\n', 'ftp://h/x'])
    expect(gitUrl(wrong)).toHaveProperty('wrong');
});

test('changes are those of branches and tags, in order', () => {
  const before = new Map([
    ['refs/heads/a', '1'],
    ['refs/heads/gone', '1'],
    ['refs/pull/1/head', '1'],
  ]);
  const after = new Map([
    ['refs/heads/a', '2'],
    ['refs/tags/v1', '1'],
    ['refs/pull/1/head', '2'],
  ]);
  expect(changes(before, after)).toEqual([
    { type: 'branch', name: 'a', before: '1', after: '2' },
    { type: 'branch', name: 'gone', before: '1', after: undefined },
    { type: 'tag', name: 'v1', before: undefined, after: '1' },
  ]);
  expect(changes(after, after)).toEqual([]);
});

test.each([
  ["fatal: Authentication failed for 'https://x/'", 'ProviderAccessDenied', false],
  [
    "fatal: could not read Username for 'https://x': terminal prompts disabled",
    'ProviderAccessDenied',
    false,
  ],
  [
    "fatal: unable to access 'https://x/': The requested URL returned error: 403",
    'ProviderAccessDenied',
    false,
  ],
  ["fatal: repository 'https://x/' not found", 'RepositoryNotFound', false],
  [
    "fatal: unable to access 'https://x/': The requested URL returned error: 302",
    'RepositoryMoved',
    false,
  ],
  ['fatal: remote error: upload-pack: not our ref aaaa', 'CommitNotFound', false],
  [
    "fatal: unable to access 'https://x/': The requested URL returned error: 503",
    'ProviderUnavailable',
    true,
  ],
  [
    "fatal: unable to access 'https://x/': Failed to connect to x: Connection refused",
    'ProviderUnavailable',
    true,
  ],
  [
    "fatal: unable to access 'https://x/': SSL certificate problem: self-signed",
    'ProviderUnavailable',
    false,
  ],
])('%s', (stderr, code, passes) => {
  expect(gitFailure(stderr)).toMatchObject({ code, passes });
});
