import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { MAX_QUERY_MS, QUERY_KEPT_MS } from '../limits.ts';
import { QueryTooLargeError } from '../model/insights/held.ts';
import { type QueryOutcome, runQuery } from '../queries/run.ts';
import { deleteQuery, endQuery, findQuery, requestOf } from '../store/queries.ts';
import type { QueryRow, QueryStatus } from '../store/tables.ts';
import { sweeps } from '../sweeps.ts';

/** Name of the reconciler that runs queries. One that is lost with its server is run again, from the beginning. */
export const QUERY = 'logs/query';

/** Rings when a query ends. */
export const queryTopic = (id: string) => `logs/query/${id}`;

export const query = defineReconciler<Platform>({
  name: QUERY,
  concurrency: 4,
  longestMs: MAX_QUERY_MS,
  async reconcile(ctx, id, signal) {
    const row = await findQuery(ctx.db, id);
    if (!row) return undefined;
    if (row.ended_at !== null) {
      const kept = new Date(row.created_at + QUERY_KEPT_MS);
      if (kept > ctx.clock.now()) return kept;
      await ctx.transaction((tx) => deleteQuery(tx, id));
      return undefined;
    }
    const { status, found } = await run(ctx, row, signal);
    // The server stops, or another one has it: whoever has it next begins again.
    if (signal.aborted) return 'now';
    const now = ctx.clock.now().getTime();
    await ctx.transaction(async (tx) => {
      await endQuery(tx, id, status, now, found);
      await ctx.engine.ring(tx, queryTopic(id));
    });
    return new Date(row.created_at + QUERY_KEPT_MS);
  },
  sweep: sweeps[QUERY],
});

async function run(
  ctx: Platform,
  row: QueryRow,
  signal: AbortSignal,
): Promise<{ status: QueryStatus; found?: QueryOutcome }> {
  const deadline = new Date(row.created_at + MAX_QUERY_MS);
  const ended = new AbortController();
  const stopped = new AbortController();
  // StopQuery has said how it ended; at the deadline nobody has.
  const cancel = ctx.clock.at(deadline, () => stopped.abort());
  const watching = ctx.engine.heard(
    queryTopic(row.id),
    async () => {
      const now = await findQuery(ctx.db, row.id);
      if (now?.ended_at === null) return undefined;
      stopped.abort();
      return true;
    },
    { until: deadline, signal: AbortSignal.any([ended.signal, signal]) },
  );
  try {
    const either = AbortSignal.any([signal, stopped.signal]);
    const found = await runQuery(ctx, requestOf(row), row.created_at, either);
    return { status: 'Complete', found };
  } catch (error) {
    if (signal.aborted) return { status: 'Running' };
    if (stopped.signal.aborted) return { status: 'Timeout' };
    if (error instanceof QueryTooLargeError) return { status: 'Failed' };
    throw error;
  } finally {
    cancel();
    ended.abort();
    await watching;
  }
}
