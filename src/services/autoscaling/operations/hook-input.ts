import type { LifecycleHookSpecification } from '@aws-sdk/client-auto-scaling';
import { parseArn } from '../../../aws/arn.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { SERVICE_PRINCIPAL } from '../effects/clients.ts';
import { invalid } from '../errors.ts';
import { HEARTBEAT } from '../limits.ts';
import { type Hook, LAUNCHING, TERMINATING } from '../model/group.ts';

type Given = Partial<LifecycleHookSpecification>;

const NAME = /^[A-Za-z0-9\-_/]{1,255}$/;

/** A hook as a call says it, over what there was. Its role is one that the caller may pass. */
export async function readHook(
  ctx: ServiceContext,
  sourceArn: string,
  given: Given,
  before?: Hook,
): Promise<Hook> {
  const { LifecycleHookName: name = '', NotificationTargetARN, RoleARN } = given;
  if (!NAME.test(name)) throw invalid(`Invalid lifecycle hook name: ${name}`);
  const transition = given.LifecycleTransition ?? before?.transition;
  if (transition !== LAUNCHING && transition !== TERMINATING)
    throw invalid(
      transition === undefined
        ? 'Valid requests must contain either LifecycleTransition or an existing lifecycle hook.'
        : `Invalid lifecycle transition: ${transition}`,
    );
  const otherwise = given.DefaultResult ?? before?.otherwise ?? 'ABANDON';
  if (otherwise !== 'CONTINUE' && otherwise !== 'ABANDON')
    throw invalid(`Invalid default result: ${otherwise}`);
  const heartbeat = given.HeartbeatTimeout;
  if (heartbeat !== undefined && (heartbeat < HEARTBEAT.least || heartbeat > HEARTBEAT.most))
    throw invalid(
      `Lifecycle hook timeout must be between ${HEARTBEAT.least} and ${HEARTBEAT.most} seconds.`,
    );
  // An empty one takes it away.
  const target = NotificationTargetARN ?? before?.target ?? '';
  const roleArn = RoleARN ?? before?.roleArn;
  const service = parseArn(target)?.service;
  if (target !== '' && service !== 'sns' && service !== 'sqs')
    throw invalid(`Invalid notification target ARN: ${target}`);
  if (target !== '' && roleArn === undefined)
    throw invalid('A RoleARN must be specified with a NotificationTargetARN.');
  if (RoleARN !== undefined)
    await passRole(ctx, { roleArn: RoleARN, service: SERVICE_PRINCIPAL, sourceArn });
  const metadata = given.NotificationMetadata ?? before?.metadata;
  return {
    ...{ name, transition, otherwise },
    heartbeatMs:
      heartbeat === undefined
        ? (before?.heartbeatMs ?? HEARTBEAT.otherwise * 1000)
        : heartbeat * 1000,
    ...(target !== '' && { target, ...(roleArn !== undefined && { roleArn }) }),
    ...(metadata !== undefined && { metadata }),
  };
}
