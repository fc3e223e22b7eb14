import { Cron } from 'croner';
import type { Draft } from './draft.ts';
import { isSuspended, type Scheduled } from './group.ts';
import { resize } from './resize.ts';
import * as texts from './texts.ts';

/** When an expression is due next after `after`, in epoch milliseconds. @throws for what is none */
export function nextTime(recurrence: string, zone: string | undefined, after: number): number {
  const cron = new Cron(recurrence, { mode: '5-part', timezone: zone ?? 'Etc/UTC' });
  return cron.nextRun(new Date(after))?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

/** Does what is due, each thing once however long nobody looked. */
export function runSchedules(draft: Draft): void {
  const { body, now, group } = draft;
  if (isSuspended(group, 'ScheduledActions') || body.deleting) return;
  for (const one of [...body.schedules].sort((a, b) => a.next - b.next))
    if (one.next <= now) run(draft, one);
}

function run(draft: Draft, one: Scheduled): void {
  const { body, now } = draft;
  const min = one.min ?? body.min;
  const max = Math.max(one.max ?? body.max, min);
  const desired = Math.min(Math.max(one.desired ?? body.desired, min), max);
  const why = texts.updated(now, 'scheduled action', { min, max, desired }, body.desired);
  resize(draft, { min, max, desired }, why);
  const next = one.recurrence ? nextTime(one.recurrence, one.zone, now) : undefined;
  const goesOn = next !== undefined && next < (one.end ?? Number.MAX_SAFE_INTEGER);
  const others = body.schedules.filter(({ name }) => name !== one.name);
  body.schedules = goesOn ? [...others, { ...one, next }] : others;
}
