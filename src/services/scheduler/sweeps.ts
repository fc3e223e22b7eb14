import type { Sweeps } from '../../kit/manifest.ts';
import { keyOf } from './reconcilers/names.ts';
import { invocations } from './store/invocations.ts';
import { listDueSchedules } from './store/schedules.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'scheduler/schedule': async ({ db, clock }) =>
    (await listDueSchedules(db, clock.now().getTime())).map(keyOf),
  'scheduler/invoke': ({ db, clock }) => invocations.listDue(db, clock.now().getTime()),
} satisfies Sweeps;
