import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { failureOf } from '../../../kit/delivery/failure.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { notServed } from '../../../kit/upstream.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { invalidScalingGroup } from '../errors.ts';
import * as messages from '../model/messages.ts';
import { asGroup } from '../reconcilers/as-role.ts';
import { groupsNamed, scalingFor } from '../scaling/client.ts';
import { type Owner, type Settled, settleHooks } from '../scaling/hooks.ts';
import type { GroupBody } from '../store/applications.ts';
import { deleteHook } from '../store/hooks.ts';

/**
 * The Auto Scaling groups that a deployment group is given are there, as its service role sees them.
 * @throws InvalidAutoScalingGroupException, InvalidRoleException
 */
export async function requireScalingGroups(
  ctx: ServiceContext,
  owner: Owner,
  { autoScalingGroups = [], serviceRoleArn: roleArn = '' }: Partial<GroupBody['info']>,
): Promise<void> {
  if (autoScalingGroups.length === 0) return;
  if (!ctx.reaches('autoscaling')) throw notServed('autoscaling');
  const names = autoScalingGroups.map(({ name = '' }) => name);
  const as = asGroup({ ...owner, roleArn, sourceArn: owner.arn }, 'CodeDeploy');
  const found = await asked(roleArn, async () => groupsNamed(await scalingFor(ctx, as), names));
  const missing = names.filter((name) => !found.has(name) || found.get(name)?.Status !== undefined);
  if (missing.length > 0) throw invalidScalingGroup(missing.join(', '));
}

async function asked<T>(roleArn: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isRefusal(error) ? refusedBy(roleArn, error) : error;
  }
}

/** What a role may not, or Auto Scaling does not take. */
function refusedBy(roleArn: string, error: Error): Error {
  const { code, message } = failureOf(error);
  if (code === 'NO_PERMISSIONS')
    return exception(sdk.InvalidRoleException, messages.noScalingPermission(roleArn, message));
  if (error.name.startsWith('LimitExceeded'))
    return exception(
      sdk.LifecycleHookLimitExceededException,
      `The limit for lifecycle hooks was exceeded: ${message}`,
    );
  return invalidScalingGroup(message);
}

/**
 * Puts the hooks that were planned. Where one cannot be, `undo` brings the group back to what it was, and its hooks go.
 * @throws InvalidRoleException, LifecycleHookLimitExceededException, InvalidAutoScalingGroupException
 */
export async function putHooks(
  ctx: ServiceContext,
  owner: Owner,
  undo: (tx: Tx) => Promise<void>,
): Promise<Settled> {
  const settled = await settleHooks(ctx, owner.groupId);
  const [refused] = settled.refused;
  if (!refused) return settled;
  await ctx.transaction(undo);
  const { left } = await settleHooks(ctx, owner.groupId);
  // What was never put need not be taken away.
  const never = new Set(settled.refused.map(({ hook }) => hook.name));
  await ctx.transaction(async (tx) => {
    for (const hook of left) if (never.has(hook.name)) await deleteHook(tx, hook);
  });
  throw refusedBy(refused.hook.roleArn, refused.error);
}
