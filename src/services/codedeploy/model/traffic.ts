import type { TrafficRoutingConfig } from '@aws-sdk/client-codedeploy';

const MINUTE_MS = 60_000;

/** Traffic for the new version: so many of a hundred requests, and how long they stay so before the next shift. */
export interface Shift {
  percent: number;
  holdMs: number;
}

/**
 * The shifts that a configuration makes, the last of which is all of it (CD-CFG-06). A linear one whose percentage does not
 * divide a hundred makes a smaller last one.
 */
export function shiftsOf({
  type,
  timeBasedCanary: canary,
  timeBasedLinear: linear,
}: TrafficRoutingConfig): Shift[] {
  const all = { percent: 100, holdMs: 0 };
  if (type === 'TimeBasedCanary') {
    const { canaryPercentage = 0, canaryInterval = 0 } = canary ?? {};
    return [{ percent: canaryPercentage, holdMs: canaryInterval * MINUTE_MS }, all];
  }
  if (type !== 'TimeBasedLinear') return [all];
  const { linearPercentage = 100, linearInterval = 0 } = linear ?? {};
  const shifts: Shift[] = [];
  for (let percent = linearPercentage; percent < 100; percent += Math.max(1, linearPercentage))
    shifts.push({ percent, holdMs: linearInterval * MINUTE_MS });
  return [...shifts, all];
}
