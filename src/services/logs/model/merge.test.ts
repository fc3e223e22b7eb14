import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEvent } from './batch.ts';
import { blocksOf, extentOf, packEvents } from './blocks.ts';
import { Merge, type Run } from './merge.ts';

const text = (n: number) => String(n).padStart(4, '0');

/** Runs of whole numbers, which overlap; each comes to be known some time before its first position is asked for. */
const runs = fc.array(fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 12 }), {
  maxLength: 30,
});

test('events of overlapping runs come in one order, each once, whichever way and however they become known', () => {
  fc.assert(
    fc.property(runs, fc.boolean(), fc.integer({ min: 1, max: 7 }), (lists, descending, pace) => {
      const way = descending ? -1 : 1;
      const made = lists
        .map((list, run) => list.map((n) => `${text(n)}-${run}`).sort())
        .map((ids): Run<{ id: string }> & { ids: string[] } => ({
          start: (descending ? ids.at(-1) : ids[0]) ?? '',
          bytes: ids.length,
          ids,
          open: () => ids.map((id) => ({ id })),
        }))
        .sort((a, b) => (a.start < b.start ? -1 : 1) * way);
      const merge = new Merge<{ id: string }>(descending);
      const found: string[] = [];
      for (let at = 0; at < made.length; at += pace) {
        merge.add(made.slice(at, at + pace));
        for (const { events } of merge.take(made[at + pace]?.start))
          for (const { id } of events) found.push(id);
      }
      const all = made.flatMap(({ ids }) => ids).sort((a, b) => (a < b ? -1 : 1) * way);
      expect(found).toEqual(all);
    }),
  );
});

test('no run is opened before what is wanted can be in it', () => {
  const opened: number[] = [];
  const merge = new Merge<{ id: string }>(false);
  merge.add(
    [0, 10, 20, 30].map((n) => ({
      start: text(n),
      bytes: 10,
      open: () => {
        opened.push(n);
        return [{ id: text(n) }, { id: text(n + 1) }];
      },
    })),
  );
  const [first] = merge.take(text(15));
  expect(first).toEqual({ events: [{ id: text(0) }, { id: text(1) }], bytes: 10 });
  expect(opened).toEqual([0]);
});

test('a chunk opens as what was put into it, block by block', () => {
  const event = fc.record({ timestamp: fc.nat(5), message: fc.string({ maxLength: 3000 }) });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (made) => {
      const events: LogEvent[] = made.sort((a, b) => a.timestamp - b.timestamp);
      const blocks = blocksOf(packEvents(events), extentOf(events));
      expect(blocks.flatMap((block) => block.open())).toEqual(events);
      let offset = 0;
      for (const block of blocks) {
        expect(block).toMatchObject({ ...extentOf(block.open()), offset });
        offset += block.count;
      }
    }),
  );
});
