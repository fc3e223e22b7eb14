import { expect, test } from 'vitest';
import { badgeImage, badgeNames, badgeState, mayHaveBadge, sourceName } from './badge.ts';

test.each([
  ['main', 'main'],
  ['refs/heads/feature/x', 'feature/x'],
  [`refs/heads/main^{${'0'.repeat(40)}}`, 'main'],
  ['refs/tags/v1', 'v1'],
  [undefined, ''],
])('CB-I7: the source version %s is %s', (version, name) => {
  expect(sourceName(version)).toBe(name);
});

test('CB-I7: a badge is of a branch, or of what the project builds', () => {
  expect(badgeNames('feature', {})).toEqual(['feature']);
  expect(badgeNames('main', {})).toEqual(['main', '']);
  expect(badgeNames('', { sourceVersion: 'refs/heads/stable' })).toEqual(['stable']);
});

test('CB-I7: what it says', () => {
  expect(badgeState(undefined)).toBe('UNKNOWN');
  expect(badgeState({ buildComplete: false, buildStatus: 'IN_PROGRESS' })).toBe('IN PROGRESS');
  expect(badgeState({ buildComplete: true, buildStatus: 'SUCCEEDED' })).toBe('PASSING');
  expect(badgeState({ buildComplete: true, buildStatus: 'STOPPED' })).toBe('FAILING');
  expect(badgeImage('PASSING')).toMatch(/^<svg [^>]*aria-label="build: passing">/);
  expect(['S3', 'CODECOMMIT'].map((type) => mayHaveBadge({ type: type as 'S3' }))).toEqual([
    false,
    true,
  ]);
});
