import { expect, test } from 'vitest';
import { chooseRuntimes, readRuntimes } from './runtimes.ts';

const OFFERED = readRuntimes(`version: 0.1
runtimes:
  java:
    versions:
      corretto8: {commands: [echo java 8]}
      corretto11: {commands: [echo java 11]}
  android:
    versions:
      28: {requires: {java: [corretto8]}, commands: [echo android]}
  python:
    versions:
      3.9: {commands: [echo 3.9]}
      3.10: {commands: [echo 3.10], conflicts: {java: [corretto11]}}
`);

const choose = (wanted: Record<string, string>) => chooseRuntimes(wanted, OFFERED);

test.each([
  [{ java: 'corretto8' }, ['echo java 8']],
  [{ java: 'latest' }, ['echo java 11']],
  [{ python: '3.x' }, ['echo 3.10']],
  [{ python: '3.10', java: 'corretto8' }, ['echo 3.10', 'echo java 8']],
  [{ android: '28' }, ['echo java 8', 'echo android']],
  [{ android: '28.x', java: 'corretto8' }, ['echo java 8', 'echo android']],
])('CB-A20: %j by the image’s own commands', (wanted, commands) => {
  expect(choose(wanted)).toMatchObject({ commands, others: {} });
});

test('what the image does not offer it may still install; what it does not know is refused', () => {
  expect(choose({ python: '3.12', java: 'corretto8' })).toEqual({
    versions: { java: 'corretto8' },
    ...{ commands: ['echo java 8'], others: { python: '3.12' } },
  });
  expect(() => choose({ docker: '18' })).toThrow(
    "Unknown runtime named 'docker'. This build image has the following runtimes: java, android, python",
  );
});

test('what does not go together is refused', () => {
  expect(() => choose({ android: '28', java: 'corretto11' })).toThrow('requires java corretto8');
  expect(() => choose({ java: 'corretto11', python: '3.10' })).toThrow('conflicts with java');
});
