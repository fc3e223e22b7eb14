import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isReferenceName, isRepositoryId, isTreePath } from './names.ts';
import { gitClient } from './testing.ts';

test.each([
  'refs/heads/main',
  'refs/heads/feature/a-b_c.d',
  'refs/tags/v1.0',
  'refs/heads/ünï/コード',
  'refs/heads/--upload-pack=x',
  'refs/notes/commits',
])('accepts the reference name %s', (name) => {
  expect(isReferenceName(name)).toBe(true);
});

test.each([
  'main',
  'HEAD',
  'refs/heads/../../config',
  'refs/heads/a..b',
  'refs/heads/.hidden',
  'refs/heads/a.lock',
  'refs/heads/a.lock/b',
  'refs/heads/a b',
  'refs/heads/a\nb',
  'refs/heads/a\0b',
  'refs/heads/a~1',
  'refs/heads/a^{}',
  'refs/heads/a:b',
  'refs/heads/a*',
  'refs/heads/[a]',
  'refs/heads/a\\b',
  'refs/heads/a@{1}',
  'refs/heads//a',
  'refs/heads/a/',
  '/refs/heads/a',
  'refs/heads/a.',
  '',
])('refuses the reference name %j', (name) => {
  expect(isReferenceName(name)).toBe(false);
});

test('agrees with git check-ref-format', async () => {
  const part = fc.array(
    fc.constantFrom('a', '.', '/', '@', '{', '..', '.lock', '-', '~', ' ', 'é'),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(part, async (parts) => {
      const name = `refs/heads/${parts.join('')}`;
      const accepted = await gitClient('/', ['check-ref-format', name]).then(
        () => true,
        () => false,
      );
      expect(isReferenceName(name)).toBe(accepted);
    }),
    { numRuns: 60 },
  );
});

test.each(['a', 'a/b.txt', '--option', 'a b', 'ä/ö', '.github/workflows', '.gitignore', 'a\\b'])(
  'accepts the path %s',
  (path) => {
    expect(isTreePath(path)).toBe(true);
  },
);

test.each([
  '',
  '/',
  '/etc/passwd',
  '../x',
  'a/../b',
  'a/./b',
  'a//b',
  'a/',
  '.git/config',
  'a/.GIT/config',
  '.git\u200c/config',
  'git~1',
  '.git.',
  '.git::$INDEX_ALLOCATION',
  'a\0b',
])('refuses the path %j', (path) => {
  expect(isTreePath(path)).toBe(false);
});

test.each(['', '..', '../../etc', 'MyRepo', '6f7f7f0e-1111-4222-8333-44444444444G', '/x'])(
  'refuses the repository id %j',
  (id) => {
    expect(isRepositoryId(id)).toBe(false);
  },
);
