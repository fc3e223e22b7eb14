import { parseArn } from '../../../aws/arn.ts';
import { isFunction } from '../../../kit/delivery/function.ts';
import { QueryError } from './queries.ts';

/** Checks what an alarm is to do. @throws QueryError in AWS's words, or for what is not served here */
export function checkAction(action: string): void {
  const arn = parseArn(action);
  if (!arn) throw new QueryError(`Invalid arn syntax: ${action}`);
  const { service, resource } = arn;
  if (service === 'sns' && /^[A-Za-z0-9_.-]{1,256}$/.test(resource)) return;
  if (isFunction(arn)) return;
  if (service === 'automate' || service === 'swf')
    throw new QueryError('EC2 actions of alarms', true);
  if (service === 'autoscaling')
    throw new QueryError('Auto Scaling policies as actions of alarms', true);
  if (service === 'ssm' || service === 'ssm-incidents')
    throw new QueryError('actions of alarms in Systems Manager', true);
  if (service === 'aiops') throw new QueryError('investigations as actions of alarms', true);
  throw new QueryError(`Invalid arn syntax: ${action}`);
}

export function isFunctionArn(text: string): boolean {
  const arn = parseArn(text);
  return arn !== undefined && isFunction(arn);
}
