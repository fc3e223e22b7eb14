import { expect, test } from 'vitest';
import { outageOf } from './outage.ts';

const error = (code: string) => Object.assign(new Error('no'), { code });

test.each([
  ['a serialization failure', '40001', 'too many calls change the same thing at once'],
  ['a deadlock', '40P01', 'too many calls change the same thing at once'],
  ['a full disk', 'ENOSPC', 'its disk is full'],
  ['a unique violation', '23505', undefined],
  ['an integrity violation', '40002', undefined],
])('%s', (_name, code, reason) => {
  expect(outageOf(error(code))?.reason).toBe(reason);
});

test.each([undefined, null, 'text'])('%s is none', (thrown) => {
  expect(outageOf(thrown)).toBeUndefined();
});
