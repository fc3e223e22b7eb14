import {
  CreateTaskSetCommand,
  DeleteTaskSetCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  type Service,
  type TaskSet,
  UpdateServicePrimaryTaskSetCommand,
} from '@aws-sdk/client-ecs';
import { parseArn } from '../../../../aws/arn.ts';
import { isAwsError } from '../../../../aws/errors.ts';
import type { EcsSpec } from '../../model/appspec/shift-spec.ts';
import * as messages from '../../model/messages.ts';
import type { EcsPlan, ShiftState, TaskSetFacts } from '../../model/strategies/shift-state.ts';
import { isNetwork } from '../../model/strategies/weights.ts';
import { asRoleOf } from '../as-role.ts';
import { appSpecOf } from './appspec.ts';
import { type Answer, asked, type Outside, Refused, type ShiftDriver } from './driver.ts';
import { groupArns, rulesOf, shiftListener } from './listeners.ts';

/** How often a task set is looked at that is not steady yet. */
const LOOK_MS = 5_000;
const UPDATE = { service: 'AmazonECS', code: 'ECS_UPDATE_ERROR' } as const;
const LOOKUP = { service: 'AmazonECS', code: 'INVALID_ECS_SERVICE' } as const;

export const ecsDriver: ShiftDriver = {
  async perform(outside, call): Promise<Answer> {
    if (call.type === 'resolve') return { done: await resolve(outside) };
    const plan = outside.shift.plan as EcsPlan;
    const { blue, green, prodListener, testListener } = plan;
    const pair = { blue: blue.group, green: green.group };
    switch (call.type) {
      case 'install':
        return { done: await install(outside, plan) };
      case 'steady':
        return lookWhetherSteady(outside, plan, call.side);
      case 'route':
        await shiftListener(outside, prodListener, { ...pair, percent: call.percent });
        return { done: { weight: call.percent } };
      case 'testRoute':
        if (testListener !== undefined)
          await shiftListener(outside, testListener, { ...pair, percent: call.percent });
        return { done: {} };
      case 'promote':
        return { done: await promote(outside, plan, call.side) };
      case 'remove':
        return { done: await remove(outside, plan, call.side) };
    }
  },
};

type Named = Pick<EcsPlan, 'cluster' | 'service'>;

async function findService(outside: Outside, { cluster, service }: Named): Promise<Service> {
  const ecs = outside.client(ECSClient);
  const request = new DescribeServicesCommand({ cluster, services: [service] });
  const { services = [] } = await asked(outside, LOOKUP, ecs.send(request));
  const found = services.find(({ status }) => status === 'ACTIVE');
  if (!found) throw new Refused(LOOKUP.code, messages.noService(cluster, service));
  return found;
}

const isPrimary = ({ status }: TaskSet) => status === 'PRIMARY';

/** What there is for the AppSpec: the service with one task set, and the other side of its pair of target groups (CD-LCE-02). */
async function resolve(outside: Outside): Promise<Partial<ShiftState>> {
  const spec = (await appSpecOf(outside)) as EcsSpec;
  const { ecsServices = [], loadBalancerInfo } = outside.group?.info ?? {};
  const [{ clusterName: cluster = '', serviceName: service = '' } = {}] = ecsServices;
  const [pair] = loadBalancerInfo?.targetGroupPairInfoList ?? [];
  const found = await findService(outside, { cluster, service });
  if (found.deploymentController?.type !== 'CODE_DEPLOY')
    throw new Refused(LOOKUP.code, messages.otherController(service));
  const primary = found.taskSets?.find(isPrimary);
  if (!primary?.id) throw new Refused(LOOKUP.code, messages.noPrimary(service));
  const names = (pair?.targetGroups ?? []).map(({ name = '' }) => name);
  const arns = await groupArns(outside, names);
  const bound = primary.loadBalancers?.find(({ targetGroupArn = '' }) =>
    arns.includes(targetGroupArn),
  );
  const blue = bound?.targetGroupArn;
  const green = arns.find((arn) => arn !== blue);
  if (!blue || !green) throw new Refused(LOOKUP.code, messages.otherGroups(service, names));
  const [prodListener = ''] = pair?.prodTrafficRoute?.listenerArns ?? [];
  const [testListener] = pair?.testTrafficRoute?.listenerArns ?? [];
  await checkListeners(outside, { blue, green }, [prodListener, testListener]);
  const { containerName = '', containerPort = 0 } = bound ?? {};
  const plan: EcsPlan = {
    ...{ ...placementOf(spec, primary), cluster, service },
    externalId: outside.deployment.deploymentId,
    before: { taskDefinition: primary.taskDefinition ?? '', containerName, containerPort },
    blue: { group: blue, taskSet: primary.id },
    ...{ green: { group: green }, prodListener, ...(testListener && { testListener }) },
  };
  return { plan, taskSets: factsOf(found, plan) };
}

