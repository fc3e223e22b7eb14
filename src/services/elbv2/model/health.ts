import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target } from './things.ts';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-reason-codes */
export function healthOf(
  { drainsUntil, health }: Pick<Target, 'drainsUntil' | 'health'>,
  group: { used: boolean; checked: boolean },
): TargetHealth {
  if (drainsUntil !== undefined)
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  if (!group.used)
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  if (!group.checked)
    return {
      State: 'unavailable',
      Reason: 'Target.HealthCheckDisabled',
      Description: 'Health checks are not enabled for this target group',
    };
  const { state, failure, count } = health;
  if (state === 'healthy') return { State: 'healthy' };
  if (state === 'unhealthy') return { State: 'unhealthy', ...reasonOf(failure) };
  return count === 0
    ? {
        State: 'initial',
        Reason: 'Elb.RegistrationInProgress',
        Description: 'Target registration is in progress',
      }
    : {
        State: 'initial',
        Reason: 'Elb.InitialHealthChecking',
        Description: 'Initial health checks in progress',
      };
}

function reasonOf(failure: Target['health']['failure']): Partial<TargetHealth> {
  if (failure?.kind === 'status')
    return {
      Reason: 'Target.ResponseCodeMismatch',
      Description: `Health checks failed with these codes: [${failure.status}]`,
    };
  if (failure?.kind === 'timeout')
    return { Reason: 'Target.Timeout', Description: 'Request timed out' };
  return { Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' };
}

/** Of what a caller asks about and nobody has registered. */
export const NOT_REGISTERED: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};
