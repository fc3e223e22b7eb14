import * as sdk from '@aws-sdk/client-codedeploy';
import { exception, unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import { authorizeOn, onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { startDeployment } from '../commands/start-deployment.ts';
import { deploymentDoesNotExist } from '../errors.ts';
import { MAX_BATCH } from '../limits.ts';
import { isTerminal } from '../model/deployment-state.ts';
import { terminationBegun } from '../model/strategies/steps.ts';
import { DEPLOYMENT } from '../reconcilers/names.ts';
import { application } from '../resources/application.ts';
import { deployment as deploymentKind, onDeployment } from '../resources/deployment.ts';
import { configs, deploymentConfig } from '../resources/deployment-config.ts';
import { atGroup, deploymentGroup, groupArn } from '../resources/deployment-group.ts';
import {
  activeDeployments,
  type Deployment,
  findDeployment,
  isInTurn,
  type ListedDeployment,
  listDeployments as listRows,
  updateDeployment,
} from '../store/deployments.ts';
import { findRevision } from '../store/revisions.ts';
import { countTargets } from '../store/targets.ts';
import { requireConfigOf } from './configs.ts';
import { codedeploy } from './declare.ts';
import { checkAlarms, checkAutoRollback } from './group-input.ts';
import { requireRevision } from './revision-input.ts';
import { checkShiftDeployment, newShift } from './shift-deployment.ts';
import { checkRevisionOf, requireContent, withoutContent } from './shift-revision.ts';
import { checkTargetInstances } from './target-instances.ts';
import {
  asked,
  checkBatch,
  checkDescription,
  requireApplicationName,
  requireConfigName,
  requireDeploymentId,
  requireGroup,
  requireGroupName,
} from './validate.ts';

const STATUSES = [
  'Created',
  'Queued',
  'InProgress',
  'Baking',
  'Succeeded',
  'Failed',
  'Stopped',
  'Ready',
];

export const createDeployment = codedeploy('createDeployment', atGroup, async (ctx, input, at) => {
  checkCreate(input);
  // Who leaves out the group's alarms changes what the group is for this once (CD-DGF-07).
  if (input.overrideAlarmConfiguration)
    await authorizeOn(ctx, deploymentGroup, at, 'codedeploy:UpdateDeploymentGroup');
  const given = input.revision && requireRevision(input.revision);
  const { application, group } = await requireGroup(
    ctx.db,
    ctx,
    input.applicationName,
    input.deploymentGroupName,
  );
  const revision = given ?? group.info.targetRevision;
  if (!revision)
    throw exception(sdk.RevisionRequiredException, 'The revision ID was not specified.');
  checkRevisionOf(application.platform, revision);
  checkShiftDeployment(application.platform, input);
  const deploymentConfigName = input.deploymentConfigName ?? group.info.deploymentConfigName ?? '';
  requireConfigName(deploymentConfigName);
  const config = await requireConfigOf(ctx.db, ctx, deploymentConfigName, application.platform);
  const { minimumHealthyHosts = { type: 'HOST_COUNT', value: 0 } } = config;
  await authorizeParts(
    ctx,
    application.name,
    application.applicationId,
    deploymentConfigName,
    revision,
  );
  return ctx.transaction(async (tx) => {
    const target = await requireGroup(tx, ctx, application.name, group.name);
    const targetInstances = checkTargetInstances(input.targetInstances, target.group);
    const [active] = (await activeDeployments(tx, target.group.groupId)).filter(isInTurn);
    if (active) {
      throw exception(
        sdk.DeploymentLimitExceededException,
        `The Deployment Group '${group.name}' already has an active Deployment '${active.deploymentId}'`,
      );
    }
    const { deploymentId } = await startDeployment(tx, ctx, ctx, target, {
      revision,
      deploymentConfigName,
      minimumHealthyHosts,
      zonalConfig: config.zonalConfig,
      targetInstances,
      shift: newShift(application.platform, config, target.group.info),
      creator: 'user',
      description: input.description,
      ignoreApplicationStopFailures: input.ignoreApplicationStopFailures ?? false,
      updateOutdatedInstancesOnly: input.updateOutdatedInstancesOnly ?? false,
      fileExistsBehavior: input.fileExistsBehavior ?? 'DISALLOW',
      autoRollbackConfiguration: input.autoRollbackConfiguration,
      overrideAlarmConfiguration: input.overrideAlarmConfiguration,
    });
    return { deploymentId };
  });
});

function checkCreate(input: sdk.CreateDeploymentCommandInput): void {
  requireApplicationName(input.applicationName);
  requireGroupName(input.deploymentGroupName);
  checkDescription(input.description);
  checkAutoRollback(input.autoRollbackConfiguration);
  checkAlarms(input.overrideAlarmConfiguration);
  if (input.deploymentConfigName !== undefined) requireConfigName(input.deploymentConfigName);
  const { fileExistsBehavior } = input;
  if (fileExistsBehavior && !['DISALLOW', 'OVERWRITE', 'RETAIN'].includes(fileExistsBehavior)) {
    throw exception(
      sdk.InvalidFileExistsBehaviorException,
      `An invalid fileExistsBehavior option was specified: ${fileExistsBehavior}. Valid values include "DISALLOW," "OVERWRITE," and "RETAIN."`,
    );
  }
  if (input.deploymentMode === 'RESTART') throw unsupported('the deployment mode RESTART');
}

/** CreateDeployment also takes the permissions to read the configuration and to read or register the revision. */
async function authorizeParts(
  ctx: ServiceContext,
  applicationName: string,
  applicationId: string,
  configName: string,
  revision: sdk.RevisionLocation,
): Promise<void> {
  const config = configs.locate(ctx, configName);
  await authorizeOn(ctx, deploymentConfig, config, 'codedeploy:GetDeploymentConfig');
  const registered = await findRevision(ctx.db, applicationId, revision);
  if (!registered) requireContent(revision);
  const action = registered ? 'GetApplicationRevision' : 'RegisterApplicationRevision';
  const named = application.locate(ctx, applicationName);
  await authorizeOn(ctx, application, named, `codedeploy:${action}`);
}

export const getDeployment = codedeploy(
  'getDeployment',
  onDeployment,
  async (ctx, _input, found) => ({ deploymentInfo: await describe(ctx, found) }),
);

const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));

