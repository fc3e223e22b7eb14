import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { MAX_BATCH } from '../limits.ts';
import { isEc2Instance } from '../model/ec2-instances.ts';
import { onDeployment } from '../resources/deployment.ts';
import { targetArn } from '../resources/instance.ts';
import { type Deployment, isBlueGreen } from '../store/deployments.ts';
import { loadTargets, type StoredTarget } from '../store/targets.ts';
import { describeShiftTarget } from '../views/shift-target.ts';
import { codedeploy } from './declare.ts';
import { asked, checkBatch, requireInstanceName } from './validate.ts';

const STATUSES = ['Pending', 'InProgress', 'Succeeded', 'Failed', 'Skipped', 'Unknown', 'Ready'];

/** Only a deployment that has been started has its targets. @throws DeploymentNotStartedException */
function checkStarted(deployment: Deployment): void {
  if (deployment.status === 'Created' || deployment.status === 'Queued') {
    throw exception(
      sdk.DeploymentNotStartedException,
      `The specified deployment has not started: ${deployment.deploymentId}`,
    );
  }
}

/** These operations are older than targets that are no instances. @throws InvalidComputePlatformException */
function checkInstances({ shift }: Deployment): void {
  if (shift?.platform === 'ECS')
    throw exception(
      sdk.InvalidComputePlatformException,
      'The computePlatform is invalid. The computePlatform should be Lambda, Server: use the operations on deployment targets for ECS.',
    );
}

const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));

function lifecycleEvents(target: StoredTarget): sdk.LifecycleEvent[] {
  return target.events.map((event) => ({
    lifecycleEventName: event.name,
    diagnostics: event.diagnostics,
    startTime: time(event.startedAt),
    endTime: time(event.endedAt),
    status: event.status,
  }));
}

function asTarget(
  ctx: ServiceContext,
  deployment: Deployment,
  target: StoredTarget,
): sdk.DeploymentTarget {
  if (deployment.shift)
    return describeShiftTarget(ctx, deployment, target, lifecycleEvents(target));
  return {
    deploymentTargetType: 'InstanceTarget',
    instanceTarget: {
      deploymentId: deployment.deploymentId,
      targetId: target.name,
      targetArn: targetArn(ctx, target.name),
      status: target.status,
      lastUpdatedAt: time(target.updatedAt),
      lifecycleEvents: lifecycleEvents(target),
      instanceLabel: target.label,
    },
  };
}

function asSummary(
  ctx: ServiceContext,
  deployment: Deployment,
  target: StoredTarget,
): sdk.InstanceSummary {
  return {
    deploymentId: deployment.deploymentId,
    // Of Lambda it is the function's name.
    instanceId: deployment.shift ? target.name : targetArn(ctx, target.name),
    status: target.status,
    lastUpdatedAt: time(target.updatedAt),
    lifecycleEvents: lifecycleEvents(target),
    instanceType: target.label,
  };
}

/** @throws InvalidDeploymentInstanceTypeException, InvalidInstanceTypeException */
function checkLabels(deployment: Deployment, labels: string[] = []): void {
  if (labels.length > 0 && !isBlueGreen(deployment))
    throw exception(
      sdk.InvalidDeploymentInstanceTypeException,
      'An instance type was specified for an in-place deployment. Instance types are supported for blue/green deployments only.',
    );
  const unknown = labels.find((label) => label !== 'Blue' && label !== 'Green');
  if (unknown === undefined) return;
  throw exception(
    sdk.InvalidInstanceTypeException,
    `An invalid instance type was specified: ${unknown}. Valid values include "Blue" for an original environment and "Green" for a replacement environment.`,
  );
}

interface Wanted {
  statuses?: string[] | undefined;
  labels?: string[] | undefined;
}

/** One page of the names of targets in these statuses, on these sides of a blue/green deployment. */
async function listNames(
  ctx: ServiceContext,
  deployment: Deployment,
  { statuses, labels }: Wanted,
  token: string | undefined,
): Promise<{ names: string[]; nextToken?: string }> {
  checkLabels(deployment, labels);
  const unknown = statuses?.find((status) => !STATUSES.includes(status));
  if (unknown)
    throw exception(
      sdk.InvalidInstanceStatusException,
      `The specified instance status does not exist: ${unknown}`,
    );
  const names = (await loadTargets(ctx.db, deployment.deploymentId))
    .filter((target) => !statuses?.length || statuses.includes(target.status))
    .filter((target) => !labels?.length || labels.includes(target.label ?? ''))
    .map((target) => target.name);
  const { items, nextToken } = pageOfList(ctx, asked({ nextToken: token }), names, (name) => name);
  return { names: items, nextToken };
}

