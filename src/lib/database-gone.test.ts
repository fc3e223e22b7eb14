import { expect, test } from 'vitest';
import { DatabaseGoneError, isDatabaseGone, isLostConnection } from './database-gone.ts';

const error = (members: object, message = 'failed') => Object.assign(new Error(message), members);

test.each([
  ['refused', error({ code: 'ECONNREFUSED', syscall: 'connect' })],
  ['reset', error({ code: 'ECONNRESET', syscall: 'read' })],
  ['shut down', error({ code: '57P01' })],
  ['starting', error({ code: '57P03' })],
  ['connection_failure', error({ code: '08006' })],
  ['broken', error({}, 'Connection terminated unexpectedly')],
  ['broken before', error({}, 'Client has encountered a connection error and is not queryable')],
])('knows a connection that is lost: %s', (_name, thrown) => {
  expect(isLostConnection(thrown)).toBe(true);
});

test.each([
  ['a unique violation', error({ code: '23505' })],
  ['a conflict', error({ code: '40001' })],
  ['a cancelled statement', error({ code: '57014' })],
  ['a full disk', error({ code: '53100' })],
  ['nothing', undefined],
])('knows what is something else: %s', (_name, thrown) => {
  expect(isLostConnection(thrown)).toBe(false);
});

test('is found among the causes, and in what a service of ours says of it; another connection is no database', () => {
  const gone = new DatabaseGoneError(error({ code: 'ECONNREFUSED' }, 'connect ECONNREFUSED'));
  expect(isDatabaseGone(new Error('outer', { cause: gone }))).toBe(true);
  expect(isDatabaseGone(error({}, 'a failure of the server: its database does not answer.'))).toBe(
    true,
  );
  expect(isDatabaseGone(error({ code: 'ECONNREFUSED', syscall: 'connect' }))).toBe(false);
});