/** CD-DEP-04. */
async function describe(ctx: ServiceContext, deployment: Deployment): Promise<sdk.DeploymentInfo> {
  const counts = await countTargets(ctx.db, deployment.deploymentId);
  const count = (status: string) => counts.get(status) ?? 0;
  return {
    applicationName: deployment.applicationName,
    deploymentGroupName: deployment.groupName,
    deploymentConfigName: deployment.deploymentConfigName,
    deploymentId: deployment.deploymentId,
    previousRevision: withoutContent(deployment.previousRevision),
    revision: withoutContent(deployment.revision),
    status: deployment.status,
    errorInformation: deployment.errorInformation,
    createTime: time(deployment.createdAt),
    startTime: time(deployment.startedAt),
    completeTime: time(deployment.completedAt),
    deploymentOverview: {
      Pending: count('Pending'),
      InProgress: count('InProgress'),
      Succeeded: count('Succeeded'),
      Failed: count('Failed'),
      Skipped: count('Skipped'),
      Ready: count('Ready'),
    },
    description: deployment.description,
    creator: deployment.creator,
    ignoreApplicationStopFailures: deployment.ignoreApplicationStopFailures,
    autoRollbackConfiguration: deployment.autoRollbackConfiguration,
    updateOutdatedInstancesOnly: deployment.updateOutdatedInstancesOnly,
    rollbackInfo: deployment.rollbackInfo,
    overrideAlarmConfiguration: deployment.overrideAlarmConfiguration,
    deploymentStyle: deployment.deploymentStyle,
    targetInstances: deployment.targetInstances,
    instanceTerminationWaitTimeStarted: deployment.shift
      ? terminationBegun(deployment.shift)
      : deployment.reroute?.waitsSince !== undefined,
    fileExistsBehavior: deployment.fileExistsBehavior,
    deploymentStatusMessages: [],
    computePlatform: deployment.shift?.platform ?? 'Server',
    blueGreenDeploymentConfiguration: deployment.blueGreenDeploymentConfiguration,
    loadBalancerInfo: deployment.loadBalancerInfo,
    ...((deployment.updateOf || deployment.updatedBy) && {
      relatedDeployments: {
        autoUpdateOutdatedInstancesRootDeploymentId: deployment.updateOf,
        autoUpdateOutdatedInstancesDeploymentIds: deployment.updatedBy,
      },
    }),
  };
}

