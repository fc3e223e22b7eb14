import { defineReconciler } from '../../../engine/engine.ts';
import type { AwsEvent, Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { startDeployment, toSome } from '../commands/start-deployment.ts';
import { isTerminal } from '../model/deployment-state.ts';
import { asGroup } from '../reconcilers/as-role.ts';
import { HOLD } from '../reconcilers/names.ts';
import { findApplicationById, findGroupById } from '../store/applications.ts';
import { type Deployment, loadDeployment } from '../store/deployments.ts';
import { deleteHold, findHold, findHook, type Hold, insertHold } from '../store/hooks.ts';
import { sweeps } from '../sweeps.ts';
import { isGone, scalingFor } from './client.ts';
import { HEARTBEAT_SECONDS, HELD_AGAIN_MS, isOurs, SIGN_OF_LIFE_MS } from './names.ts';

const read = ({ detail }: AwsEvent, member: string) => String(detail[member] ?? '');

/** A hook of a deployment group holds an instance: what comes gets the last good revision, what goes is stopped (CD-ASG-01, 02). */
export const instanceHeld: Subscription<Platform> = {
  name: 'codedeploy/instance-held',
  pattern: {
    source: ['aws.autoscaling'],
    'detail-type': [
      'EC2 Instance-launch Lifecycle Action',
      'EC2 Instance-terminate Lifecycle Action',
    ],
  },
  wants: async (_tx, event) => isOurs(read(event, 'LifecycleHookName')),
  async deliver(ctx, event) {
    const place = { accountId: event.account, region: event.region };
    const token = read(event, 'LifecycleActionToken');
    await ctx.transaction(async (tx) => {
      const hook = await findHook(tx, place, read(event, 'LifecycleHookName'));
      if (!hook || (await findHold(tx, token))) return;
      const { kind, roleArn, sourceArn, scalingGroup } = hook;
      const instance = read(event, 'EC2InstanceId');
      const group = hook.state === 'unwanted' ? undefined : await findGroupById(tx, hook.groupId);
      const application = group && (await findApplicationById(tx, group.applicationId));
      const revision = group?.info.targetRevision;
      const deployment =
        group && application && revision
          ? await startDeployment(
              tx,
              ctx,
              place,
              { application, group },
              {
                ...toSome(group, [instance]),
                ...{ revision, held: kind },
                creator: kind === 'launch' ? 'autoscaling' : 'autoscalingTermination',
                deploymentConfigName: group.info.deploymentConfigName ?? '',
                ...{ ignoreApplicationStopFailures: false, updateOutdatedInstancesOnly: false },
                fileExistsBehavior: 'DISALLOW',
              },
            )
          : undefined;
      await insertHold(tx, {
        ...{ ...place, token, hook: hook.name, scalingGroup, instance, kind, roleArn, sourceArn },
        since: ctx.clock.now().getTime(),
        ...(deployment && { deploymentId: deployment.deploymentId }),
      });
      await ctx.engine.wake(tx, HOLD, token);
    });
  },
};

/** Gives signs of life while a deployment goes on, and then says what becomes of the instance. */
export const holdReconciler = defineReconciler<Platform>({
  name: HOLD,
  async reconcile(ctx, token) {
    const hold = await findHold(ctx.db, token);
    if (!hold) return undefined;
    const deployment = await loadDeployment(ctx.db, hold.deploymentId ?? '');
    const result = resultOf(hold, deployment);
    const told = await tell(ctx, hold, result);
    const after = (ms: number) => new Date(ctx.clock.now().getTime() + ms);
    // A role that may not now may later, and somebody waits for the instance; until the hook has let it go by itself.
    const lapses = lapsesAt(hold, deployment);
    const hasLapsed = result !== undefined && ctx.clock.now().getTime() > lapses;
    if (told === 'refused' && !hasLapsed) return after(HELD_AGAIN_MS);
    if (told === 'taken' && result === undefined) return after(SIGN_OF_LIFE_MS);
    await ctx.transaction((tx) => deleteHold(tx, token));
    return undefined;
  },
  sweep: sweeps[HOLD],
});

type Result = 'CONTINUE' | 'ABANDON';

/** Undefined: not yet known. Who has no deployment is let go, and what is to be terminated goes whatever its deployment came to. */
function resultOf(
  { deploymentId, kind }: Hold,
  deployment: Deployment | undefined,
): Result | undefined {
  if (deploymentId === undefined) return 'CONTINUE';
  if (deployment && !isTerminal(deployment.status)) return undefined;
  return kind === 'termination' || deployment?.status === 'Succeeded' ? 'CONTINUE' : 'ABANDON';
}

/** When a hook lets its instance go by itself: nothing has been said of it since then for as long as it holds one. */
const lapsesAt = ({ since }: Hold, deployment: Deployment | undefined) =>
  Math.max(since, deployment?.completedAt ?? 0) + HEARTBEAT_SECONDS * 1000;

/** @returns `gone`: the action is over, or its group is; `refused`: the role may not, say */
async function tell(
  ctx: Platform,
  hold: Hold,
  result: Result | undefined,
): Promise<'taken' | 'refused' | 'gone'> {
  // The deployment group may have another role, or another name, since the instance came.
  const { roleArn, sourceArn } = (await findHook(ctx.db, hold, hold.hook)) ?? hold;
  const as = asGroup({ ...hold, roleArn, sourceArn }, hold.deploymentId ?? 'CodeDeploy');
  const { client, sdk } = await scalingFor(ctx, as);
  const action = {
    ...{ AutoScalingGroupName: hold.scalingGroup, LifecycleHookName: hold.hook },
    ...{ LifecycleActionToken: hold.token, InstanceId: hold.instance },
  };
  try {
    if (result === undefined)
      await client.send(new sdk.RecordLifecycleActionHeartbeatCommand(action));
    else
      await client.send(
        new sdk.CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: result }),
      );
    return 'taken';
  } catch (error) {
    if (isGone(error)) return 'gone';
    if (!isRefusal(error)) throw error;
    ctx.log.warn(
      { group: sourceArn, instance: hold.instance, err: error },
      'Auto Scaling does not take what is said of an instance that it holds',
    );
    return 'refused';
  }
}
