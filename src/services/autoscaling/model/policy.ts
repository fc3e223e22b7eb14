import type { Policy, Step } from './group.ts';

/** What an alarm measured, and what it compares that with. */
export interface Breach {
  value: number;
  threshold: number;
}

/** The desired capacity that a policy comes to, before the group's limits; undefined where it says nothing. */
export function capacityBy(
  policy: Policy,
  current: number,
  { min, max }: { min: number; max: number },
  breach?: Breach,
): number | undefined {
  const adjustment =
    policy.type === 'StepScaling' ? breach && stepFor(policy, breach) : policy.adjustment;
  if (adjustment === undefined) return undefined;
  const wanted = adjusted(policy, current, adjustment);
  return Math.min(Math.max(wanted, min), max);
}

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-adjustment */
function adjusted(
  { adjustmentType, minMagnitude = 0 }: Policy,
  current: number,
  by: number,
): number {
  if (adjustmentType === 'ExactCapacity') return by;
  if (adjustmentType !== 'PercentChangeInCapacity') return current + by;
  const exact = (current * by) / 100;
  // Above 1 towards 0, between 0 and 1 to 1, below likewise.
  const rounded = exact > 0 && exact < 1 ? 1 : exact < 0 && exact > -1 ? -1 : Math.trunc(exact);
  const magnitude = Math.max(Math.abs(rounded), by === 0 ? 0 : minMagnitude);
  return current + Math.sign(by) * magnitude;
}

function stepFor({ steps = [] }: Policy, { value, threshold }: Breach): number | undefined {
  const difference = value - threshold;
  const found = steps.find(
    ({ lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }) =>
      // On the side of 0 on which a step is its bound nearer to 0 belongs to it.
      upper <= 0 && upper !== lower
        ? difference > lower && difference <= upper
        : difference >= lower && difference < upper,
  );
  return found?.adjustment;
}

/** What is wrong with steps, in AWS's words. https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html */
export function stepsProblem(steps: readonly Step[]): string | undefined {
  const bounds = steps
    .map(({ lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }) => ({
      lower,
      upper,
    }))
    .sort((a, b) => a.lower - b.lower);
  if (bounds.some(({ lower, upper }) => lower >= upper))
    return 'The lower bound of a step adjustment must be less than its upper bound.';
  for (const [index, { lower }] of bounds.entries()) {
    const before = bounds[index - 1];
    if (before && before.upper > lower) return 'Step adjustment intervals can not overlap';
    if (before && before.upper < lower) return 'There is a gap between step adjustments';
  }
  return undefined;
}
