import type { Target } from '@aws-sdk/client-scheduler';
import { type Owed, owedIn } from '../../../kit/delivery/owed.ts';
import type { SchedulePlace } from './schedules.ts';

/** A call that a schedule owes its target; its id is the execution's. */
export interface Invocation extends Owed {
  schedule: SchedulePlace;
  arn: string;
  target: Target;
  scheduledAt: Date;
  /** There was no room for it among those to targets outside. */
  crowded?: boolean;
  /** The schedule goes with it. */
  isLast: boolean;
}

export const invocations = owedIn<Invocation>('scheduler_invocation');
