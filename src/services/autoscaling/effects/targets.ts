import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import type { Group } from '../model/group.ts';
import { elbOf } from './clients.ts';

type Ctx = Pick<Platform, 'client'>;

export async function register(ctx: Ctx, group: Group, arn: string, Id: string): Promise<void> {
  const command = new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id }] });
  await elbOf(ctx, group).send(command);
}

/** @returns whether it is out of it: no connection is left, or nobody waits for them */
export async function deregister(
  ctx: Ctx,
  group: Group,
  arn: string,
  Id: string,
): Promise<boolean> {
  const elb = elbOf(ctx, group);
  const its = { TargetGroupArn: arn, Targets: [{ Id }] };
  const state = async () => {
    const command = new DescribeTargetHealthCommand(its);
    const { TargetHealthDescriptions: [found] = [] } = await elb.send(command);
    const { State, Reason } = found?.TargetHealth ?? {};
    return State === 'unused' && Reason === 'Target.NotRegistered' ? 'gone' : State;
  };
  try {
    const before = await state();
    if (before === 'gone') return true;
    if (before === 'draining') return group.body.deleting ?? false;
    await elb.send(new DeregisterTargetsCommand(its));
    return group.body.deleting || (await state()) === 'gone';
  } catch (error) {
    // The target group is gone, or has lost it by itself.
    if (isRefusal(error)) return true;
    throw error;
  }
}

export async function healthIn(
  ctx: Ctx,
  group: Group,
  arn: string,
): Promise<TargetHealthDescription[]> {
  try {
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: arn });
    const { TargetHealthDescriptions = [] } = await elbOf(ctx, group).send(command);
    return TargetHealthDescriptions;
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}
