import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { isTerminal } from '../model/deployment-state.ts';
import type { Call } from '../model/strategies/shift-state.ts';
import { findGroupById } from '../store/applications.ts';
import { activeDeployments, loadDeployment, type PlacedDeployment } from '../store/deployments.ts';
import { sweeps } from '../sweeps.ts';
import { asRoleOf } from './as-role.ts';
import { settle } from './deployment.ts';
import { SHIFT } from './names.ts';
import { type Answer, type Outside, Refused } from './shift/driver.ts';
import { ecsDriver } from './shift/ecs.ts';
import { invokeHook, lambdaDriver } from './shift/lambda.ts';

/** Does what the group's deployment to Lambda or ECS has asked for, of which one is under way at a time, and brings in what came of it. */
export const shiftReconciler = defineReconciler<Platform>({
  name: SHIFT,
  async reconcile(ctx, groupId) {
    const active = await activeDeployments(ctx.db, groupId);
    const { deploymentId = '' } = active.find(({ shift }) => shift?.work) ?? {};
    const deployment = await loadDeployment(ctx.db, deploymentId);
    const { work } = deployment?.shift ?? {};
    if (!deployment || !work || isTerminal(deployment.status)) return undefined;
    const answer = await perform(ctx, deployment, work.call);
    await ctx.transaction((tx) =>
      settle(ctx, tx, deploymentId, (draft) => {
        if ('done' in answer) draft.answerOutside(work.id, answer.done);
        else if ('trouble' in answer) draft.failOutside(answer.trouble, work.id);
        else draft.noteOutside(work.id, answer.seen);
      }),
    );
    return 'again' in answer ? new Date(answer.again) : undefined;
  },
  sweep: sweeps[SHIFT],
});

async function perform(ctx: Platform, deployment: PlacedDeployment, call: Call): Promise<Answer> {
  const outside = await outsideOf(ctx, deployment);
  const driver = outside.shift.platform === 'Lambda' ? lambdaDriver : ecsDriver;
  try {
    return await (call.type === 'invoke'
      ? invokeHook(outside, call)
      : driver.perform(outside, call));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { trouble: { code: error.code, message: error.message } };
  }
}

async function outsideOf(platform: Platform, deployment: PlacedDeployment): Promise<Outside> {
  const { shift } = deployment;
  if (!shift) throw new Error(`Deployment ${deployment.deploymentId} shifts no traffic.`);
  const as = asRoleOf(deployment);
  const group = await findGroupById(platform.db, deployment.groupId);
  return { platform, deployment, group, shift, client: (Client) => platform.client(Client, as) };
}
