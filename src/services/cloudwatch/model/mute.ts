import { Cron } from 'croner';

/** When alarms do nothing. */
export interface MuteRule {
  accountId: string;
  region: string;
  name: string;
  description?: string;
  /** `cron(…)` of five fields, or `at(…)`. */
  expression: string;
  /** ISO 8601: `PT4H`. */
  duration: string;
  timezone?: string;
  /** Names of the alarms. */
  alarms: string[];
  start?: Date;
  expire?: Date;
  updatedAt: Date;
  tags: Record<string, string>;
}

/** A rule that is none: what is wrong with it. */
export class MuteError extends Error {}

type Schedule = Pick<MuteRule, 'expression' | 'duration' | 'timezone' | 'start' | 'expire'>;

const DURATION = /^P(?:(\d{1,2})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,5})M)?)?$/;
const MINUTE = 60_000;
const LONGEST = 15 * 24 * 60 * MINUTE;

/** Milliseconds. @throws MuteError */
function lengthOf(duration: string): number {
  const [whole, days = 0, hours = 0, minutes = 0] = DURATION.exec(duration) ?? [];
  const length = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * MINUTE;
  if (whole === undefined || length < MINUTE || length > LONGEST)
    throw new MuteError(`The duration ${duration} is invalid: it must be from PT1M to P15D.`);
  return length;
}

/** The first time at or after `from` at which a rule begins, epoch milliseconds. @throws MuteError */
function nextBegin({ expression, timezone = 'UTC' }: Schedule, from: number): number | undefined {
  const [, at] = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)\)$/.exec(expression) ?? [];
  const [, cron] = /^cron\(((?:[^\s()]{1,80}\s){4}[^\s()]{1,80})\)$/.exec(expression) ?? [];
  const pattern = at ?? cron;
  if (pattern === undefined)
    throw new MuteError(`The expression ${expression} is invalid: it must be cron(…) or at(…).`);
  try {
    // croner looks behind the time that it is given.
    const next = new Cron(pattern, { timezone, paused: true }).nextRun(new Date(from - 1));
    return next?.getTime();
  } catch {
    throw new MuteError(`The expression ${expression} or the time zone ${timezone} is invalid.`);
  }
}

/** @throws MuteError for a rule that can never be */
export function checkSchedule(schedule: Schedule, now: number): void {
  lengthOf(schedule.duration);
  nextBegin(schedule, now);
  if (schedule.start && schedule.expire && schedule.start >= schedule.expire)
    throw new MuteError('StartDate must be before ExpireDate.');
}

/** Until when a rule mutes its alarms, epoch milliseconds; undefined where it does not now. */
export function mutedUntil(schedule: Schedule, now: number): number | undefined {
  const { start, expire } = schedule;
  if ((start && now < start.getTime()) || (expire && now >= expire.getTime())) return undefined;
  const length = lengthOf(schedule.duration);
  const began = nextBegin(schedule, now - length + 1);
  if (began === undefined || began > now) return undefined;
  const end = began + length;
  return expire ? Math.min(end, expire.getTime()) : end;
}

/** What ListAlarmMuteRules calls it. */
export function muteStatus(schedule: Schedule, now: number): 'SCHEDULED' | 'ACTIVE' | 'EXPIRED' {
  if (mutedUntil(schedule, now) !== undefined) return 'ACTIVE';
  const { expire } = schedule;
  const next = nextBegin(schedule, now);
  const never = next === undefined || (expire && next >= expire.getTime());
  return never ? 'EXPIRED' : 'SCHEDULED';
}

export const muteType = ({ expression }: Schedule): 'ONE_TIME' | 'RECURRING' =>
  expression.startsWith('at(') ? 'ONE_TIME' : 'RECURRING';
