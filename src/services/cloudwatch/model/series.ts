import { RETENTION } from '../limits.ts';
import type { Entry } from './chunk.ts';
import type { Statistic } from './statistic.ts';
import { merged, type Summary } from './summary.ts';

/** An entry that lasts so long, in milliseconds. */
export interface TimedEntry extends Entry {
  resolution: number;
}

/** Which data a call asks for. */
export interface Asked {
  /** Epoch milliseconds: where the first period begins, and where nothing more is looked for. */
  from: number;
  to: number;
  /** Milliseconds. */
  period: number;
  /** All units together where none is said. */
  unit?: string | undefined;
}

/** What was measured in one period. */
export interface Period {
  at: number;
  unit: string;
  summary: Summary;
}

/** The resolution in which data of an age are kept, in milliseconds: rows that wait for their roll-up are no finer. */
export function keptResolution(at: number, now: number): number | undefined {
  return RETENTION.find(({ keptFor }) => at >= now - keptFor)?.resolution;
}

/**
 * Entries by period, in order of time. What is kept in less detail than the period asks for is not told.
 * @param apart one for each unit; else those of several units become one
 */
export function periodsOf(
  entries: readonly TimedEntry[],
  { from, to, period, unit }: Asked,
  now: number,
  apart = false,
): Period[] {
  const groups = new Map<string, { at: number; unit: string; parts: Summary[] }>();
  for (const entry of entries) {
    if (entry.at < from || entry.at >= to) continue;
    if (unit !== undefined && entry.unit !== unit) continue;
    const kept = keptResolution(entry.at, now);
    // Finer data than minutes are told in any period while they are there.
    const least = Math.max(
      entry.resolution,
      kept === 1000 ? 0 : (kept ?? Number.POSITIVE_INFINITY),
    );
    if (least > Math.max(period, 1000)) continue;
    const at = from + Math.floor((entry.at - from) / period) * period;
    const key = apart ? `${at} ${entry.unit}` : `${at}`;
    const group = groups.get(key);
    if (group) group.parts.push(entry.summary);
    else groups.set(key, { at, unit: entry.unit, parts: [entry.summary] });
  }
  return [...groups.values()]
    .map((group) => ({ at: group.at, unit: group.unit, summary: merged(group.parts) }))
    .sort((a, b) => a.at - b.at || (a.unit < b.unit ? -1 : 1));
}

/** A value and when its period began, epoch milliseconds. */
export type Point = readonly [at: number, value: number];

export function pointsOf(periods: readonly Period[], statistic: Statistic): Point[] {
  return periods.flatMap(({ at, summary }) => {
    const value = statistic.of(summary);
    return value === undefined ? [] : [[at, value] as const];
  });
}

/**
 * Where the first period begins: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 * @param start epoch milliseconds @param period milliseconds
 */
export function roundedStart(start: number, period: number, now: number): number {
  const age = now - start;
  const [, minutes, fiveMinutes] = RETENTION;
  const to =
    period < 60_000
      ? period
      : age <= minutes.keptFor
        ? 60_000
        : age <= fiveMinutes.keptFor
          ? 300_000
          : 3_600_000;
  return Math.floor(start / to) * to;
}
