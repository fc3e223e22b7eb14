import type { Lane } from '../../../kit/delivery/lanes.ts';
import type { SchedulePlace } from '../store/schedules.ts';

/** Name of the reconciler that a schedule is due by (key: `keyOf`). */
export const SCHEDULE = 'scheduler/schedule';

/**
 * Names of the reconcilers that call a target (key: the execution's id). All begin in the first one, which hands over
 * what is for somewhere else.
 */
export const LANES: Record<Lane, string> = {
  inner: 'scheduler/invoke',
  outside: 'scheduler/invoke-outside',
  again: 'scheduler/invoke-again',
};

/** No part has a slash. */
export const keyOf = ({ accountId, region, group, name }: SchedulePlace) =>
  [accountId, region, group, name].join('/');

export function placeOf(key: string): SchedulePlace {
  const [accountId = '', region = '', group = '', name = ''] = key.split('/');
  return { accountId, region, group, name };
}
