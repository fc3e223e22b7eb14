import type { Sweeps } from '../../kit/manifest.ts';
import { turnAt } from './model/wheel.ts';
import { openActions } from './store/actions.ts';
import { compositeOwners, lastTick, wheelSpeeds } from './store/alarms.ts';

/** Actions whose wake-ups are looked after at once. */
const AT_ONCE = 1000;

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'cloudwatch/wheel': async ({ db, clock }) => {
    const late: string[] = [];
    for (const everyMs of await wheelSpeeds(db)) {
      const { number } = turnAt(clock.now().getTime(), everyMs);
      if (((await lastTick(db, everyMs)) ?? 0) < number - 1) late.push(String(everyMs));
    }
    return late;
  },
  'cloudwatch/composites': async ({ db }) => compositeOwners(db),
  'cloudwatch/action': ({ db }) => openActions(db, AT_ONCE),
} satisfies Sweeps;
