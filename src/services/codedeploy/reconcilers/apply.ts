import type { RevisionLocation } from '@aws-sdk/client-codedeploy';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { groupAfterSuccess, startDeployment } from '../commands/start-deployment.ts';
import type { Write } from '../model/deployment-state.ts';
import { shifted } from '../model/ending.ts';
import type { Fleet } from '../model/fleet.ts';
import { recordAfterHost, recordAfterSuccess } from '../model/healthy-hosts.ts';
import { revisionKey } from '../model/revision.ts';
import { backShift, revisionBefore } from '../model/strategies/back.ts';
import type { ShiftState } from '../model/strategies/shift-state.ts';
import { ownerOf, planHooks } from '../scaling/hooks.ts';
import { updateOutdated } from '../scaling/outdated.ts';
import { type Group, updateGroup } from '../store/applications.ts';
import {
  activeDeployments,
  type Deployment,
  isBlueGreen,
  loadDeployment,
  updateDeployment,
} from '../store/deployments.ts';
import { holdTokensOf } from '../store/hooks.ts';
import { hostsOf, putHost } from '../store/instances.ts';
import { insertTargets, loadTargets, setEvent, setTargetStatus } from '../store/targets.ts';
import { deploymentEvent, instanceEvent } from './events.ts';
import type { Loaded } from './load.ts';
import { DEPLOYMENT, HOLD } from './names.ts';
import { tellTriggers } from './triggers.ts';

type Ctx = Pick<Platform, 'engine' | 'events' | 'clock'>;
type WriteOf<T extends Write['type']> = Extract<Write, { type: T }>;

/** Makes what `advance` decided durable, in the transaction in which the snapshot was read. */
export async function apply(
  tx: Tx,
  ctx: Ctx,
  loaded: Loaded,
  writes: Write[],
  now: number,
): Promise<void> {
  for (const write of writes) await applyOne(tx, ctx, loaded, write, now);
  await tellTriggers(tx, ctx, loaded, writes);
}

async function applyOne(
  tx: Tx,
  ctx: Ctx,
  loaded: Loaded,
  write: Write,
  now: number,
): Promise<void> {
  const { deployment } = loaded;
  const { deploymentId } = deployment;
  switch (write.type) {
    case 'deployment':
      Object.assign(deployment, write.set);
      return updateDeployment(tx, deployment);
    case 'targets':
      return insertTargets(tx, deployment, deploymentId, write.targets, now);
    case 'target':
      return setTargetStatus(tx, deploymentId, write.name, write.set.status, now);
    case 'event': {
      const key = { deploymentId, instance: write.target, position: write.position };
      return setEvent(tx, key, write.set, now);
    }
    case 'host':
      return rememberHost(tx, loaded, write);
    case 'end':
      return end(tx, ctx, loaded, write, now);
    case 'rollback':
      return rollBack(tx, ctx, loaded);
    case 'noRollback':
      deployment.rollbackInfo = { ...deployment.rollbackInfo, rollbackMessage: write.message };
      return updateDeployment(tx, deployment);
    case 'notify': {
      const event =
        write.subject === 'deployment'
          ? deploymentEvent(deployment, write.state)
          : instanceEvent(deployment, write.name, write.state);
      return ctx.events.publish(tx, event);
    }
  }
}

/** The host's own result (CD-MHH-10). */
async function rememberHost(
  tx: Tx,
  { deployment, group }: Loaded,
  write: WriteOf<'host'>,
): Promise<void> {
  if (!group) return;
  const known = (await hostsOf(tx, group.groupId)).get(write.name);
  const host = known ?? { name: write.name, health: 'Unhealthy', revision: null };
  const after = recordAfterHost(host, write.succeeded, revisionKey(deployment.revision));
  await putHost(tx, deployment, group.groupId, after);
}

async function end(
  tx: Tx,
  ctx: Ctx,
  loaded: Loaded,
  write: WriteOf<'end'>,
  now: number,
): Promise<void> {
  const { deployment } = loaded;
  deployment.status = write.status;
  deployment.completedAt = now;
  if (write.error) deployment.errorInformation = write.error;
  await updateDeployment(tx, deployment);
  for (const token of await holdTokensOf(tx, deployment.deploymentId))
    await ctx.engine.wake(tx, HOLD, token);
  if (loaded.group) await endInGroup(tx, ctx, loaded, write.status === 'Succeeded', now);
  for (const { deploymentId } of await activeDeployments(tx, deployment.groupId)) {
    await ctx.engine.wake(tx, DEPLOYMENT, deploymentId);
  }
}

