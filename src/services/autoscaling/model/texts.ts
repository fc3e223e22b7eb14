/** `2026-01-01T00:00:00Z` */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

// The words of activities are AWS's: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-verify-scaling-activity.html

export const created = (at: number, desired: number) =>
  `At ${stamp(at)} a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desired}.`;
interface Sizes {
  min: number;
  max: number;
  desired: number;
}
export const updated = (at: number, by: string, { min, max, desired }: Sizes, before: number) =>
  `At ${stamp(at)} a ${by} update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired} changing the desired capacity from ${before} to ${desired}.`;
export const explicitly = (at: number, before: number, desired: number) =>
  `At ${stamp(at)} a user request explicitly set group desired capacity changing the desired capacity from ${before} to ${desired}.`;
export const byPolicy = (at: number, policy: string, before: number, desired: number) =>
  `At ${stamp(at)} a user request executed policy ${policy} changing the desired capacity from ${before} to ${desired}.`;

export const started = (at: number, before: number) =>
  `At ${stamp(at)} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${before} to ${before + 1}.`;
export const replacement = (at: number) =>
  `At ${stamp(at)} an instance was launched in response to an unhealthy instance needing to be replaced.`;
export const refreshed = (at: number) =>
  `At ${stamp(at)} an instance was launched in response to an instance refresh.`;
export const rebalanced = (at: number, from: number) =>
  `At ${stamp(at)} an instance was launched to aid in balancing the group's zones, increasing the capacity from ${from} to ${from + 1}.`;

export const shrunk = (at: number, id: string, before: number) =>
  `At ${stamp(at)} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${before} to ${before - 1}.  At ${stamp(at)} instance ${id} was selected for termination.`;
export const outOfService = (at: number, why: string) =>
  `At ${stamp(at)} an instance was taken out of service in response to ${why}.`;
export const abandoned = (at: number) =>
  `At ${stamp(at)} an instance whose launch was abandoned by a lifecycle hook was taken out of service.`;
export const byUser = (at: number, id: string, what: string, capacity: string) =>
  `At ${stamp(at)} instance ${id} was ${what} in response to a user request${capacity}.`;
export const shrinking = (before: number, after: number) =>
  `, shrinking the capacity from ${before} to ${after}`;
export const growing = (before: number, after: number) =>
  `, increasing the capacity from ${before} to ${after}`;

export const EC2_CHECK = 'an EC2 health check indicating it has been terminated or stopped';
export const ELB_CHECK = 'an ELB system health check failure';
export const USER_CHECK = 'a user health-check';
export const LIFETIME = 'the maximum instance lifetime of the group';
export const REFRESH = 'an instance refresh';
