import { expect, test } from 'vitest';
import { statusKind, statusText } from './status-kind.ts';
import { durationText, sinceText } from './time-text.ts';

test.each([
  ['Succeeded', 'success', 'Succeeded'],
  ['IN_PROGRESS', 'in-progress', 'In progress'],
  ['InProgress', 'in-progress', 'In progress'],
  ['TIMED_OUT', 'error', 'Timed out'],
  ['Superseded', 'stopped', 'Superseded'],
  ['INSUFFICIENT_DATA', 'warning', 'Insufficient data'],
  ['SomethingNew', 'info', 'Something new'],
  [undefined, 'info', '–'],
])('state %s is %s: %s', (status, kind, text) => {
  expect(statusKind(status)).toBe(kind);
  expect(statusText(status)).toBe(text);
});

test.each([
  [12, '12 ms'],
  [1_240, '1.2 s'],
  [59_999, '59 s'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h 0 min'],
  [90_000_000, '1 d 1 h'],
])('%i ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  [0, 'just now'],
  [30_000, '30 seconds ago'],
  [60_000, '1 minute ago'],
  [7_200_000, '2 hours ago'],
  [86_400_000, '1 day ago'],
])('%i ms before now is %s', (ms, text) => {
  expect(sinceText(1_000_000_000, 1_000_000_000 + ms)).toBe(text);
});
