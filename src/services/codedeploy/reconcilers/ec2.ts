import type { TargetInstances } from '@aws-sdk/client-codedeploy';
import { EC2Client, type Filter, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { failureOf } from '../../../kit/delivery/failure.ts';
import { instanceStates } from '../../../kit/instance-states.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Trouble } from '../model/deployment-state.ts';
import * as messages from '../model/messages.ts';
import { type InstanceTag, isChosen } from '../model/tag-filters.ts';
import { groupsNamed, instancesOf, scalingFor } from '../scaling/client.ts';
import type { Group } from '../store/applications.ts';
import { type DeploymentBody, isBlueGreen, type PlacedDeployment } from '../store/deployments.ts';
import { deploymentsTo } from '../store/targets.ts';
import { asRoleOf } from './as-role.ts';
import { settle } from './deployment.ts';

/** What a deployment to EC2 instances begins with: their ids, or why there are none. */
type Found = Pick<
  DeploymentBody,
  'ec2Instances' | 'greenInstances' | 'zones' | 'ec2Refusal' | 'scalingTrouble'
>;

/** The instances that a group chooses by EC2 tags and Auto Scaling groups (CD-DGF-01, 03), as its service role sees them; or why it sees none. */
export async function chosenInstances(
  ctx: Platform,
  deployment: PlacedDeployment,
  { info }: Group,
): Promise<Found> {
  const { takesBack, targetInstances, instances, fleet } = deployment;
  const names = (info.autoScalingGroups ?? []).map(({ name = '' }) => name);
  const blue = choiceOf({ tagFilters: info.ec2TagFilters, ec2TagSet: info.ec2TagSet }, names);
  const green = isBlueGreen(deployment)
    ? choiceOf(targetInstances ?? {}, targetInstances?.autoScalingGroups ?? [])
    : NOBODY;
  const named = takesBack ? [...takesBack.blue, ...takesBack.green] : instances;
  if (!named && isNobody(blue) && isNobody(green)) return { ec2Instances: [] };
  const scaled = named ? new Map() : await scaledInstances(ctx, deployment, [blue, green]);
  if (!(scaled instanceof Map)) return { scalingTrouble: scaled };
  try {
    const running = await runningInstances(ctx, deployment, named);
    const ids = (chosen: (instance: Running) => boolean) =>
      running.filter(chosen).map(({ id }) => id);
    if (takesBack)
      return {
        ec2Instances: ids(({ id }) => takesBack.blue.includes(id)),
        greenInstances: ids(({ id }) => takesBack.green.includes(id)),
      };
    const isOf =
      (choice: Choice) =>
      ({ id, tags }: Running) =>
        isChosen(tags, choice) || choice.scaling.some((name) => scaled.get(name)?.has(id));
    // What is copied is the Auto Scaling group, and nothing besides.
    const originals = fleet ? { ...NOBODY, scaling: [fleet.original] } : blue;
    const found = ids(instances ? ({ id }) => instances.includes(id) : isOf(originals));
    return {
      ec2Instances: found,
      greenInstances: ids(isOf(green)),
      ...(deployment.zonalConfig && { zones: zonesOf(running, found) }),
    };
  } catch (error) {
    const { message, again } = failureOf(error);
    // Who is away for a moment is asked again, with the engine's patience.
    if (again) throw error;
    return { ec2Refusal: message };
  }
}

/** The instances of Auto Scaling groups, by the groups' names; or why they cannot be had. */
async function scaledInstances(
  ctx: Platform,
  deployment: PlacedDeployment,
  choices: readonly Choice[],
): Promise<Map<string, Set<string>> | Trouble> {
  const names = [...new Set(choices.flatMap(({ scaling }) => scaling))];
  if (names.length === 0) return new Map();
  try {
    const groups = await groupsNamed(await scalingFor(ctx, asRoleOf(deployment)), names);
    const missing = names.find((name) => !groups.has(name));
    if (missing !== undefined) return missingGroup(missing);
    return new Map(names.map((name) => [name, new Set(instancesOf(groups.get(name)))]));
  } catch (error) {
    return scalingTrouble(deployment, names[0] ?? '', error);
  }
}

/** What Auto Scaling's refusal means for a deployment. @throws the error of who is away for a moment */
export function scalingTrouble(
  { serviceRoleArn }: PlacedDeployment,
  name: string,
  error: unknown,
): Trouble {
  const { code, message, again } = failureOf(error);
  if (again) throw error;
  if (code === 'NO_PERMISSIONS')
    return {
      code: 'AUTO_SCALING_IAM_ROLE_PERMISSIONS',
      message: messages.noScalingPermission(serviceRoleArn, message),
    };
  return unusable(name, message);
}

const unusable = (name: string, reason: string): Trouble => ({
  code: 'AUTO_SCALING_CONFIGURATION',
  message: messages.badScalingGroup(name, reason),
});
export const missingGroup = (name: string) => unusable(name, 'there is none of that name.');

type Choice = Parameters<typeof isChosen>[1] & { scaling: readonly string[] };
const NOBODY: Choice = { scaling: [] };
const isNobody = ({ filters, sets, scaling }: Choice) =>
  !filters?.length && !sets?.length && scaling.length === 0;

const choiceOf = (
  { tagFilters, ec2TagSet }: TargetInstances,
  scaling: readonly string[],
): Choice => ({
  ...(tagFilters && { filters: tagFilters }),
  ...(ec2TagSet?.ec2TagSetList && { sets: ec2TagSet.ec2TagSetList }),
  scaling,
});

const zonesOf = (running: readonly Running[], ids: readonly string[]) =>
  Object.fromEntries(
    running.filter(({ id }) => ids.includes(id)).map(({ id, zone }) => [id, zone]),
  );

interface Running {
  id: string;
  tags: InstanceTag[];
  zone: string;
}

/** More than a region has, and a bound on what an upstream answers. */
const MOST_RUNNING = 100_000;
/** A filter has so many values. */
const VALUES = 200;

/** Instances that run: all of them, or those of these ids. */
async function runningInstances(
  ctx: Platform,
  deployment: PlacedDeployment,
  only?: readonly string[],
): Promise<Running[]> {
  const running: Filter = { Name: 'instance-state-name', Values: ['running'] };
  if (!only) return describeAll(ctx, deployment, [running]);
  const found: Running[] = [];
  for (let from = 0; from < only.length; from += VALUES) {
    const ids: Filter = { Name: 'instance-id', Values: only.slice(from, from + VALUES) };
    for (const one of await describeAll(ctx, deployment, [running, ids])) found.push(one);
  }
  return found;
}

async function describeAll(
  ctx: Platform,
  deployment: PlacedDeployment,
  Filters: Filter[],
): Promise<Running[]> {
  const client = ctx.client(EC2Client, asRoleOf(deployment));
  const found: Running[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters })) {
    for (const { Instances = [] } of Reservations)
      for (const { InstanceId: id = '', Tags = [], Placement } of Instances) {
        const tags = Tags.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }));
        found.push({ id, tags, zone: Placement?.AvailabilityZone ?? '' });
      }
    if (found.length > MOST_RUNNING) break;
  }
  return found;
}

/** An instance that is terminated in the middle of a deployment has failed it. */
export const instanceGone = instanceStates({
  name: 'codedeploy/instance-gone',
  states: ['terminated'],
  async changed(ctx, tx, place, id) {
    for (const deploymentId of await deploymentsTo(tx, place, id))
      await settle(ctx, tx, deploymentId, (draft, now) =>
        draft.lose(id, messages.instanceGone(id), now),
      );
  },
});