/** What the group knows of its last deployments, and of hosts that did not take part in a success. */
async function endInGroup(
  tx: Tx,
  ctx: Ctx,
  loaded: Loaded,
  succeeded: boolean,
  now: number,
): Promise<void> {
  const { deployment, application, group } = loaded;
  if (!group) return;
  const isOfAll = !deployment.takesBack && !deployment.instances;
  // A way back of traffic installs nothing, and what the group's instances have is what they had; as for some of them alone.
  if (succeeded && isOfAll) {
    const wanted = revisionKey(deployment.revision);
    for (const host of (await hostsOf(tx, group.groupId)).values()) {
      const updated = host.revision === wanted && host.health === 'Healthy';
      const after = recordAfterSuccess(host, updated, group.targetKey);
      if (after !== host) await putHost(tx, deployment, group.groupId, after);
    }
    loaded.group = await withHooks(tx, ctx, loaded, groupAfterSuccess(group, deployment, now));
  }
  const current = loaded.group ?? group;
  if (current.info.lastAttemptedDeployment?.deploymentId === deployment.deploymentId) {
    const { createTime } = current.info.lastAttemptedDeployment;
    const { deploymentId, status } = deployment;
    current.info.lastAttemptedDeployment = {
      deploymentId,
      status,
      createTime,
      endTime: new Date(now),
    };
  }
  loaded.group = current;
  await updateGroup(tx, current);
  if (succeeded && application && deployment.updateOf === undefined)
    await updateOutdated(tx, ctx, deployment, { application, group: current });
}

/** A blue/green deployment has brought the group other Auto Scaling groups: its hooks go there. */
async function withHooks(
  tx: Tx,
  ctx: Ctx,
  { deployment, application, group: before }: Loaded,
  group: Group,
): Promise<Group> {
  if (group.info.autoScalingGroups === before?.info.autoScalingGroups) return group;
  const owner = ownerOf(deployment, application?.name, group);
  const autoScalingGroups = await planHooks(tx, ctx, owner, group.info, 'now');
  return { ...group, info: { ...group.info, autoScalingGroups } };
}

/**
 * Creates the deployment that takes this one back: of the last successful revision (CD-ROL-02, 03), or of traffic alone where
 * this one was to shift it (CD-ROL-05).
 */
async function rollBack(tx: Tx, ctx: Ctx, loaded: Loaded): Promise<void> {
  const { deployment, application, group } = loaded;
  const good = await loadDeployment(tx, group?.info.lastSuccessfulDeployment?.deploymentId ?? '');
  const back = await backOf(tx, deployment, good);
  if (!application || !group || !back) return;
  const triggeredBy = deployment.deploymentId;
  const rollback = await startDeployment(
    tx,
    ctx,
    deployment,
    { application, group },
    {
      revision: back.revision,
      fileExistsBehavior: good?.fileExistsBehavior ?? deployment.fileExistsBehavior,
      deploymentConfigName: deployment.deploymentConfigName,
      minimumHealthyHosts: deployment.minimumHealthyHosts,
      ...(back.shift && { shift: back.shift }),
      ...(back.takesBack && { takesBack: back.takesBack }),
      ...(back.fleet && { fleet: back.fleet }),
      creator: 'codeDeployRollback',
      description: `Rollback of ${triggeredBy}: ${back.words}.`,
      ignoreApplicationStopFailures: deployment.ignoreApplicationStopFailures,
      updateOutdatedInstancesOnly: false,
      deploymentStyle: deployment.deploymentStyle,
      loadBalancerInfo: deployment.loadBalancerInfo,
      blueGreenDeploymentConfiguration: deployment.blueGreenDeploymentConfiguration,
      rollbackInfo: { rollbackTriggeringDeploymentId: triggeredBy },
    },
  );
  deployment.rollbackInfo = {
    ...deployment.rollbackInfo,
    rollbackDeploymentId: rollback.deploymentId,
    rollbackMessage: `Deployment ${rollback.deploymentId} rolls this deployment back: it ${back.words}.`,
  };
  await updateDeployment(tx, deployment);
}

interface Back {
  revision: RevisionLocation;
  /** What the rollback does. */
  words: string;
  shift?: ShiftState;
  takesBack?: Deployment['takesBack'];
  fleet?: Fleet;
}

/** What takes a deployment back; undefined where nothing can. */
async function backOf(
  tx: Tx,
  deployment: Deployment,
  good: Deployment | undefined,
): Promise<Back | undefined> {
  const { shift } = deployment;
  if (shift?.plan) {
    const revision = good?.revision ?? revisionBefore(shift.plan);
    const words = 'shifts the traffic back to where it was before';
    return { revision, words, shift: backShift(shift) };
  }
  if (isBlueGreen(deployment)) {
    const takesBack = shifted(await loadTargets(tx, deployment.deploymentId));
    const words = 'reroutes the traffic to the original instances';
    const { fleet: made } = deployment;
    // What went wrong with the fleet, or was being done to it, is of the deployment that is given up.
    const fleet: Fleet | undefined = made && {
      ...{ original: made.original, copy: made.copy, back: true, done: [] },
    };
    return { revision: (good ?? deployment).revision, words, takesBack, ...(fleet && { fleet }) };
  }
  const words = `deploys the revision of ${good?.deploymentId} again`;
  return good && { revision: good.revision, words };
}
