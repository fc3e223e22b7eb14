import { randomInt } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { copyName, type Fleet } from '../model/fleet.ts';
import { revisionKey } from '../model/revision.ts';
import { DEPLOYMENT } from '../reconcilers/names.ts';
import { type Application, type Group, updateGroup } from '../store/applications.ts';
import {
  type Deployment,
  type DeploymentBody,
  insertDeployment,
  isInTurn,
} from '../store/deployments.ts';
import { useRevision } from '../store/revisions.ts';
import type { Place } from '../store/tables.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** `d-` and nine capital letters and digits. */
function newDeploymentId(): string {
  return `d-${Array.from({ length: 9 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}

export type NewDeployment = Omit<
  DeploymentBody,
  'serviceRoleArn' | 'previousRevision' | 'alarmConfiguration' | keyof Traffic
> &
  Partial<Traffic>;

/** How it deploys: as its group says, or as the deployment did that it takes back, whatever has become of the group since. */
type Traffic = Pick<
  DeploymentBody,
  'deploymentStyle' | 'loadBalancerInfo' | 'blueGreenDeploymentConfiguration'
>;

/** Creates a deployment in a transaction: the row, its revision, the group's last attempt, the wake-up. */
export async function startDeployment(
  tx: Tx,
  platform: Pick<Platform, 'clock' | 'engine'>,
  place: Place,
  target: { application: Application; group: Group },
  body: NewDeployment,
): Promise<Deployment> {
  const { application, group } = target;
  const now = platform.clock.now();
  const deploymentId = newDeploymentId();
  const fleet = fleetOf(group, deploymentId, body);
  const deployment: Deployment = {
    ...(fleet && { fleet }),
    deploymentStyle: group.info.deploymentStyle,
    loadBalancerInfo: group.info.loadBalancerInfo,
    blueGreenDeploymentConfiguration: group.info.blueGreenDeploymentConfiguration,
    ...body,
    deploymentId,
    applicationId: application.applicationId,
    applicationName: application.name,
    groupId: group.groupId,
    groupName: group.name,
    status: 'Created',
    createdAt: now.getTime(),
    serviceRoleArn: group.info.serviceRoleArn ?? '',
    previousRevision: group.info.targetRevision,
    alarmConfiguration: body.overrideAlarmConfiguration ?? group.info.alarmConfiguration,
  };
  await insertDeployment(tx, place, deployment);
  await useRevision(tx, place, application.applicationId, body.revision, {
    deploymentId: deployment.deploymentId,
    now: now.getTime(),
  });
  const lastAttemptedDeployment = {
    deploymentId: deployment.deploymentId,
    status: deployment.status,
    createTime: now,
  };
  // What an instance is held for says nothing of the group.
  if (isInTurn(deployment))
    await updateGroup(tx, { ...group, info: { ...group.info, lastAttemptedDeployment } });
  await platform.engine.wake(tx, DEPLOYMENT, deployment.deploymentId);
  return deployment;
}

/** What a deployment to some of a group's instances alone has: of them nothing has to stay healthy. */
export const toSome = ({ info }: Group, instances: string[]) => ({
  instances,
  minimumHealthyHosts: { type: 'HOST_COUNT', value: 0 } as const,
  deploymentStyle: { ...info.deploymentStyle, deploymentType: 'IN_PLACE' } as const,
});

/** The copy that a blue/green deployment is to make of its group's Auto Scaling group. */
function fleetOf({ info, name }: Group, id: string, body: NewDeployment): Fleet | undefined {
  const { action } = info.blueGreenDeploymentConfiguration?.greenFleetProvisioningOption ?? {};
  const { deploymentType } = body.deploymentStyle ?? info.deploymentStyle ?? {};
  const original = info.autoScalingGroups?.[0]?.name;
  const copies = deploymentType === 'BLUE_GREEN' && action === 'COPY_AUTO_SCALING_GROUP';
  if (!copies || !original || body.takesBack || body.shift) return undefined;
  return { original, copy: copyName(name, id), done: [] };
}

/** The group as it is once `deployment` has succeeded on it. */
export function groupAfterSuccess(group: Group, deployment: Deployment, now: number): Group {
  const { deploymentId, revision, createdAt } = deployment;
  const summary = {
    deploymentId,
    status: 'Succeeded' as const,
    createTime: new Date(createdAt),
    endTime: new Date(now),
  };
  const info = {
    ...group.info,
    ...originalsOf(deployment),
    targetRevision: revision,
    lastSuccessfulDeployment: summary,
  };
  return { ...group, info, targetKey: revisionKey(revision) };
}

/** After a blue/green deployment the instances that have the traffic are the group's, for the next one to replace. */
function originalsOf({
  deploymentStyle,
  targetInstances,
  fleet,
}: Deployment): Partial<Group['info']> {
  if (deploymentStyle?.deploymentType !== 'BLUE_GREEN') return {};
  if (fleet) return { autoScalingGroups: [{ name: fleet.copy }] };
  if (!targetInstances) return {};
  const { tagFilters = [], ec2TagSet = { ec2TagSetList: [] } } = targetInstances;
  const autoScalingGroups = (targetInstances.autoScalingGroups ?? []).map((name) => ({ name }));
  return { ec2TagFilters: tagFilters, ec2TagSet, autoScalingGroups };
}
