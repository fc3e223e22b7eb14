import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { isAwsError } from '../../../aws/errors.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import type { Platform } from '../../../kit/service.ts';
import type { RoleAnswer } from '../model/deployment-state.ts';
import { groupArn } from '../resources/deployment-group.ts';
import { loadDeployment, type PlacedDeployment } from '../store/deployments.ts';
import { settle } from './deployment.ts';
import { ROLE, SERVICE_PRINCIPAL } from './names.ts';

/** Answers a deployment that has asked for its role: does it exist, and does it trust CodeDeploy (CD-DGF-05)? */
export const roleReconciler = defineReconciler<Platform>({
  name: ROLE,
  async reconcile(ctx, deploymentId) {
    const deployment = await loadDeployment(ctx.db, deploymentId);
    if (deployment?.role !== 'asked') return undefined;
    const answer = await checkRole(ctx, deployment);
    await ctx.transaction((tx) =>
      settle(ctx, tx, deploymentId, (draft) => draft.answerRole(answer)),
    );
    return undefined;
  },
});

async function checkRole(ctx: Platform, deployment: PlacedDeployment): Promise<RoleAnswer> {
  const { serviceRoleArn: roleArn, accountId, region, applicationName, groupName } = deployment;
  const sourceArn = groupArn({ partition: 'aws', accountId, region }, applicationName, groupName);
  const role = { service: SERVICE_PRINCIPAL, roleArn, sourceArn, region };
  if (await mayAssume(ctx, role)) return 'ok';
  return (await roleExists(ctx, { roleArn, sourceArn, region })) ? 'denied' : 'missing';
}

/** STS answers alike for a role that does not exist and one that does not trust; CodeDeploy tells them apart. */
async function roleExists(
  ctx: Platform,
  { roleArn, ...place }: { roleArn: string; sourceArn: string; region: string },
): Promise<boolean> {
  const itself = { service: SERVICE_PRINCIPAL, ...place, may: ['iam:GetRole'] };
  const RoleName = roleArn.split('/').at(-1);
  try {
    const { Role } = await ctx.client(IAMClient, itself).send(new GetRoleCommand({ RoleName }));
    return Role?.Arn === roleArn;
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntity', 'NoSuchEntityException')) return false;
    throw error;
  }
}