/** Where the AppSpec says nothing, the new task set is placed as the one before. */
function placementOf(spec: EcsSpec, primary: TaskSet) {
  const { platformVersion = primary.platformVersion, network = primary.networkConfiguration } =
    spec;
  const capacityProviders = spec.capacityProviders ?? primary.capacityProviderStrategy ?? [];
  const byProviders = capacityProviders.length > 0;
  return {
    ...spec,
    ...(platformVersion !== undefined && { platformVersion }),
    ...(network && { network }),
    ...(byProviders && { capacityProviders }),
    ...(!byProviders && primary.launchType && { launchType: primary.launchType }),
  };
}

async function checkListeners(
  outside: Outside,
  pair: { blue: string; green: string },
  listeners: readonly (string | undefined)[],
): Promise<void> {
  for (const listener of listeners) {
    if (listener === undefined) continue;
    await rulesOf(outside, listener, pair);
    if (isNetwork(listener) && outside.shift.routing.type !== 'AllAtOnce')
      throw new Refused('ELASTIC_LOAD_BALANCING_INVALID', messages.NETWORK_ALL_AT_ONCE);
  }
}

/** What an earlier deployment has left beside the first task set makes room; the new one is made once. */
async function install(outside: Outside, plan: EcsPlan): Promise<Partial<ShiftState>> {
  const { externalId, green } = plan;
  const { taskSets = [] } = await findService(outside, plan);
  const made = taskSets.find((set) => set.externalId === externalId);
  const left = taskSets.filter(
    (set) =>
      set !== made && !isPrimary(set) && set.status !== 'DRAINING' && isLeft(set, green.group),
  );
  for (const { id } of left) {
    if (id !== undefined) await removeTaskSet(outside, plan, id);
  }
  const taskSet = made ?? (await makeTaskSet(outside, plan));
  if (!taskSet?.id) throw new Refused(UPDATE.code, messages.NO_TASK_SET);
  return { plan: { ...plan, green: { ...green, taskSet: taskSet.id } } };
}

const isLeft = ({ externalId = '', loadBalancers = [] }: TaskSet, group: string) =>
  /^d-[A-Z0-9]+$/.test(externalId) &&
  loadBalancers.some(({ targetGroupArn }) => targetGroupArn === group);

/**
 * Whoever makes tasks hands them their roles: the service role has to be allowed that, as its upstream knows the server alone. What
 * the roles are is read as CodeDeploy itself, for the role need not be allowed to look.
 */
async function mayPassRoles(outside: Outside, taskDefinition: string): Promise<void> {
  const { platform, deployment } = outside;
  const { roleArn, ...itself } = asRoleOf(deployment);
  const ecs = platform.client(ECSClient, itself);
  const found = await asked(
    outside,
    UPDATE,
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition })),
  );
  const { taskRoleArn, executionRoleArn } = found.taskDefinition ?? {};
  const conditions = { 'iam:passedtoservice': 'ecs-tasks.amazonaws.com' };
  for (const passed of new Set([taskRoleArn, executionRoleArn])) {
    if (!passed) continue;
    if (parseArn(passed)?.accountId !== deployment.accountId)
      throw new Refused('IAM_ROLE_PERMISSIONS', messages.otherAccountsRole(roleArn, passed));
    const may = platform.authorizeAs({ ...itself, roleArn }, 'iam:PassRole', passed, {
      conditions,
    });
    await asked(outside, UPDATE, may);
  }
}

