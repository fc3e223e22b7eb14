import type { Tx } from '../../../db/database.ts';
import { ownValue } from '../../../lib/own.ts';
import { type BlueGreen, wayOf } from '../model/blue-green.ts';
import { type Candidate, isTerminal, type Snapshot } from '../model/deployment-state.ts';
import { revisionHealth, type StoredHost } from '../model/healthy-hosts.ts';
import { revisionKey } from '../model/revision.ts';
import { isChosen } from '../model/tag-filters.ts';
import {
  type Application,
  findApplicationById,
  findGroupById,
  type Group,
} from '../store/applications.ts';
import {
  activeDeployments,
  hasTrafficControl,
  isBlueGreen,
  isInTurn,
  loadDeployment,
  type PlacedDeployment,
  watchesAlarms,
} from '../store/deployments.ts';
import { hostsOf, listInstances, tagsOf } from '../store/instances.ts';
import { loadTargets } from '../store/targets.ts';

export interface Loaded {
  deployment: PlacedDeployment;
  application?: Application;
  group?: Group;
  snapshot: Snapshot;
}

/** Everything that `advance` has to know of a deployment, or undefined when it is gone. */
export async function load(tx: Tx, deploymentId: string): Promise<Loaded | undefined> {
  const deployment = await loadDeployment(tx, deploymentId);
  if (!deployment) return undefined;
  const application = await findApplicationById(tx, deployment.applicationId);
  const group = await findGroupById(tx, deployment.groupId);
  const started = deployment.status !== 'Created' && deployment.status !== 'Queued';
  const others = isTerminal(deployment.status)
    ? []
    : (await activeDeployments(tx, deployment.groupId)).filter(isInTurn);
  const targets = started ? await loadTargets(tx, deploymentId) : [];
  const snapshot: Snapshot = {
    deploymentId,
    groupId: deployment.groupId,
    accountId: deployment.accountId,
    region: deployment.region,
    status: deployment.status,
    createdAt: deployment.createdAt,
    startedAt: deployment.startedAt,
    creator: deployment.creator,
    minimumHealthyHosts: deployment.minimumHealthyHosts,
    ignoreApplicationStopFailures: deployment.ignoreApplicationStopFailures,
    autoRollback: deployment.autoRollbackConfiguration ?? group?.info.autoRollbackConfiguration,
    stop: deployment.stop,
    ending: deployment.ending,
    role: deployment.role,
    askedAt: deployment.askedAt,
    watchesAlarms: watchesAlarms(deployment),
    alarms: deployment.alarms,
    applicationExists: application !== undefined,
    groupExists: group !== undefined,
    serviceRoleArn: deployment.serviceRoleArn,
    trafficControl: hasTrafficControl(deployment),
    ...(deployment.zonalConfig && { zonal: deployment.zonalConfig }),
    ...(isBlueGreen(deployment) && { blueGreen: blueGreenOf(deployment) }),
    ...(deployment.trafficTrouble && { trafficTrouble: deployment.trafficTrouble }),
    waitsForOther:
      isInTurn(deployment) && others.length > 0 && others[0]?.deploymentId !== deploymentId,
    hasLastSuccessful: group?.info.lastSuccessfulDeployment !== undefined,
    ...(deployment.held && { held: deployment.held }),
    ...(deployment.scalingTrouble && { scalingTrouble: deployment.scalingTrouble }),
    ...(deployment.ec2Refusal !== undefined && { ec2Refusal: deployment.ec2Refusal }),
    ...(deployment.shift && { shift: deployment.shift }),
    candidates:
      group && !deployment.shift && targets.length === 0 && !isTerminal(deployment.status)
        ? await candidates(tx, deployment, group)
        : [],
    targets,
  };
  return { deployment, application, group, snapshot };
}

function blueGreenOf(deployment: PlacedDeployment): BlueGreen {
  const { loadBalancerInfo: balancers, blueGreenDeploymentConfiguration: configuration } =
    deployment;
  const { takesBack, ec2Instances = [] } = deployment;
  const listed = [balancers?.elbInfoList, balancers?.targetGroupInfoList];
  const lacks = !listed.some((list) => list?.length)
    ? 'balancer'
    : configuration
      ? undefined
      : 'configuration';
  return {
    ...(lacks && { lacks }),
    ...wayOf(configuration),
    takesBack: takesBack !== undefined,
    ...(deployment.fleet && { fleet: deployment.fleet }),
    ...(takesBack && { gone: takesBack.blue.filter((id) => !ec2Instances.includes(id)) }),
    reroute: deployment.reroute ?? {},
  };
}

/** The instances that a deployment to the group is for, and what the group knows of them. */
async function candidates(
  tx: Tx,
  deployment: PlacedDeployment,
  group: Group,
): Promise<Candidate[]> {
  const hosts = await hostsOf(tx, group.groupId);
  const wanted = revisionKey(deployment.revision);
  return (await chosen(tx, deployment, group))
    .map(({ name, ...more }) => ({
      host: hosts.get(name) ?? ({ name, health: 'Unhealthy', revision: null } satisfies StoredHost),
      ...more,
    }))
    .filter(
      ({ host, label }) =>
        label === 'Blue' || !deployment.updateOutdatedInstancesOnly || host.revision !== wanted,
    )
    .map(({ host: { name, health, revision }, ...more }) => ({
      ...{ name, health, revision: revisionHealth(revision, group.targetKey) },
      ...more,
    }));
}

type Chosen = Pick<Candidate, 'name' | 'label' | 'zone'>;

async function chosen(tx: Tx, deployment: PlacedDeployment, group: Group): Promise<Chosen[]> {
  const { ec2Instances = [], greenInstances = [], zones = {} } = deployment;
  if (isBlueGreen(deployment)) {
    const green = new Set(greenInstances);
    const blue = ec2Instances.filter((name) => !green.has(name));
    return [
      ...greenInstances.map((name) => ({ name, label: 'Green' }) as const),
      ...blue.map((name) => ({ name, label: 'Blue' }) as const),
    ];
  }
  const ec2 = ec2Instances.map((name) => {
    const zone = ownValue(zones, name);
    return { name, ...(zone !== undefined && { zone }) };
  });
  if (deployment.instances) return ec2;
  const instances = await listInstances(tx, deployment, { registered: true });
  const tags = await tagsOf(tx, deployment);
  const choice = {
    filters: group.info.onPremisesInstanceTagFilters,
    sets: group.info.onPremisesTagSet?.onPremisesTagSetList,
  };
  const onPremises = instances.filter(({ name }) => isChosen(tags.get(name) ?? [], choice));
  return [...onPremises.map(({ name }) => ({ name })), ...ec2];
}
