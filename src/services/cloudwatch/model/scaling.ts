import { ownValue } from '../../../lib/own.ts';
import type { MetricAlarm } from './alarm.ts';

/** What a scaling policy is told of an alarm: by how much its threshold is crossed. */
export interface Measured {
  value?: number;
  threshold: number;
}

/**
 * What the state of an alarm says of that: the newest of the data that brought it there, or whatever SetAlarmState
 * was given for them.
 */
export function measuredBy({
  state,
  threshold,
}: Pick<MetricAlarm, 'state' | 'threshold'>): Measured {
  const said = parsed(state.reasonData);
  const points = ownValue(said, 'recentDatapoints');
  const value = Array.isArray(points)
    ? points.findLast((one) => typeof one === 'number')
    : undefined;
  const its = ownValue(said, 'threshold');
  return {
    ...(value !== undefined && { value }),
    threshold: typeof its === 'number' ? its : threshold,
  };
}

function parsed(json = 'null'): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(json);
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
