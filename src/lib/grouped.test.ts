import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grouped } from './grouped.ts';

test('whoever asks is served by a run that began after he asked, never two at a time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 12 }), async (scheduler, askers) => {
      let time = 0;
      let running = 0;
      let runs = 0;
      let begun = 0;
      const sync = grouped(async () => {
        begun = ++time;
        runs += 1;
        running += 1;
        expect(running).toBe(1);
        await scheduler.schedule(Promise.resolve(), 'work');
        running -= 1;
      });
      const ask = async () => {
        await scheduler.schedule(Promise.resolve(), 'ask');
        const asked = ++time;
        await sync();
        expect(begun).toBeGreaterThan(asked);
      };
      const all = Promise.all(Array.from({ length: askers }, ask));
      await scheduler.waitFor(all);
      expect(runs).toBeLessThanOrEqual(askers);
    }),
  );
});

test('many who ask while it runs share the next run', async () => {
  let runs = 0;
  const gate = Promise.withResolvers<void>();
  const sync = grouped(async () => {
    runs += 1;
    if (runs === 1) await gate.promise;
  });
  const first = sync();
  const others = Array.from({ length: 50 }, async () => {
    await Promise.resolve();
    await sync();
  });
  await Promise.resolve();
  gate.resolve();
  await Promise.all([first, ...others]);
  expect(runs).toBeLessThanOrEqual(3);
});

test('a run that fails fails those it was for, and the next one works', async () => {
  let fail = true;
  const sync = grouped(async () => {
    if (fail) throw new Error('the disk');
  });
  await expect(sync()).rejects.toThrow('the disk');
  fail = false;
  await expect(sync()).resolves.toBeUndefined();
});