export const batchGetDeployments = codedeploy(
  'batchGetDeployments',
  onEach(deploymentKind, ({ deploymentIds }) => deploymentIds ?? []),
  async (ctx, _input, found) => {
    if (found.length === 0) requireDeploymentId(undefined);
    checkBatch(found, MAX_BATCH);
    const known = found.flatMap(({ thing }) => thing ?? []);
    return {
      deploymentsInfo: await Promise.all(known.map((deployment) => describe(ctx, deployment))),
    };
  },
);

export const listDeployments = codedeploy(
  'listDeployments',
  {
    resource: (ctx, input) =>
      groupArn(ctx, input.applicationName ?? '*', input.deploymentGroupName ?? '*'),
  },
  async (ctx, input) => {
    const { includeOnlyStatuses: statuses, createTimeRange: range } = input;
    checkListInput(input);
    const target =
      input.applicationName || input.deploymentGroupName
        ? await requireGroup(ctx.db, ctx, input.applicationName, input.deploymentGroupName)
        : undefined;
    if (input.externalId) return { deployments: [] };
    const filter = {
      groupId: target?.group.groupId,
      statuses,
      createdFrom: range?.start?.getTime(),
      createdTo: range?.end?.getTime(),
    };
    const { items, nextToken } = await page(
      ctx,
      asked(input),
      (after: ListedDeployment | undefined, limit) =>
        listRows(ctx.db, ctx, { ...filter, after, limit }),
      (deployment) => deployment,
    );
    return { deployments: items.map(([, deploymentId]) => deploymentId), nextToken };
  },
);

function checkListInput({
  includeOnlyStatuses,
  createTimeRange,
}: sdk.ListDeploymentsCommandInput): void {
  const unknown = includeOnlyStatuses?.find((status) => !STATUSES.includes(status));
  if (unknown) {
    throw exception(
      sdk.InvalidDeploymentStatusException,
      `The specified deployment status doesn't exist or cannot be determined: ${unknown}`,
    );
  }
  const { start, end } = createTimeRange ?? {};
  if (start && end && start > end) {
    throw exception(
      sdk.InvalidTimeRangeException,
      'The specified time range was specified in an invalid format.',
    );
  }
}

export const stopDeployment = codedeploy(
  'stopDeployment',
  onDeployment,
  async (ctx, input, { deploymentId }) => {
    await ctx.transaction(async (tx) => {
      const deployment = await findDeployment(tx, ctx, deploymentId);
      if (!deployment) throw deploymentDoesNotExist(deploymentId);
      if (isTerminal(deployment.status)) {
        throw exception(
          sdk.DeploymentAlreadyCompletedException,
          `The deployment ${deploymentId} is already complete.`,
        );
      }
      const rollback = input.autoRollbackEnabled;
      await updateDeployment(tx, {
        ...deployment,
        stop: { ...deployment.stop, ...(rollback !== undefined && { rollback }) },
      });
      await ctx.engine.wake(tx, DEPLOYMENT, deploymentId);
    });
    return { status: 'Pending' as const, statusMessage: 'Stopping deployment.' };
  },
);
