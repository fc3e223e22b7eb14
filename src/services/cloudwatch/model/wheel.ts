import {
  EVALUATED_EVERY_MS,
  GRACE_MS,
  HIGH_RESOLUTION_EVERY_MS,
  HIGH_RESOLUTION_GRACE_MS,
  LONG_EVERY_MS,
} from '../limits.ts';
import type { MetricAlarm } from './alarm.ts';
import { evaluationRange } from './evaluation.ts';

const DAY_S = 86_400;

/** How often an alarm is evaluated, in milliseconds. */
export function everyOf({
  period,
  evaluationPeriods,
}: Pick<MetricAlarm, 'period' | 'evaluationPeriods'>): number {
  if (period < 60) return HIGH_RESOLUTION_EVERY_MS;
  return period * evaluationPeriods > DAY_S ? LONG_EVERY_MS : EVALUATED_EVERY_MS;
}

const graceOf = (everyMs: number) =>
  everyMs === HIGH_RESOLUTION_EVERY_MS ? HIGH_RESOLUTION_GRACE_MS : GRACE_MS;

/** The number of the turn that is due, and the time at which its data end. @param now epoch milliseconds */
export function turnAt(now: number, everyMs: number): { number: number; end: number } {
  const number = Math.floor((now - graceOf(everyMs)) / everyMs);
  return { number, end: number * everyMs };
}

/** When the next turn is due, epoch milliseconds. */
export const nextTurn = (now: number, everyMs: number): number =>
  (turnAt(now, everyMs).number + 1) * everyMs + graceOf(everyMs);

/** What an alarm looks at in a turn, epoch milliseconds. */
export function rangeOf(
  alarm: MetricAlarm,
  end: number,
): { from: number; to: number; periods: number } {
  const periods = evaluationRange(alarm.evaluationPeriods, alarm.period);
  return { from: end - periods * alarm.period * 1000, to: end, periods };
}
