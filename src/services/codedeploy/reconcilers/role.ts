import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { isAwsError } from '../../../aws/errors.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import type { Platform } from '../../../kit/service.ts';
import { balancerTrouble } from '../balancers/of-deployment.ts';
import type { RoleAnswer } from '../model/deployment-state.ts';
import { findGroupById, type Group } from '../store/applications.ts';
import {
  type DeploymentBody,
  hasTrafficControl,
  isBlueGreen,
  loadDeployment,
  type PlacedDeployment,
  updateDeployment,
} from '../store/deployments.ts';
import { asRoleOf } from './as-role.ts';
import { settle } from './deployment.ts';
import { chosenInstances } from './ec2.ts';
import { ROLE } from './names.ts';

/**
 * Answers a deployment that has asked for its role: does it exist, and does it trust CodeDeploy (CD-DGF-05)? Under it the group's
 * EC2 instances are looked for.
 */
export const roleReconciler = defineReconciler<Platform>({
  name: ROLE,
  async reconcile(ctx, deploymentId) {
    const deployment = await loadDeployment(ctx.db, deploymentId);
    if (deployment?.role !== 'asked') return undefined;
    const answer = await checkRole(ctx, deployment);
    const group = await findGroupById(ctx.db, deployment.groupId);
    const found = answer === 'ok' && group ? await lookAround(ctx, deployment, group) : {};
    await ctx.transaction(async (tx) => {
      const now = await loadDeployment(tx, deploymentId);
      if (now?.role !== 'asked') return;
      // Before it is looked at again: the hosts that it may start with are these.
      await updateDeployment(tx, { ...now, ...found });
      await settle(ctx, tx, deploymentId, (draft) => draft.answerRole(answer));
    });
    return undefined;
  },
});

/** The instances that the group chooses, and whether its load balancers can be used. */
async function lookAround(
  ctx: Platform,
  deployment: PlacedDeployment,
  group: Group,
): Promise<Partial<DeploymentBody>> {
  const found = await chosenInstances(ctx, deployment, group);
  if (!hasTrafficControl(deployment) && !isBlueGreen(deployment)) return found;
  const trafficTrouble = await balancerTrouble(ctx, deployment);
  return { ...found, ...(trafficTrouble && { trafficTrouble }) };
}

async function checkRole(ctx: Platform, deployment: PlacedDeployment): Promise<RoleAnswer> {
  const role = asRoleOf(deployment);
  if (await mayAssume(ctx, role)) return 'ok';
  return (await roleExists(ctx, role)) ? 'denied' : 'missing';
}

/** STS answers alike for a role that does not exist and one that does not trust; CodeDeploy tells them apart. */
async function roleExists(
  ctx: Platform,
  { service, roleArn, sourceArn, region }: ReturnType<typeof asRoleOf>,
): Promise<boolean> {
  const itself = { service, sourceArn, region, may: ['iam:GetRole'] };
  const RoleName = roleArn.split('/').at(-1);
  try {
    const { Role } = await ctx.client(IAMClient, itself).send(new GetRoleCommand({ RoleName }));
    return Role?.Arn === roleArn;
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntity', 'NoSuchEntityException')) return false;
    throw error;
  }
}
