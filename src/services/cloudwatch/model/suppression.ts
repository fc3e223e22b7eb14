import type { StateValue } from '@aws-sdk/client-cloudwatch';
import type { CompositeAlarm, Suppression } from './alarm.ts';
import { javaTime } from './java.ts';

/** The alarm that suppresses another one's actions. */
export interface Suppressor {
  arn: string;
  value: StateValue;
  transitionedAt: Date;
}

/** What becomes of a composite alarm's actions. */
export interface Suppressed {
  alarm: CompositeAlarm;
  /** The actions of the alarm's state are to be done now. */
  acts: boolean;
  /** When to look again. */
  again?: Date;
}

/**
 * Decides whether a composite alarm with a suppressor does its actions, waits, or is kept from it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
 * @param before the state before, where it has just changed
 */
export function suppress(
  alarm: CompositeAlarm,
  suppressor: Suppressor | undefined,
  now: Date,
  before?: { value: StateValue; reason: string },
): Suppressed {
  if (alarm.suppressor === undefined) return { alarm, acts: before !== undefined };
  const pending = pendingOf(alarm, now, before);
  const by = suppressionOf(alarm, suppressor, now, pending);
  const { pending: _pending, suppression: old, ...rest } = alarm;
  if (by) {
    // Since when it is so stays.
    const since = old?.by === by.by ? old.since : by.since;
    const suppression = { by: by.by, reason: by.reason, since };
    return {
      alarm: { ...rest, suppression, ...(pending && { pending }) },
      acts: false,
      ...(by.until && { again: by.until }),
    };
  }
  return { alarm: rest, acts: pending !== undefined };
}

type Pending = NonNullable<CompositeAlarm['pending']>;

/** What is still to be done. Who is back where he was has nothing to do. */
function pendingOf(
  alarm: CompositeAlarm,
  now: Date,
  before: { value: StateValue; reason: string } | undefined,
): Pending | undefined {
  const { pending, state, suppressorWaitPeriod: wait = 0 } = alarm;
  if (!before) return pending;
  if (pending?.from === state.value) return undefined;
  const from = pending?.from ?? before.value;
  const fromReason = pending?.fromReason ?? before.reason;
  const until = state.value === 'ALARM' ? new Date(now.getTime() + wait * 1000) : now;
  return { from, fromReason, until };
}

type By = Suppression & { until?: Date };

function suppressionOf(
  alarm: CompositeAlarm,
  suppressor: Suppressor | undefined,
  now: Date,
  pending: Pending | undefined,
): By | undefined {
  if (suppressor?.value === 'ALARM')
    return { by: 'Alarm', reason: `Actions suppressed by ${suppressor.arn}`, since: now };
  const { suppression, suppressorExtensionPeriod: extension = 0 } = alarm;
  if (suppressor && (suppression?.by === 'Alarm' || suppression?.by === 'ExtensionPeriod')) {
    const until = new Date(suppressor.transitionedAt.getTime() + extension * 1000);
    const reason = `Actions suppressed by ${suppressor.arn} until ${javaTime(until.getTime())}`;
    if (until > now) return { by: 'ExtensionPeriod', reason, since: now, until };
    return undefined;
  }
  if (!pending || pending.until <= now) return undefined;
  const reason = `Actions wait for ${alarm.suppressor} until ${javaTime(pending.until.getTime())}`;
  return { by: 'WaitPeriod', reason, since: now, until: pending.until };
}
