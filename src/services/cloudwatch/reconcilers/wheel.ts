import { setImmediate } from 'node:timers/promises';
import type { Db } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { inState, transition } from '../alarms/transition.ts';
import { sourcesOf } from '../metrics/read.ts';
import type { MetricAlarm } from '../model/alarm.ts';
import { type Judged, judge, type NewState, prepare } from '../model/judge.ts';
import { nextTurn, rangeOf, turnAt } from '../model/wheel.ts';
import {
  alarmsByName,
  lastTick,
  noteTick,
  type StoredAlarm,
  type WheelKey,
  type WheelRow,
  wheelRows,
} from '../store/alarms.ts';
import { readEntries } from '../store/chunks.ts';
import { sweeps } from '../sweeps.ts';
import { WHEEL } from './names.ts';

/** Alarms whose data are read together. */
const AT_ONCE = 500;
/** State changes of one transaction. */
const CHANGES_AT_ONCE = 50;

interface Prepared extends Judged {
  revision: string;
}

/** Alarms as they were read, by their places, for each database: they are read again when they change. */
const known = new WeakMap<Db, Map<string, Prepared>>();

/** All metric alarms that are evaluated equally often, in one run: over all servers one at a time. */
export const wheel = defineReconciler<Platform>({
  name: WHEEL,
  async reconcile(ctx, key, signal) {
    const everyMs = Number(key);
    const now = ctx.clock.now().getTime();
    const { number, end } = turnAt(now, everyMs);
    const next = new Date(nextTurn(now, everyMs));
    if (number === (await lastTick(ctx.db, everyMs))) return next;
    let any = false;
    for (let after: WheelKey | undefined; !signal.aborted; ) {
      const rows = await wheelRows(ctx.db, everyMs, after, AT_ONCE);
      any ||= rows.length > 0;
      await evaluateRows(ctx, rows, { end, now });
      after = rows.at(-1)?.key;
      if (rows.length < AT_ONCE) break;
      // Calls come between.
      await setImmediate();
    }
    if (signal.aborted) return 'now';
    await ctx.transaction((tx) => noteTick(tx, everyMs, number));
    return any ? next : undefined;
  },
  sweep: sweeps[WHEEL],
});

const placeOf = (key: WheelKey) => key.join('\n');

/** The alarms of the rows: of those that have not changed what is in memory. */
async function preparedAlarms(ctx: Platform, rows: readonly WheelRow[]): Promise<Prepared[]> {
  const memory = known.get(ctx.db) ?? new Map<string, Prepared>();
  known.set(ctx.db, memory);
  const stale = rows.filter(({ key, revision }) => memory.get(placeOf(key))?.revision !== revision);
  const read = await alarmsByName(
    ctx.db,
    stale.map(({ key }) => key),
  );
  for (const { alarm, revision } of read) {
    const { accountId, region, name } = alarm;
    memory.set(placeOf([accountId, region, name]), { ...prepare(alarm), revision });
  }
  forgetSome(memory);
  return rows.flatMap(({ key }) => memory.get(placeOf(key)) ?? []);
}

const MOST_KNOWN = 50_000;

function forgetSome(memory: Map<string, Prepared>): void {
  for (const place of memory.keys()) {
    if (memory.size <= MOST_KNOWN) return;
    memory.delete(place);
  }
}

interface When {
  end: number;
  now: number;
}

async function evaluateRows(ctx: Platform, rows: readonly WheelRow[], when: When): Promise<void> {
  const groups = Map.groupBy(await preparedAlarms(ctx, rows), ({ alarm }) => {
    const { from, to } = rangeOf(alarm, when.end);
    // Who looks at a day does not make all others do so.
    return Math.ceil(Math.log2(to - from));
  });
  const changes: { stored: StoredAlarm<MetricAlarm>; next: NewState }[] = [];
  for (const alarms of groups.values())
    for (const change of await judgeAll(ctx, alarms, when)) changes.push(change);
  for (let from = 0; from < changes.length; from += CHANGES_AT_ONCE) {
    const some = changes.slice(from, from + CHANGES_AT_ONCE);
    await ctx.transaction(async (tx) => {
      for (const { stored, next } of some) {
        const alarm = inState(stored.alarm, { ...next, at: new Date(when.now) });
        // Who has changed it meanwhile has it evaluated in the next turn.
        await transition(ctx, tx, stored, { alarm, before: stored.alarm.state });
      }
    });
  }
}

async function judgeAll(ctx: Platform, alarms: readonly Prepared[], { end, now }: When) {
  const from = alarms.reduce((least, { alarm }) => Math.min(least, rangeOf(alarm, end).from), end);
  const ids = new Set(alarms.flatMap(({ metricIds }) => metricIds));
  const entries = await readEntries(ctx.db, [...ids], { from, to: end });
  return alarms.flatMap((prepared) => {
    const { alarm, revision } = prepared;
    const next = judge(prepared, entries, {
      ...{ end, now },
      sources: (plan, span) => sourcesOf(alarm, plan, span, now, entries),
    });
    return next ? [{ stored: { alarm, revision }, next }] : [];
  });
}
