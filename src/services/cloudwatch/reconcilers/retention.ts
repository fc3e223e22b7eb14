import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { COUNTED_MS, HISTORY_KEPT_MS, MERGED_AFTER_MS, RETENTION } from '../limits.ts';
import { type Entry, rollUp } from '../model/chunk.ts';
import {
  type DueChunks,
  deleteChunks,
  insertChunks,
  mergedChunks,
  type NewChunk,
  oldestChunks,
  type StoredChunk,
} from '../store/chunks.ts';
import { forgetHistory } from '../store/history.ts';
import { forgetCounted, forgetMetrics } from '../store/metrics.ts';
import { sweeps } from '../sweeps.ts';
import { RETENTION_KEEPER } from './names.ts';

/** Rows of one transaction: writers wait for no more than that. */
const AT_ONCE = 1000;

type Level = (typeof RETENTION)[number];

/** Keeps data small: rows as they were put become one a window, and old ones less detailed, until they go. */
export const retention = defineReconciler<Platform>({
  name: RETENTION_KEEPER,
  concurrency: 1,
  async reconcile(ctx) {
    const now = ctx.clock.now().getTime();
    for (const [index, level] of RETENTION.entries()) {
      const { resolution, keptFor } = level;
      const fresh = { fresh: true, resolution, before: now - MERGED_AFTER_MS };
      if (await move(ctx, fresh, level)) return 'now';
      const old = { fresh: false, resolution, before: now - keptFor };
      if (await move(ctx, old, RETENTION[index + 1])) return 'now';
    }
    return (await forget(ctx, now)) ? 'now' : undefined;
  },
  sweep: sweeps[RETENTION_KEEPER],
});

/** Brings some rows to another level, or to an end where there is none. @returns whether there may be more */
async function move(ctx: Platform, which: DueChunks, to: Level | undefined): Promise<boolean> {
  const due = await oldestChunks(ctx.db, which, AT_ONCE);
  if (due.length === 0) return false;
  const { written, replaced } = to ? await rolledUp(ctx, due, to) : { written: [], replaced: [] };
  await ctx.transaction(async (tx) => {
    await deleteChunks(tx, [...due, ...replaced]);
    await insertChunks(tx, written);
  });
  return true;
}

/** The rows of a level's windows, with what is added to them. */
async function rolledUp(ctx: Platform, due: readonly StoredChunk[], { resolution, window }: Level) {
  const windowOf = (at: number) => Math.floor(at / window);
  const groups = new Map<string, { metricId: string; entries: Entry[] }>();
  const add = (metricId: string, entry: Entry, known = false) => {
    const key = `${metricId} ${windowOf(entry.at)}`;
    const group = groups.get(key);
    if (group) group.entries.push(entry);
    else if (!known) groups.set(key, { metricId, entries: [entry] });
  };
  for (const { metricId, entries } of due) for (const entry of entries) add(metricId, entry);
  const from = due.reduce((least, { firstAt }) => Math.min(least, firstAt), due[0]?.firstAt ?? 0);
  const to = due.reduce((most, { lastAt }) => Math.max(most, lastAt), 0);
  const span = { from: windowOf(from) * window, to: (windowOf(to) + 1) * window };
  const metrics = [...new Set(due.map(({ metricId }) => metricId))];
  const going = new Set(due.map(({ id }) => id));
  const there = await mergedChunks(ctx.db, metrics, resolution, span);
  const replaced = there.filter(
    ({ id, metricId, firstAt }) => !going.has(id) && groups.has(`${metricId} ${windowOf(firstAt)}`),
  );
  for (const { metricId, entries } of replaced)
    for (const entry of entries) add(metricId, entry, true);
  const written: NewChunk[] = [...groups.values()].map(({ metricId, entries }) => ({
    ...{ metricId, resolution, fresh: false },
    entries: rollUp(entries, resolution),
  }));
  return { written, replaced };
}

/** What is too old to be told of. @returns whether there may be more */
async function forget({ transaction }: Platform, now: number): Promise<boolean> {
  const longest = RETENTION.at(-1)?.keptFor ?? 0;
  const forgotten = await transaction(async (tx) => [
    await forgetMetrics(tx, now - longest, AT_ONCE),
    await forgetHistory(tx, now - HISTORY_KEPT_MS, AT_ONCE),
    await forgetCounted(tx, now - COUNTED_MS, AT_ONCE),
  ]);
  return forgotten.some((count) => count === AT_ONCE);
}
