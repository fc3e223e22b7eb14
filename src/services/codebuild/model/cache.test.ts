import { expect, test } from 'vitest';
import {
  cachedFiles,
  cachePlace,
  customKind,
  entriesNamed,
  entriesPlace,
  entryName,
  keptBy,
  proposedBy,
} from './cache.ts';

const places = { source: '/codebuild/output/src1/src', home: '/codebuild/home' };

test.each([
  ['node_modules/**/*', 'source', 'node_modules', ['**/*']],
  ['./a/b', 'source', 'a', ['b', 'b/**/*']],
  ['*.log', 'source', '', ['*.log']],
  ['/codebuild/output/src1/src/x', 'source', '', ['x', 'x/**/*']],
  ['/root/.m2/**/*', 'home', '.m2', ['**/*']],
  ['~/.npm', 'home', '', ['.npm', '.npm/**/*']],
  ['/codebuild/home/.cache/{a,b}/c', 'home', '.cache', ['{a,b}/c']],
  ['/usr/local/lib/**', 'root', 'usr/local/lib', ['**']],
  ['/opt', 'root', 'opt', ['**/*']],
  ['../..sibling', 'root', 'codebuild/output/src1', ['..sibling', '..sibling/**/*']],
  ['/rooted/x', 'root', 'rooted', ['x', 'x/**/*']],
])('CB-F1: %s is kept', (path, anchor, below, globs) => {
  expect(cachedFiles(path, places)).toMatchObject({ anchor, below, globs });
});

test.each([
  ['main', undefined, undefined],
  ['pr/7', undefined, '7'],
  ['refs/pull/7/head^{0123456789012345678901234567890123456789}', undefined, '7'],
  ['refs/merge-requests/12/head', undefined, '12'],
  ['refs/pull/7', undefined, '7'],
  ['pr/7x', undefined, undefined],
  [undefined, undefined, undefined],
  ['pr/7', {}, undefined],
  ['pr/7', { fork: true } as const, '7'],
  ['main', { fork: true } as const, 'fork'],
])('CB-F1: %s of a webhook %o is proposed by %s', (sourceVersion, webhook, pull) => {
  expect(proposedBy({ sourceVersion, webhook })).toBe(pull);
});

test('CB-F1: pull requests of one number are apart by their repositories; a batch says whose its commits are', () => {
  const of = (location: string, more: object = {}) =>
    customKind({ source: { type: 'GITHUB', location }, sourceVersion: 'pr/7', ...more });
  expect(of('https://one')).toMatch(/^custom:\w+:7$/);
  expect(of('https://two')).not.toBe(of('https://one'));
  expect(of('https://one', { webhook: {} })).toBe('custom');
  const child = { sourceVersion: 'c'.repeat(40), pullRequest: '7' };
  expect(of('https://one', child)).toBe(of('https://one'));
});

test('CB-F1: a cache is of a project, until it is invalidated', () => {
  const project = { arn: 'arn', created: 1, version: 0 };
  const place = cachePlace({ type: 'S3', location: 'bucket/p/q' }, project);
  expect(place).toMatchObject({
    bucket: 'bucket',
    key: expect.stringMatching(/^p\/q\/[0-9a-f]{32}\.tar\.gz$/),
  });
  for (const other of [{ arn: 'x' }, { created: 2 }, { version: 1 }])
    expect(
      cachePlace({ type: 'S3', location: 'bucket/p/q' }, { ...project, ...other }),
    ).not.toEqual(place);
  for (const location of ['', 'A/b', '/x'])
    expect(cachePlace({ type: 'S3', location }, project)).toBeUndefined();
});

test('CB-F3: of an archive comes in what the paths keep', () => {
  const isKept = keptBy(['node_modules/**/*', '~/.npm'].map((path) => cachedFiles(path, places)));
  expect(isKept('source', 'node_modules/a/b.js')).toBe(true);
  expect(isKept('home', '.npm/x')).toBe(true);
  for (const name of ['.profile', '.npmrc', 'node_modules/a'])
    expect(isKept('home', name)).toBe(false);
  for (const name of ['Makefile', 'node_modules2/a']) expect(isKept('source', name)).toBe(false);
  expect(isKept('root', 'etc/passwd')).toBe(false);
});

test('CB-A23: entries are named by their keys, whatever is in them, and by what these begin with', () => {
  const name = (key: string) => entryName(key) ?? '';
  expect(name('npm-../x y')).toBe('npm-..%2Fx%20y/cache.tar.gz');
  expect(name('npm-abc').startsWith(entriesNamed('npm-') ?? '-')).toBe(true);
  for (const key of ['', 'x'.repeat(701), 'é'.repeat(200)]) expect(entryName(key)).toBeUndefined();
});

test('CB-F3: entries are apart by project or namespace, and by their paths', () => {
  const project = {
    arn: 'arn:aws:codebuild:us-east-1:111122223333:project/p',
    created: 1,
    version: 0,
  };
  const at = (more: object, of = project, paths = ['a']) =>
    entriesPlace({ type: 'S3', location: 'bucket/prefix', ...more }, of, paths)?.key;
  const other = { ...project, arn: 'other' };
  expect(at({})).toMatch(/^prefix\/[0-9a-f]{32}\/[0-9a-f]{16}\/$/);
  expect(at({}, other)).not.toBe(at({}));
  expect(at({ cacheNamespace: 'n' }, other)).toBe(at({ cacheNamespace: 'n' }));
  expect(at({ cacheNamespace: 'm' })).not.toBe(at({ cacheNamespace: 'n' }));
  expect(at({}, project, ['a', 'b'])).not.toBe(at({}));
  expect(at({}, { ...project, version: 1 })).not.toBe(at({}));
});
