import { expect, test } from 'vitest';
import { wantedVersion } from './source-version.ts';

const SHA = 'a'.repeat(40);

test.each([
  [undefined, 'GITHUB', { references: ['HEAD'] }],
  ['', undefined, { references: ['HEAD'] }],
  [SHA, 'GITHUB', { references: [], commit: SHA }],
  ['main', 'GITHUB', { references: ['refs/heads/main', 'refs/tags/main'] }],
  ['refs/tags/v1', 'GITLAB', { references: ['refs/tags/v1'] }],
  [`refs/heads/x^{${SHA}}`, 'BITBUCKET', { references: ['refs/heads/x'], commit: SHA }],
  [`refs/pull/7/head^{${SHA}}`, 'GITHUB', { references: ['refs/pull/7/head'], commit: SHA }],
  ['pr/7', 'GITHUB', { references: ['refs/pull/7/head', 'refs/heads/pr/7', 'refs/tags/pr/7'] }],
  [
    'pr/7',
    'GITLAB_SELF_MANAGED',
    { references: expect.arrayContaining(['refs/merge-requests/7/head']) },
  ],
  ['pr/7', 'BITBUCKET', { references: ['refs/heads/pr/7', 'refs/tags/pr/7'] }],
  ['pr/7', undefined, { references: ['refs/heads/pr/7', 'refs/tags/pr/7'] }],
] as const)('CB-C4: %s of %s', (version, forge, wanted) => {
  expect(wantedVersion(version, forge)).toEqual(wanted);
});

test.each([
  'a b',
  'a:b',
  'refs/heads/a:refs/heads/b',
  'a..b',
  'x^{nope}',
  'a\nb',
  'a*',
  'a\\b',
  '/',
  'x'.repeat(2000),
])('%j is no version', (version) => expect(wantedVersion(version, 'GITHUB')).toBeUndefined());

test('what begins with a dash is a branch of that name, and no option', () => {
  expect(wantedVersion('--upload-pack=touch', 'GITHUB')?.references).toEqual([
    'refs/heads/--upload-pack=touch',
    'refs/tags/--upload-pack=touch',
  ]);
});
