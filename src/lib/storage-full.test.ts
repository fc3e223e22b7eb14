import { expect, test } from 'vitest';
import { isStorageFull } from './storage-full.ts';

const error = (members: object, message = 'failed') => Object.assign(new Error(message), members);

test.each([
  ['ENOSPC', error({ code: 'ENOSPC' })],
  ['EDQUOT', error({ code: 'EDQUOT' })],
  ['SQLITE_FULL', error({ code: 'ERR_SQLITE_ERROR', errcode: 13 })],
  ['PostgreSQL', error({ code: '53100' })],
  ['git', error({}, 'git fast-import ended with 128: fatal: write error. Out of diskspace')],
  ['a program', error({}, 'write error: No space left on device')],
  ['a cause', new Error('outer', { cause: error({ code: 'ENOSPC' }) })],
])('knows that there is no room: %s', (_name, thrown) => {
  expect(isStorageFull(thrown)).toBe(true);
});

test.each([
  ['another code', error({ code: 'ENOENT' })],
  ['a busy database', error({ code: 'ERR_SQLITE_ERROR', errcode: 5 })],
  ['nothing', undefined],
])('knows what is something else: %s', (_name, thrown) => {
  expect(isStorageFull(thrown)).toBe(false);
});

test('ends with causes that go in a circle', () => {
  const circle = new Error('a');
  circle.cause = circle;
  expect(isStorageFull(circle)).toBe(false);
});
