import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeBodyBudget } from './body-budget.ts';
import { collect } from './collect.ts';

const MIB = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise is settled, without waiting for it. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

describe('the budget', () => {
  test('who finds no room waits, in turn, until others have given theirs back', async () => {
    const budget = makeBodyBudget(10);
    const first = await budget.admit(6);
    const second = budget.admit(6);
    const third = budget.admit(1);
    expect([await settled(second), await settled(third)]).toEqual([false, false]);
    first();
    first();
    (await second)();
    (await third)();
    expect(await settled(budget.admit(10))).toBe(true);
  });

  test('who waits too long is told to come again, and those behind go on', async () => {
    const budget = makeBodyBudget(10, 1000);
    await budget.admit(6);
    const large = budget.admit(6);
    const refused = expect(large).rejects.toMatchObject({ kind: 'busy' });
    await vi.advanceTimersByTimeAsync(500);
    const small = budget.admit(4);
    await vi.advanceTimersByTimeAsync(500);
    await refused;
    expect(await settled(small)).toBe(true);
  });
});

describe('a body', () => {
  test('is not read while there is no room for it', async () => {
    const budget = makeBodyBudget(MIB);
    const release = await budget.admit(MIB);
    const source = new PassThrough();
    const reading = collect(source, { limit: MIB, length: MIB / 2, budget });
    source.write(Buffer.alloc(1000));
    expect([await settled(reading), source.readableLength]).toEqual([false, 1000]);
    release();
    source.end(Buffer.alloc(MIB / 2 - 1000));
    expect((await reading).bytes).toHaveLength(MIB / 2);
  });

  test('of ordinary size needs no room', async () => {
    const budget = makeBodyBudget(MIB);
    await budget.admit(MIB);
    const source = Readable.from([Buffer.from('a'), Buffer.from('b')]);
    const read = await collect(source, { limit: MIB, length: 2, budget });
    expect(read.bytes.toString()).toBe('ab');
  });

  test('that does not say how long it is takes as much as it may be', async () => {
    const budget = makeBodyBudget(MIB);
    const source = new PassThrough();
    const reading = collect(source, { limit: MIB, budget });
    expect(await settled(budget.admit(MIB))).toBe(false);
    source.end('x');
    expect((await reading).bytes.toString()).toBe('x');
  });

  test('that is too long is refused by what it says, and by what it is', async () => {
    const long = collect(new PassThrough(), { limit: 2, length: 3 });
    await expect(long).rejects.toMatchObject({ kind: 'too-large' });
    const more = collect(Readable.from([Buffer.from('abc')]), { limit: 2 });
    await expect(more).rejects.toMatchObject({ kind: 'too-large' });
  });

  test('that trickles gives its room back', async () => {
    const budget = makeBodyBudget(MIB);
    const source = new PassThrough();
    const reading = collect(source, { limit: MIB, length: MIB, budget });
    const refused = expect(reading).rejects.toMatchObject({ kind: 'too-slow' });
    await vi.advanceTimersByTimeAsync(30_000);
    await refused;
    expect(await settled(budget.admit(MIB))).toBe(true);
    // What still comes is dropped.
    source.write('late');
    await vi.advanceTimersByTimeAsync(0);
    expect(source.readableLength).toBe(0);
  });

  test('whose sender is gone gives its room back', async () => {
    const budget = makeBodyBudget(MIB);
    const source = new PassThrough();
    const reading = collect(source, { limit: MIB, length: MIB, budget });
    const refused = expect(reading).rejects.toMatchObject({ kind: 'incomplete-body' });
    source.destroy();
    await refused;
    expect(await settled(budget.admit(MIB))).toBe(true);
  });

  test.each([[['abc']], [['a', 'bc']], [['a'.repeat(70_000), 'b'.repeat(70_000)]]])(
    'is hashed as it comes',
    async (pieces) => {
      const { createHash } = await import('node:crypto');
      const whole = pieces.join('');
      const source = Readable.from(pieces.map((p) => Buffer.from(p)));
      const read = await collect(source, { limit: MIB, length: whole.length });
      expect(read.sha256()).toBe(createHash('sha256').update(whole).digest('hex'));
      expect(read.bytes.toString()).toBe(whole);
    },
  );
});
