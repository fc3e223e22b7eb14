import type { SchedulePlace } from '../store/schedules.ts';

/** Name of the reconciler that a schedule is due by (key: `keyOf`). */
export const SCHEDULE = 'scheduler/schedule';
/** Name of the reconciler that calls a target (key: the execution's id). */
export const INVOKE = 'scheduler/invoke';

/** No part has a slash. */
export const keyOf = ({ accountId, region, group, name }: SchedulePlace) =>
  [accountId, region, group, name].join('/');

export function placeOf(key: string): SchedulePlace {
  const [accountId = '', region = '', group = '', name = ''] = key.split('/');
  return { accountId, region, group, name };
}
