import type {
  ActionAfterCompletion,
  FlexibleTimeWindow,
  ScheduleState,
  Target,
} from '@aws-sdk/client-scheduler';
import { parseSchedule } from '../../../kit/schedule/schedule.ts';

/** What a call says of a schedule: UpdateSchedule says all of it anew. */
export interface Settings {
  expression: string;
  zone: string;
  state: ScheduleState;
  window: FlexibleTimeWindow;
  target: Target;
  start?: Date;
  end?: Date;
  description?: string;
  afterCompletion: ActionAfterCompletion;
}

export interface Schedule extends Settings {
  accountId: string;
  region: string;
  group: string;
  name: string;
  arn: string;
  createdAt: Date;
  modifiedAt: Date;
  clientToken?: string;
  /** When it is due next; absent when it is disabled or has come to its end. */
  nextAt?: Date;
}

export const DEFAULT_GROUP = 'default';

/** Whom the role of a target must trust. */
export const SERVICE_PRINCIPAL = 'scheduler.amazonaws.com';

/**
 * When a schedule is due next, later than `after`, between its start and its end.
 * @param since from when a rate counts that has no start
 */
export function nextOf(
  { expression, zone, state, start, end }: Settings,
  after: Date,
  since: Date,
): Date | undefined {
  if (state === 'DISABLED') return undefined;
  const schedule = parseSchedule(expression, 'either');
  if (schedule.kind === 'at') return schedule.next(after, since, zone);
  // A start that is still to come is a time of its own for a rate.
  const before = start && start > after ? new Date(start.getTime() - 1) : after;
  const isFirst = schedule.kind === 'rate' && start !== undefined && start > after;
  const next = isFirst ? start : schedule.next(before, start ?? since, zone);
  return next && end && next > end ? undefined : next;
}

/** A schedule for 1:00 calls its target between 1:00:00 and 1:00:59. */
const PRECISION_MS = 60_000;

/**
 * When a schedule that is made or changed is due first. One for a single time that was not changed in that stays as it is:
 * owed, or done; a new one is due when its time is less than a minute ago, which a call may take.
 * @returns `'past'` when its one time is over, and it would never call its target
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function firstOf(
  settings: Settings,
  now: Date,
  known: Schedule | undefined,
): Date | 'past' | undefined {
  const { expression, zone, state } = settings;
  if (state === 'DISABLED') return undefined;
  if (parseSchedule(expression, 'either').kind !== 'at') return nextOf(settings, now, now);
  const isSame = known?.state === state && known.expression === expression && known.zone === zone;
  if (isSame) return known.nextAt;
  return nextOf(settings, new Date(now.getTime() - PRECISION_MS), now) ?? 'past';
}

/** What a schedule's input may name. */
export interface Facts {
  arn: string;
  executionId: string;
  scheduledAt: Date;
  attempt: number;
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
export function inputOf(input: string | undefined, of: Facts): string | undefined {
  const values = new Map([
    ['schedule-arn', of.arn],
    ['scheduled-time', `${of.scheduledAt.toISOString().slice(0, 19)}Z`],
    ['execution-id', of.executionId],
    ['attempt-number', String(of.attempt)],
  ]);
  return input?.replace(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (whole, name: string) => values.get(name) ?? whole,
  );
}

/**
 * What tells a call that is tried again from another. The same for each try, so that one whose answer was lost has started
 * nothing twice; but with an input that names its try each is another request, which the token of the one before would refuse.
 */
export const tokenOf = (input: string | undefined, { executionId, attempt }: Facts): string =>
  input?.includes('<aws.scheduler.attempt-number>') ? `${executionId}-${attempt}` : executionId;
