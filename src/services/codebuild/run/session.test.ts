import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { failureOf } from './session.ts';

test('an engine whose socket is gone is no trouble of the build: it is tried again', async () => {
  const [error] = await once(connect('/nowhere/docker.sock'), 'error');
  expect(error).toMatchObject({ code: 'ENOENT' });
  expect(failureOf(error)).toBeUndefined();
});

test('a file that is not there is', () => {
  const error = Object.assign(new Error('no such file'), { code: 'ENOENT', path: '/a/b' });
  expect(failureOf(error)?.message).toContain('b: it is not there');
});
