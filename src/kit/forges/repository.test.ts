import { expect, test } from 'vitest';
import { forgeRepository, repositoryUrl } from './repository.ts';

test.each([
  ['GITHUB', 'https://github.com/me/app.git', 'github.com', 'me/app'],
  ['GITHUB', 'https://github.com/me/app', 'github.com', 'me/app'],
  ['GITHUB_ENTERPRISE', 'https://git.corp:8443/me/app.git', 'git.corp:8443', 'me/app'],
  ['BITBUCKET', 'https://someone@bitbucket.org/me/app.git', 'bitbucket.org', 'me/app'],
  ['GITLAB', 'https://gitlab.com/a/b/c/app.git', 'gitlab.com', 'a/b/c/app'],
  ['GITLAB_SELF_MANAGED', 'http://127.0.0.1:3000/a/b', '127.0.0.1:3000', 'a/b'],
] as const)('%s %s is a repository', (forge, location, host, name) => {
  const found = forgeRepository(forge, location);
  expect(found).toMatchObject({ host, name });
  expect(found.url).not.toContain('@');
});

test.each([
  'ext::sh -c touch% /tmp/x',
  'file:///etc',
  'ssh://git@github.com/me/app',
  'git@github.com:me/app.git',
  '--upload-pack=touch x',
  'https:github.com/me/app',
  'https://github.com/me/app?x=1',
  'https://github.com/me/app#x',
  'https://github.com/me/../app/..',
  'https://github.com/-me/app',
  'https://github.com/app',
  'https://github.com/me/a;b',
  'https://me:secret@github.com/me/app',
  'https://github.com\\@evil.example/me/app',
  'https://evil.example/me/app',
  'https://github.com.evil.example/me/app',
  'https://github.com/me/app\n',
])('%j is none', (location) => {
  const read = () => forgeRepository('GITHUB', location);
  expect(read).toThrow(expect.objectContaining({ name: 'LocationError' }));
  expect(read).not.toThrow(/secret/);
});

test.each([
  ['../other.git', 'https://github.com/me/other.git'],
  ['./inner', 'https://github.com/me/app/inner'],
  ['../../../../x', 'https://github.com/x'],
  ['https://elsewhere.example/x/y', 'https://elsewhere.example/x/y'],
])('a submodule %s is at %s', (url, at) => {
  expect(repositoryUrl('https://github.com/me/app', url)).toBe(at);
});
