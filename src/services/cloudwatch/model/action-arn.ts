import { parseArn } from '../../../aws/arn.ts';
import { isFunction } from '../../../kit/delivery/function.ts';
import type { Alarm } from './alarm.ts';
import { QueryError } from './queries.ts';

/** Checks what an alarm is to do. @throws QueryError in AWS's words, or for what is not served here */
export function checkAction(action: string, kind: Alarm['kind']): void {
  const arn = parseArn(action);
  if (!arn) throw new QueryError(`Invalid arn syntax: ${action}`);
  const { service, resource } = arn;
  if (service === 'sns' && /^[A-Za-z0-9_.-]{1,256}$/.test(resource)) return;
  if (isFunction(arn)) return;
  if (service === 'automate' || service === 'swf')
    throw new QueryError('EC2 actions of alarms', true);
  if (scalingPolicyIn(action)) {
    if (kind === 'MetricAlarm') return;
    throw new QueryError(
      `Composite alarms do not take Auto Scaling policies as actions: ${action}`,
    );
  }
  if (service === 'ssm' || service === 'ssm-incidents')
    throw new QueryError('actions of alarms in Systems Manager', true);
  if (service === 'aiops') throw new QueryError('investigations as actions of alarms', true);
  throw new QueryError(`Invalid arn syntax: ${action}`);
}

export function isFunctionArn(text: string): boolean {
  const arn = parseArn(text);
  return arn !== undefined && isFunction(arn);
}

const SCALING_POLICY =
  /^scalingPolicy:[0-9a-f-]{36}:autoScalingGroupName\/([^/:]{1,255}):policyName\/([^:]{1,255})$/;

/** The group and the name of the scaling policy that an ARN names; undefined for others' ARNs. */
export function scalingPolicyIn(text: string): { group: string; policy: string } | undefined {
  const arn = parseArn(text);
  if (arn?.service !== 'autoscaling') return undefined;
  const [, group, policy] = SCALING_POLICY.exec(arn.resource) ?? [];
  return group === undefined || policy === undefined ? undefined : { group, policy };
}
