import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { rootPrincipal } from '../../../aws/auth/root.ts';
import { type CallRecord, makeRecorder } from '../../../aws/record.ts';
import type { CallObserver } from '../../../kit/provides.ts';
import { ManualClock } from '../../../lib/clock.ts';
import { FLUSH_MS, MAX_WAITING } from '../limits.ts';
import { makeHistory } from './keep.ts';

/** A history over a database that counts, and fails while it is told to. */
function kept() {
  const clock = new ManualClock();
  const seen = { writes: 0, failures: 0, lost: 0, down: false };
  const history = makeHistory({
    database: {
      async transaction() {
        if (seen.down) throw new Error('The database is down.');
        seen.writes += 1;
        return undefined as never;
      },
    },
    clock,
    tell: async () => {},
    failed: () => {
      seen.failures += 1;
    },
    lost: (count) => {
      seen.lost += count;
    },
  });
  return { clock, history, seen };
}

/** Notes a call of somebody in `region`. */
function call(history: CallObserver, clock: ManualClock, more: Partial<CallRecord> = {}): void {
  const facts = {
    ...{ requestId: 'r', api: 'toy', operation: 'MakeToy', region: 'eu-west-1', touched: [] },
    ...{ principal: rootPrincipal('111111111111'), sourceIp: '127.0.0.1', userAgent: 'test' },
    ...more,
  };
  makeRecorder(clock, [history.note])(facts, { status: 200, ...more }, 0, {
    readOnly: false,
    parameters: more.additional,
  });
}

it('writes the calls of a moment together, each region’s by themselves', async () => {
  const { clock, history, seen } = kept();
  for (let n = 0; n < 100; n += 1) call(history, clock);
  call(history, clock, { region: 'us-east-1' });
  expect(seen.writes).toBe(0);
  clock.advance(FLUSH_MS);
  await history.settled();
  expect(seen.writes).toBe(2);
});

it('writes nothing of calls that are nobody’s', async () => {
  const { clock, history, seen } = kept();
  call(history, clock, { principal: undefined });
  await history.settled();
  expect(seen.writes).toBe(0);
});

it('keeps what cannot be written and tries again; what is too much is counted', async () => {
  const { clock, history, seen } = kept();
  seen.down = true;
  call(history, clock);
  await history.settled();
  expect(seen).toMatchObject({ writes: 0, failures: 1, lost: 0 });
  const large = { text: 'x'.repeat(90_000) };
  for (let n = 0; n < MAX_WAITING / 90_000 + 50; n += 1)
    call(history, clock, { additional: large });
  await history.settled();
  expect(seen.lost).toBeGreaterThan(0);
  seen.down = false;
  clock.advance(FLUSH_MS);
  while (seen.writes === 0) await setImmediate();
  await history.settled();
  expect(seen.writes).toBeGreaterThan(10);
});