async function makeTaskSet(outside: Outside, plan: EcsPlan): Promise<TaskSet | undefined> {
  const { cluster, service, externalId, taskDefinition, containerName, containerPort } = plan;
  const { platformVersion, launchType, network, capacityProviders, green } = plan;
  await mayPassRoles(outside, taskDefinition);
  const request = new CreateTaskSetCommand({
    ...{ cluster, service, externalId, taskDefinition },
    clientToken: externalId,
    loadBalancers: [{ targetGroupArn: green.group, containerName, containerPort }],
    scale: { value: 100, unit: 'PERCENT' },
    ...{ platformVersion, launchType },
    networkConfiguration: network,
    capacityProviderStrategy: capacityProviders,
  });
  const { taskSet } = await asked(outside, UPDATE, outside.client(ECSClient).send(request));
  return taskSet;
}

async function lookWhetherSteady(
  outside: Outside,
  plan: EcsPlan,
  side: 'blue' | 'green',
): Promise<Answer> {
  const found = await findService(outside, plan);
  const seen = { taskSets: factsOf(found, plan) };
  const wanted = found.taskSets?.find(({ id }) => id === plan[side].taskSet);
  if (!wanted || wanted.status === 'DRAINING')
    return { trouble: { code: UPDATE.code, message: messages.taskSetGone(side) } };
  if (wanted.stabilityStatus === 'STEADY_STATE') return { done: seen };
  return { again: outside.platform.clock.now().getTime() + LOOK_MS, seen };
}

async function promote(
  outside: Outside,
  plan: EcsPlan,
  side: 'blue' | 'green',
): Promise<Partial<ShiftState>> {
  const { cluster, service } = plan;
  const primaryTaskSet = plan[side].taskSet;
  const before = await findService(outside, plan);
  if (!before.taskSets?.some((set) => isPrimary(set) && set.id === primaryTaskSet)) {
    const request = new UpdateServicePrimaryTaskSetCommand({ cluster, service, primaryTaskSet });
    await asked(outside, UPDATE, outside.client(ECSClient).send(request));
  }
  return { taskSets: factsOf(await findService(outside, plan), plan) };
}

async function remove(
  outside: Outside,
  plan: EcsPlan,
  side: 'blue' | 'green',
): Promise<Partial<ShiftState>> {
  const { externalId } = plan;
  const { taskSets = [] } = await findService(outside, plan);
  const wanted = plan[side].taskSet;
  // A task set may have been made though nobody could say so any more.
  const own = taskSets.find(({ id, externalId: by }) =>
    wanted === undefined ? by === externalId : id === wanted,
  );
  if (own && own.status !== 'DRAINING') {
    if (isPrimary(own)) throw new Refused(UPDATE.code, messages.PRIMARY_STAYS);
    await removeTaskSet(outside, plan, own.id ?? '');
  }
  return { taskSets: factsOf(await findService(outside, plan), plan) };
}

/** What is gone, as its removal's lost answer would have said, is removed. */
async function removeTaskSet(outside: Outside, plan: EcsPlan, taskSet: string): Promise<void> {
  const { cluster, service } = plan;
  const request = new DeleteTaskSetCommand({ cluster, service, taskSet, force: true });
  const done = outside.client(ECSClient).send(request);
  await asked(
    outside,
    UPDATE,
    done.catch((error) => {
      if (!isAwsError(error, 'TaskSetNotFoundException')) throw error;
    }),
  );
}

const LONGEST = 256;
const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, LONGEST) : '');
const count = (value: unknown) => (Number.isSafeInteger(value) ? Number(value) : 0);

/** The two task sets of a deployment as ECS has them now. */
function factsOf({ taskSets = [] }: Service, { blue, green, externalId }: EcsPlan): TaskSetFacts[] {
  return taskSets.flatMap((set): TaskSetFacts[] => {
    const isGreen = set.id === green.taskSet || set.externalId === externalId;
    if (!isGreen && set.id !== blue.taskSet) return [];
    const createdAt = set.createdAt instanceof Date ? set.createdAt.getTime() : undefined;
    return [
      {
        ...{ id: text(set.id), label: isGreen ? 'Green' : 'Blue', status: text(set.status) },
        group: isGreen ? green.group : blue.group,
        ...{ desired: count(set.computedDesiredCount), pending: count(set.pendingCount) },
        running: count(set.runningCount),
        ...(createdAt && { createdAt }),
      },
    ];
  });
}
