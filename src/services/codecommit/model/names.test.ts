import { expect, test } from 'vitest';
import { candidateReferences, isBranchName, isRepositoryName, normalizePath } from './names.ts';

test.each(['a', 'MyDemoRepo', 'a.b-c_d', '.github', 'x'.repeat(100)])(
  'CC-LIM-01: %s is a repository name',
  (name) => expect(isRepositoryName(name)).toBe(true),
);

test.each([
  '',
  'x'.repeat(101),
  'a.git',
  'a b',
  'a/b',
  '..',
  '.',
  'ä',
  'a\n',
  'a!',
  '%2e%2e',
  'a:b',
])('CC-LIM-01: %j is none', (name) => expect(isRepositoryName(name)).toBe(false));

test.each(['main', 'feature/x', 'v1.0', 'ünï', '-option', '0123456789abcdef'])(
  'CC-LIM-02: %s is a branch name',
  (name) => expect(isBranchName(name)).toBe(true),
);

test.each([
  '',
  'a'.repeat(40),
  '0123456789012345678901234567890123456789',
  '/a',
  'a/',
  '.a',
  'a.',
  '@',
  'a..b',
  'a//b',
  'a@{b',
  'a b',
  'a?b',
  'a^b',
  'a*b',
  'a[b',
  'a\\b',
  'a~b',
  'a:b',
  'a/.b',
  'a.lock',
  'x'.repeat(257),
  'a\nb',
  'HEAD',
  'x'.repeat(251),
  `a/${'ü'.repeat(126)}`,
  'a\ud800',
])('CC-LIM-02: %j is none', (name) => expect(isBranchName(name)).toBe(false));

test.each([
  ['a/b.txt', 'a/b.txt'],
  ['/a', 'a'],
  ['/', ''],
  ['', ''],
])('CC-LIM-03: the path %j is %j', (path, normal) => expect(normalizePath(path)).toBe(normal));

test.each([
  'a/',
  'a\\',
  '../a',
  'a/../b',
  'a/./b',
  'a//b',
  '//a',
  `${'d/'.repeat(21)}f`,
  'x'.repeat(4097),
  'a\0',
  'a\ud800',
])('CC-LIM-03: %j is no path', (path) => expect(normalizePath(path)).toBeUndefined());

test('CC-FI-03: a specifier means a branch before a tag, and a full name first of all', () => {
  expect(candidateReferences('x')).toEqual(['refs/heads/x', 'refs/tags/x']);
  expect(candidateReferences('refs/tags/x')[0]).toBe('refs/tags/x');
});
