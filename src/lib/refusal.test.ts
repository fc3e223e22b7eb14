import { expect, test } from 'vitest';
import { isRefusal, statusOf } from './refusal.ts';

/** As SDK clients throw it. */
const answered = (httpStatusCode: number, name = 'SomeException') =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

test.each([
  ['a refusal', answered(400), true],
  ['want of a permission', answered(403, 'AccessDenied'), true],
  ['what is not there', answered(404), true],
  ['what cannot be done here', answered(501, 'NotImplemented'), true],
  ['our own', Object.assign(new Error('no'), { status: 400 }), true],
  ['throttling', answered(400, 'ThrottlingException'), false],
  ['too many at once', answered(429), false],
  ['an object store that is busy', answered(400, 'SlowDown'), false],
  ['a body that did not come', answered(400, 'RequestTimeout'), false],
  ['no time', answered(408), false],
  ['trouble of the service', answered(500), false],
  ['a service that is away', answered(503), false],
  ['no answer', new Error('ECONNREFUSED'), false],
  ['no error', undefined, false],
])('%s: is it the caller’s fault? %o %s', (_what, error, expected) => {
  expect(isRefusal(error)).toBe(expected);
});

test('the status of what was answered', () => {
  expect(statusOf(answered(404))).toBe(404);
  expect(statusOf(Object.assign(new Error(), { status: 409 }))).toBe(409);
  expect(statusOf('text')).toBeUndefined();
  expect(statusOf(null)).toBeUndefined();
});
