import { expect, test } from 'vitest';
import { Transfers } from './transfers.ts';

test('so many at once, in all and of one repository; each ends once', () => {
  const transfers = new Transfers({ all: 3, ofOne: 2 });
  const [first, second] = [transfers.begin('a'), transfers.begin('a')];
  expect(transfers.begin('a')).toBeUndefined();
  const third = transfers.begin('b');
  expect(transfers.begin('c')).toBeUndefined();
  first?.();
  first?.();
  expect(transfers.begin('a')).toBeDefined();
  expect(transfers.begin('c')).toBeUndefined();
  second?.();
  third?.();
  expect(transfers.begin('b')).toBeDefined();
});
