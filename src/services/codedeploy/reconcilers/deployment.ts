import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { isAwsError } from '../../../aws/errors.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import type { Platform } from '../../../kit/service.ts';
import { tellHosts } from '../commands/notices.ts';
import { advance } from '../model/advance.ts';
import type { Advance, Snapshot } from '../model/deployment-state.ts';
import { groupArn } from '../resources/deployment-group.ts';
import type { PlacedDeployment } from '../store/deployments.ts';
import type { Place } from '../store/tables.ts';
import { sweeps } from '../sweeps.ts';
import { apply } from './apply.ts';
import { load } from './load.ts';
import { DEPLOYMENT, SERVICE_PRINCIPAL } from './names.ts';

type Role = NonNullable<Snapshot['role']>;

/** Takes a deployment on: reads everything, decides, writes, tells the hosts that have a command to take. */
export const deploymentReconciler = defineReconciler<Platform>({
  name: DEPLOYMENT,
  async reconcile(ctx, deploymentId) {
    let step = await advanceOnce(ctx, deploymentId);
    if (step?.result.effects.some((effect) => effect.type === 'checkRole')) {
      step = await advanceOnce(ctx, deploymentId, await checkRole(ctx, step.deployment));
    }
    if (!step) return undefined;
    for (const effect of step.result.effects) {
      if (effect.type === 'tellHosts') tellHosts(step.deployment, effect.names);
    }
    return step.result.next === undefined ? undefined : new Date(step.result.next);
  },
  sweep: sweeps[DEPLOYMENT],
});

function advanceOnce(
  ctx: Platform,
  deploymentId: string,
  role?: Role,
): Promise<{ result: Advance; deployment: PlacedDeployment } | undefined> {
  const now = ctx.clock.now().getTime();
  return ctx.transaction(async (tx) => {
    const loaded = await load(tx, deploymentId);
    if (!loaded) return undefined;
    const result = advance({ ...loaded.snapshot, role }, now);
    await apply(tx, ctx, loaded, result.writes, now);
    return { result, deployment: loaded.deployment };
  });
}

/** Does the group's service role exist, and does it trust CodeDeploy (CD-DGF-05)? */
async function checkRole(ctx: Platform, deployment: PlacedDeployment): Promise<Role> {
  const { serviceRoleArn: roleArn, accountId, region, applicationName, groupName } = deployment;
  const sourceArn = groupArn({ partition: 'aws', accountId, region }, applicationName, groupName);
  const role = { service: SERVICE_PRINCIPAL, roleArn, sourceArn, region };
  if (await mayAssume(ctx, role)) return 'ok';
  return (await roleExists(ctx, deployment, roleArn)) ? 'denied' : 'missing';
}

/** STS answers alike for a role that does not exist and one that does not trust; CodeDeploy tells them apart. */
async function roleExists(
  ctx: Platform,
  { accountId, region }: Place,
  roleArn: string,
): Promise<boolean> {
  const arn = `arn:aws:iam::${accountId}:root`;
  const principal = { type: 'root', accountId, arn, userId: accountId } as const;
  const RoleName = roleArn.split('/').at(-1);
  try {
    const { Role } = await ctx
      .client(IAMClient, { principal, region })
      .send(new GetRoleCommand({ RoleName }));
    return Role?.Arn === roleArn;
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntity', 'NoSuchEntityException')) return false;
    throw error;
  }
}
