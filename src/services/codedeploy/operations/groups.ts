import { randomUUID } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import { passRole } from '../../../kit/pass-role.ts';
import { at, atEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { groupDoesNotExist } from '../errors.ts';
import { GROUPS_PER_APPLICATION, MAX_BATCH_NAMES } from '../limits.ts';
import { defaultConfigName } from '../model/deployment-config.ts';
import { DEPLOYMENT, SERVICE_PRINCIPAL } from '../reconcilers/names.ts';
import { onApplication } from '../resources/application.ts';
import { atGroup, deploymentGroup } from '../resources/deployment-group.ts';
import { notCleanedUp, ownerOf, planHooks, settleHooks } from '../scaling/hooks.ts';
import {
  type Application,
  deleteGroup,
  findGroup,
  findGroupById,
  findGroups,
  type Group,
  insertGroup,
  listGroupNames,
  updateGroup,
} from '../store/applications.ts';
import { activeDeployments } from '../store/deployments.ts';
import { requireConfigOf } from './configs.ts';
import { codedeploy } from './declare.ts';
import { checkGroupInput, refuseUnsupported, requireRole } from './group-input.ts';
import { putHooks, requireScalingGroups } from './scaling-groups.ts';
import { checkServiceIsFree, checkShiftGroup, requireReach, SHIFT_STYLE } from './shift-group.ts';
import { checkTags } from './tags.ts';
import { checkTraffic } from './traffic-input.ts';
import {
  asked,
  checkBatch,
  requireApplication,
  requireGroup,
  requireGroupName,
} from './validate.ts';

/** The caller must be allowed to hand the role to CodeDeploy. */
function authorizeRole(ctx: ServiceContext, roleArn: string, sourceArn: string): Promise<void> {
  return passRole(ctx, { roleArn, service: SERVICE_PRINCIPAL, sourceArn });
}

export const createDeploymentGroup = codedeploy(
  'createDeploymentGroup',
  atGroup,
  async (ctx, input, located) => {
    const { groupName: name } = located;
    const serviceRoleArn = requireRole(input.serviceRoleArn);
    const { platform: wanted } = await requireApplication(ctx.db, ctx, input.applicationName);
    const given = checkGroupInput(input, wanted);
    const tags = checkTags(input.tags);
    const own = wanted === 'Server' ? {} : checkShiftGroup(wanted, input);
    if (wanted === 'Server') refuseUnsupported(input);
    else requireReach(ctx, wanted);
    await authorizeRole(ctx, serviceRoleArn, located.arn);
    const groupId = randomUUID();
    const owner = ownerOf(ctx, input.applicationName, { groupId, name });
    await requireScalingGroups(ctx, owner, { ...given, serviceRoleArn });
    await ctx.transaction(async (tx) => {
      const application = await requireApplication(tx, ctx, input.applicationName);
      const { applicationId, platform } = application;
      if (await findGroup(tx, applicationId, name)) throw alreadyExists(name);
      const limit = await ctx.quotas.value(tx, ctx, 'codedeploy', GROUPS_PER_APPLICATION);
      const names = await listGroupNames(tx, applicationId, { limit });
      if (names.length >= limit) {
        throw exception(
          sdk.DeploymentGroupLimitExceededException,
          'The deployment groups limit was exceeded.',
        );
      }
      const deploymentConfigName = given.deploymentConfigName ?? defaultConfigName(platform);
      await requireConfigOf(tx, ctx, deploymentConfigName, platform);
      const info = {
        ...defaults(platform),
        ...given,
        ...own,
        deploymentConfigName,
        serviceRoleArn,
      };
      if (platform === 'Server') checkTraffic(info);
      await checkServiceIsFree(tx, ctx, info, groupId);
      info.autoScalingGroups = await planHooks(tx, ctx, owner, info);
      await insertGroup(tx, ctx, { applicationId, name, groupId, info, tags });
    });
    await putHooks(ctx, owner, async (tx) => {
      await planHooks(tx, ctx, owner, undefined);
      await deleteGroup(tx, groupId);
    });
    return { deploymentGroupId: groupId };
  },
);

const alreadyExists = (name: string) =>
  exception(sdk.DeploymentGroupAlreadyExistsException, `Deployment group already exists: ${name}`);

function defaults(platform: Application['platform']): Group['info'] {
  return {
    computePlatform: platform,
    ec2TagFilters: [],
    onPremisesInstanceTagFilters: [],
    autoScalingGroups: [],
    triggerConfigurations: [],
    deploymentStyle:
      platform === 'Server'
        ? { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' }
        : SHIFT_STYLE,
    outdatedInstancesStrategy: 'UPDATE',
    terminationHookEnabled: false,
  };
}

function describe(application: Application, group: Group): sdk.DeploymentGroupInfo {
  return {
    applicationName: application.name,
    deploymentGroupId: group.groupId,
    deploymentGroupName: group.name,
    ...group.info,
    // AWS shows these whether they were given or not.
    autoRollbackConfiguration: group.info.autoRollbackConfiguration ?? { enabled: false },
    ec2TagSet: group.info.ec2TagSet ?? { ec2TagSetList: [] },
    onPremisesTagSet: group.info.onPremisesTagSet ?? { onPremisesTagSetList: [] },
  };
}

export const getDeploymentGroup = codedeploy('getDeploymentGroup', atGroup, async (ctx, input) => {
  const { application, group } = await requireGroup(
    ctx.db,
    ctx,
    input.applicationName,
    input.deploymentGroupName,
  );
  return { deploymentGroupInfo: describe(application, group) };
});

export const batchGetDeploymentGroups = codedeploy(
  'batchGetDeploymentGroups',
  atEach(deploymentGroup, ({ applicationName, deploymentGroupNames = [] }) =>
    deploymentGroupNames.map((deploymentGroupName) => ({ applicationName, deploymentGroupName })),
  ),
  async (ctx, input, located) => {
    const names = located.map(({ groupName }) => groupName);
    if (names.length === 0) requireGroupName(undefined);
    checkBatch(names, MAX_BATCH_NAMES);
    const application = await requireApplication(ctx.db, ctx, input.applicationName);
    const found = await findGroups(ctx.db, application.applicationId, names);
    const groups = names.flatMap((name) => found.get(name) ?? []);
    const missing = names.filter((name) => !found.has(name));
    return {
      deploymentGroupsInfo: groups.map((group) => describe(application, group)),
      errorMessage:
        missing.length > 0 ? `No Deployment Group found for name: ${missing.join(', ')}` : '',
    };
  },
);

export const listDeploymentGroups = codedeploy(
  'listDeploymentGroups',
  onApplication,
  async (ctx, input, application) => {
    const { items, nextToken } = await page(
      ctx,
      asked(input),
      (after: string | undefined, limit) =>
        listGroupNames(ctx.db, application.applicationId, { after, limit }),
      (name) => name,
    );
    return { applicationName: application.name, deploymentGroups: items, nextToken };
  },
);

export const updateDeploymentGroup = codedeploy(
  'updateDeploymentGroup',
  at(deploymentGroup, ({ applicationName, currentDeploymentGroupName }) => ({
    applicationName,
    deploymentGroupName: currentDeploymentGroupName,
  })),
  async (ctx, input, located) => {
    const { groupName: name } = located;
    const newName = input.newDeploymentGroupName
      ? requireGroupName(input.newDeploymentGroupName)
      : name;
    const { platform: wanted } = await requireApplication(ctx.db, ctx, input.applicationName);
    const given = checkGroupInput(input, wanted);
    if (wanted === 'Server') refuseUnsupported(input);
    if (given.serviceRoleArn) await authorizeRole(ctx, given.serviceRoleArn, located.arn);
    const before = await deploymentGroup.find(ctx.db, located);
    const role = given.serviceRoleArn ?? before?.info.serviceRoleArn;
    const groupId = before?.groupId ?? '';
    // What is done under the role is for the group by the name that it has from now on, as deployments have it.
    const owner = ownerOf(ctx, input.applicationName, { groupId, name: newName });
    if (wanted === 'Server')
      await requireScalingGroups(ctx, owner, { ...given, serviceRoleArn: role });
    await ctx.transaction(async (tx) => {
      const { applicationId, platform } = await requireApplication(tx, ctx, input.applicationName);
      const group = await findGroup(tx, applicationId, name);
      if (group?.groupId !== before?.groupId || !group) throw groupDoesNotExist(name);
      if (newName !== name && (await findGroup(tx, applicationId, newName)))
        throw alreadyExists(newName);
      if (given.deploymentConfigName)
        await requireConfigOf(tx, ctx, given.deploymentConfigName, platform);
      const own = platform === 'Server' ? {} : checkShiftGroup(platform, input, group.info);
      const info = { ...group.info, ...given, ...own };
      if (platform === 'Server') checkTraffic(info);
      await checkServiceIsFree(tx, ctx, info, group.groupId);
      info.autoScalingGroups = await planHooks(tx, ctx, owner, info);
      await updateGroup(tx, { ...group, name: newName, info });
    });
    const settled = await putHooks(ctx, owner, async (tx) => {
      const changed = await findGroupById(tx, groupId);
      if (!before || !changed) return;
      const { targetRevision, lastAttemptedDeployment, lastSuccessfulDeployment } = changed.info;
      const since = { targetRevision, lastAttemptedDeployment, lastSuccessfulDeployment };
      const info = { ...before.info, ...since };
      const was = ownerOf(ctx, input.applicationName, before);
      info.autoScalingGroups = await planHooks(tx, ctx, was, info);
      await updateGroup(tx, { ...changed, name, info });
    });
    return { hooksNotCleanedUp: notCleanedUp(settled) };
  },
);

export const deleteDeploymentGroup = codedeploy(
  'deleteDeploymentGroup',
  atGroup,
  async (ctx, _input, located) => {
    const groupId = await ctx.transaction(async (tx) => {
      const group = await deploymentGroup.find(tx, located);
      if (!group) return undefined;
      await planHooks(tx, ctx, ownerOf(ctx, located.applicationName, group), undefined);
      for (const { deploymentId } of await activeDeployments(tx, group.groupId)) {
        await ctx.engine.wake(tx, DEPLOYMENT, deploymentId);
      }
      await deleteGroup(tx, group.groupId);
      return group.groupId;
    });
    if (groupId === undefined) return { hooksNotCleanedUp: [] };
    return { hooksNotCleanedUp: notCleanedUp(await settleHooks(ctx, groupId)) };
  },
);
