import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { isAwsError } from '../../../aws/errors.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Terminated } from '../model/blue-green.ts';
import type { Fleet } from '../model/fleet.ts';
import { scalingFor } from '../scaling/client.ts';
import { removeGroup } from '../scaling/copy.ts';
import { loadDeployment, type PlacedDeployment } from '../store/deployments.ts';
import { loadTargets } from '../store/targets.ts';
import { asRoleOf } from './as-role.ts';
import { settle } from './deployment.ts';
import { TERMINATION } from './names.ts';

/** Terminates the original instances of a blue/green deployment that has succeeded but for that (CD-LCS-04). */
export const terminationReconciler = defineReconciler<Platform>({
  name: TERMINATION,
  async reconcile(ctx, deploymentId) {
    const deployment = await loadDeployment(ctx.db, deploymentId);
    if (deployment?.reroute?.termination !== 'asked') return undefined;
    const targets = await loadTargets(ctx.db, deploymentId);
    const blue = targets.filter(({ label }) => label === 'Blue').map(({ name }) => name);
    const answer = deployment.fleet
      ? await removeOriginal(ctx, deployment, deployment.fleet)
      : await terminate(ctx, deployment, blue);
    await ctx.transaction((tx) =>
      settle(ctx, tx, deploymentId, (draft) => draft.answerTermination(answer)),
    );
    return undefined;
  },
});

/** A group that was copied goes with its instances, or it would replace them. */
async function removeOriginal(
  ctx: Platform,
  deployment: PlacedDeployment,
  { original }: Fleet,
): Promise<Terminated> {
  try {
    await removeGroup(await scalingFor(ctx, asRoleOf(deployment)), original);
    return 'done';
  } catch (error) {
    const { message, again } = failureOf(error);
    if (again) throw error;
    return { refused: message };
  }
}

async function terminate(
  ctx: Platform,
  deployment: PlacedDeployment,
  instances: readonly string[],
): Promise<Terminated> {
  const ec2 = ctx.client(EC2Client, asRoleOf(deployment));
  let some = false;
  // One by one: an instance that is gone already is no reason to leave the others.
  for (const id of instances)
    try {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      some = true;
    } catch (error) {
      if (isAwsError(error, 'InvalidInstanceID.NotFound')) {
        some = true;
        continue;
      }
      const { message, again } = failureOf(error);
      if (again) throw error;
      return { refused: message, some };
    }
  return 'done';
}