export const listDeploymentTargets = codedeploy(
  'listDeploymentTargets',
  onDeployment,
  async (ctx, input, deployment) => {
    checkStarted(deployment);
    const filters = input.targetFilters ?? {};
    for (const name of Object.keys(filters)) {
      if (name !== 'TargetStatus' && name !== 'ServerInstanceLabel') {
        throw exception(
          sdk.InvalidTargetFilterNameException,
          `The target filter name is invalid: ${name}`,
        );
      }
    }
    const { names, nextToken } = await listNames(
      ctx,
      deployment,
      { statuses: filters.TargetStatus, labels: filters.ServerInstanceLabel },
      input.nextToken,
    );
    return { targetIds: names, nextToken };
  },
);

function requireTargetId(id: string | undefined): string {
  if (!id)
    throw exception(
      sdk.DeploymentTargetIdRequiredException,
      'A deployment target ID was not provided.',
    );
  return id;
}

async function requireTargets(
  deployment: Deployment,
  ctx: ServiceContext,
  ids: string[],
): Promise<StoredTarget[]> {
  const found = await loadTargets(ctx.db, deployment.deploymentId, ids);
  const missing = ids.find((id) => !found.some((target) => target.name === id));
  if (missing !== undefined) {
    throw exception(
      sdk.DeploymentTargetDoesNotExistException,
      `The provided target ID does not belong to the attempted deployment: ${missing}`,
    );
  }
  return found;
}

export const getDeploymentTarget = codedeploy(
  'getDeploymentTarget',
  onDeployment,
  async (ctx, input, deployment) => {
    checkStarted(deployment);
    const [target] = await requireTargets(deployment, ctx, [requireTargetId(input.targetId)]);
    return { deploymentTarget: target && asTarget(ctx, deployment, target) };
  },
);

export const batchGetDeploymentTargets = codedeploy(
  'batchGetDeploymentTargets',
  onDeployment,
  async (ctx, input, deployment) => {
    checkStarted(deployment);
    const ids = (input.targetIds ?? []).map(requireTargetId);
    if (ids.length === 0) requireTargetId(undefined);
    if (ids.length > MAX_BATCH) {
      throw exception(
        sdk.DeploymentTargetListSizeExceededException,
        `The maximum number of targets that can be associated with a request was exceeded: ${MAX_BATCH}`,
      );
    }
    const targets = await requireTargets(deployment, ctx, ids);
    return { deploymentTargets: targets.map((target) => asTarget(ctx, deployment, target)) };
  },
);

export const listDeploymentInstances = codedeploy(
  'listDeploymentInstances',
  onDeployment,
  async (ctx, input, deployment) => {
    checkInstances(deployment);
    checkStarted(deployment);
    const { names, nextToken } = await listNames(
      ctx,
      deployment,
      { statuses: input.instanceStatusFilter, labels: input.instanceTypeFilter },
      input.nextToken,
    );
    return { instancesList: names, nextToken };
  },
);

function requireInstanceId(id: string | undefined): string {
  // Both the name and the ARN that the answer has are accepted.
  const name = id?.split('/').at(-1);
  if (!name) throw exception(sdk.InstanceIdRequiredException, 'The instance ID was not specified.');
  return isEc2Instance(name) ? name : requireInstanceName(name);
}

export const getDeploymentInstance = codedeploy(
  'getDeploymentInstance',
  onDeployment,
  async (ctx, input, deployment) => {
    checkInstances(deployment);
    checkStarted(deployment);
    const id = requireInstanceId(input.instanceId);
    const [target] = await loadTargets(ctx.db, deployment.deploymentId, [id]);
    if (!target)
      throw exception(
        sdk.InstanceDoesNotExistException,
        `The specified instance does not exist in the deployment group: ${id}`,
      );
    return { instanceSummary: asSummary(ctx, deployment, target) };
  },
);

export const batchGetDeploymentInstances = codedeploy(
  'batchGetDeploymentInstances',
  onDeployment,
  async (ctx, input, deployment) => {
    checkInstances(deployment);
    checkStarted(deployment);
    const ids = (input.instanceIds ?? []).map(requireInstanceId);
    if (ids.length === 0) requireInstanceId(undefined);
    checkBatch(ids, MAX_BATCH);
    const found = await loadTargets(ctx.db, deployment.deploymentId, ids);
    const missing = ids.filter((id) => !found.some((target) => target.name === id));
    return {
      instancesSummary: found.map((target) => asSummary(ctx, deployment, target)),
      errorMessage:
        missing.length > 0 ? `Instances that are not in the deployment: ${missing.join(', ')}` : '',
    };
  },
);
