import { expect, it } from 'vitest';
import type { ServiceContext } from '../../../kit/service.ts';
import { ManualClock } from '../../../lib/clock.ts';
import { MAX_TAIL_MS, MAX_TAILS } from '../limits.ts';
import { enterTail } from './sessions.ts';

it('sessions of an account end once: with their client, or when the longest would be over, though nobody reads them', () => {
  const clock = new ManualClock();
  const engine = {} as ServiceContext['engine'];
  const enter = (accountId = '1') => enterTail({ engine, clock, accountId });
  const full = { name: 'LimitExceededException' };
  const ends = Array.from({ length: MAX_TAILS }, () => enter());
  expect(() => enter()).toThrow(expect.objectContaining(full));
  enter('2');
  ends[0]?.();
  ends[0]?.();
  enter();
  expect(() => enter()).toThrow(expect.objectContaining(full));
  clock.advance(MAX_TAIL_MS);
  ends[1]?.();
  for (let count = 0; count < MAX_TAILS; count += 1) enter();
  expect(() => enter()).toThrow(expect.objectContaining(full));
});
