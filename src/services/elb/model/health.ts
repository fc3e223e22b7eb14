import type { Instance } from './things.ts';

/** How an instance is, in AWS's words. https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_InstanceState.html */
export function stateOf({ id, health, drainsUntil }: Instance) {
  const of = (State: string, ReasonCode: string, Description: string) => ({
    ...{ InstanceId: id, State, ReasonCode, Description },
  });
  if (drainsUntil !== undefined)
    return of('InService', 'N/A', 'Instance deregistration currently in progress.');
  if (health.state === 'healthy') return of('InService', 'N/A', 'N/A');
  if (health.state === 'unhealthy')
    return of(
      'OutOfService',
      'Instance',
      'Instance has failed at least the UnhealthyThreshold number of health checks consecutively.',
    );
  return of('OutOfService', 'ELB', 'Instance registration is still in progress.');
}
