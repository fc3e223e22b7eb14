import * as sdk from '@aws-sdk/client-codedeploy';
import * as ecs from '@aws-sdk/client-ecs';
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { makeUpstream, refused, type Upstream } from '../../testing/upstream.ts';
import { ACCOUNT, type World, world } from '../../testing.ts';
import elbv2 from '../elbv2/index.ts';
import codedeploy from './index.ts';
import { appSpec, deploymentOf, GROUP, hookCalls, makeRole, ROLE, targetOf } from './testing.ts';

const MINUTE = 60_000;
const TASK_ROLES = {
  taskRoleArn: `arn:aws:iam::${ACCOUNT}:role/task`,
  executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/execution`,
};
const [PROD, TEST] = [18_190, 18_191];

eachDialect('deployments to ECS', (makeDatabase) => {
  let server: World;
  let upstream: Upstream;
  let client: sdk.CodeDeployClient;
  let elb: ElasticLoadBalancingV2Client;
  let groups: Record<string, string>;
  let listeners: string[];
  /** The service's task sets as the stub has them. */
  let taskSets: ecs.TaskSet[];

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    upstream = await makeUpstream([ecs, lambda], answers());
    server = await world(makeDatabase, [codedeploy, elbv2]);
    Object.assign(server.platform.config.upstream, { ecs: upstream.url, lambda: upstream.url });
    client = server.client(sdk.CodeDeployClient);
    elb = server.client(ElasticLoadBalancingV2Client);
    // Listeners are open when the call that makes them has answered.
    await server.start();
    await makeRole(server);
    await makeBalancer();
    taskSets = [
      {
        ...{ id: 'ecs-svc/1', status: 'PRIMARY', taskDefinition: 'shop:1', launchType: 'FARGATE' },
        loadBalancers: [{ targetGroupArn: groups.one, containerName: 'web', containerPort: 80 }],
        ...{ computedDesiredCount: 2, runningCount: 2, pendingCount: 0 },
        stabilityStatus: 'STEADY_STATE',
      },
    ];
    await client.send(
      new sdk.CreateApplicationCommand({ applicationName: 'app', computePlatform: 'ECS' }),
    );
  });
  afterEach(async () => {
    await server.stop();
    await upstream.close();
    vi.unstubAllEnvs();
    expect(server.failures).toEqual([]);
  });

  /** Waits until nobody has anything to do. */
  const quiet = () => server.platform.engine.idle();

  /** ECS, with the one service `prod:shop`. */
  function answers() {
    const service = () => ({
      ...{ serviceName: 'shop', status: 'ACTIVE', taskSets },
      deploymentController: { type: 'CODE_DEPLOY' },
    });
    return {
      DescribeServices: ({ cluster, services }: Record<string, unknown>) => ({
        services: cluster === 'prod' && String(services) === 'shop' ? [service()] : [],
      }),
      DescribeTaskDefinition: ({ taskDefinition }: Record<string, unknown>) => ({
        taskDefinition: { family: 'shop', ...(taskDefinition === 'shop:2' && TASK_ROLES) },
      }),
      CreateTaskSet({ externalId, taskDefinition, loadBalancers }: Record<string, unknown>) {
        const made = {
          ...{ id: 'ecs-svc/2', status: 'ACTIVE', externalId, taskDefinition, loadBalancers },
          ...{ computedDesiredCount: 2, runningCount: 0, pendingCount: 2 },
          stabilityStatus: 'STABILIZING',
        } as ecs.TaskSet;
        taskSets.push(made);
        return { taskSet: made };
      },
      UpdateServicePrimaryTaskSet({ primaryTaskSet }: Record<string, unknown>) {
        for (const set of taskSets) set.status = set.id === primaryTaskSet ? 'PRIMARY' : 'ACTIVE';
        return { taskSet: taskSets.find(({ id }) => id === primaryTaskSet) };
      },
      DeleteTaskSet({ taskSet }: Record<string, unknown>) {
        const found = taskSets.find(({ id }) => id === taskSet);
        if (!found) refused('TaskSetNotFoundException', 'none');
        if (found?.status === 'PRIMARY') refused('InvalidParameterException', 'it is primary');
        taskSets = taskSets.filter((set) => set !== found);
        return { taskSet: { ...found, status: 'DRAINING' } };
      },
      Invoke: () => ({ StatusCode: 202 }),
    };
  }

  async function makeBalancer() {
    const Subnets = ['subnet-1', 'subnet-2'];
    const made = await elb.send(new CreateLoadBalancerCommand({ Name: 'web', Subnets }));
    const LoadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    groups = {};
    for (const Name of ['one', 'two']) {
      const request = {
        Name,
        Protocol: 'HTTP' as const,
        Port: 80,
        VpcId: 'vpc-1',
        TargetType: 'ip' as const,
      };
      const { TargetGroups } = await elb.send(new CreateTargetGroupCommand(request));
      groups[Name] = TargetGroups?.[0]?.TargetGroupArn ?? '';
    }
    listeners = [];
    for (const Port of [PROD, TEST]) {
      const DefaultActions: Action[] = [{ Type: 'forward', TargetGroupArn: groups.one }];
      const { Listeners } = await elb.send(
        new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port, DefaultActions }),
      );
      listeners.push(Listeners?.[0]?.ListenerArn ?? '');
    }
    const fixed: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } };
    const rules: [string, Action][] = [
      ['/api', { Type: 'forward', TargetGroupArn: groups.one }],
      ['/health', fixed],
    ];
    for (const [index, [path, action]] of rules.entries())
      await elb.send(
        new CreateRuleCommand({
          ...{ ListenerArn: listeners[0], Priority: index + 1, Actions: [action] },
          Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [path] } }],
        }),
      );
  }

  /** How much of what each rule of a listener forwards goes to the second group; `-` where it forwards nothing. */
  async function weights(listener = listeners[0]): Promise<string> {
    const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn: listener }));
    const shares = Rules.map(({ Actions: [action] = [] }) => {
      const { TargetGroups = [] } = action?.ForwardConfig ?? {};
      if (action?.Type !== 'forward') return '-';
      const second = TargetGroups.find(({ TargetGroupArn }) => TargetGroupArn === groups.two);
      return String(second?.Weight ?? 0);
    });
    return shares.join();
  }
  const group = (more: Partial<sdk.CreateDeploymentGroupCommandInput> = {}) =>
    client.send(
      new sdk.CreateDeploymentGroupCommand({
        ...{ ...GROUP, serviceRoleArn: ROLE },
        ecsServices: [{ clusterName: 'prod', serviceName: 'shop' }],
        loadBalancerInfo: { targetGroupPairInfoList: [pair({})] },
        ...more,
      }),
    );
  const pair = (more: Partial<sdk.TargetGroupPairInfo>): sdk.TargetGroupPairInfo => ({
    targetGroups: [{ name: 'one' }, { name: 'two' }],
    prodTrafficRoute: { listenerArns: listeners.slice(0, 1) },
    testTrafficRoute: { listenerArns: listeners.slice(1) },
    ...more,
  });
  const spec = (hooks: object[] = [], more: object = {}) =>
    appSpec(
      {
        Type: 'AWS::ECS::Service',
        Properties: {
          TaskDefinition: 'shop:2',
          LoadBalancerInfo: { ContainerName: 'web', ContainerPort: 80 },
          ...more,
        },
      },
      hooks,
    );
  async function deploy(revision = spec(), more: Partial<sdk.CreateDeploymentCommandInput> = {}) {
    const made = await client.send(
      new sdk.CreateDeploymentCommand({ ...GROUP, revision, ...more }),
    );
    await quiet();
    return made.deploymentId ?? '';
  }
  async function later(ms: number) {
    server.clock.advance(ms);
    await quiet();
  }
  async function steady() {
    const green = taskSets.find(({ id }) => id === 'ecs-svc/2');
    Object.assign(green ?? {}, {
      stabilityStatus: 'STEADY_STATE',
      runningCount: 2,
      pendingCount: 0,
    });
    await later(5000);
  }
  async function tell(status: sdk.LifecycleEventStatus) {
    const call = hookCalls(upstream).at(-1);
    await client.send(
      new sdk.PutLifecycleEventHookExecutionStatusCommand({
        deploymentId: call?.DeploymentId,
        lifecycleEventHookExecutionId: call?.LifecycleEventHookExecutionId,
        status,
      }),
    );
    await quiet();
  }
  const state = async (deploymentId: string) => {
    const { status, errorInformation } = await deploymentOf(client, deploymentId);
    return [status, errorInformation?.code].filter(Boolean).join(' ');
  };
  const primary = () => taskSets.find(({ status }) => status === 'PRIMARY')?.id;
  const onFailure = { enabled: true, events: ['DEPLOYMENT_FAILURE' as const] };

  it('CD-LCE-01 to 04: a second task set, test traffic, ten percent, all of it, and the first one goes', async () => {
    await group({
      deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
      blueGreenDeploymentConfiguration: {
        terminateBlueInstancesOnDeploymentSuccess: {
          ...{ action: 'TERMINATE', terminationWaitTimeInMinutes: 5 },
        },
      },
    });
    const id = await deploy(spec([{ AfterAllowTestTraffic: 'check' }]));
    const created = upstream.calls.filter(({ operation }) => operation === 'CreateTaskSet');
    expect(created.map(({ input }) => input)).toMatchObject([
      {
        ...{ externalId: id, clientToken: id, taskDefinition: 'shop:2', launchType: 'FARGATE' },
        loadBalancers: [{ targetGroupArn: groups.two, containerName: 'web', containerPort: 80 }],
      },
    ]);
    expect(await weights(listeners[1])).toBe('0');
    await steady();
    expect([await weights(listeners[1]), await weights()]).toEqual(['100', '0,-,0']);
    await tell('Succeeded');
    expect(await weights()).toBe('10,-,10');
    expect(await targetOf(client, id)).toMatchObject({
      deploymentTargetType: 'ECSTarget',
      ecsTarget: {
        ...{ targetId: 'prod:shop', status: 'InProgress' },
        taskSetsInfo: [
          { identifer: 'ecs-svc/1', taskSetLabel: 'Blue', trafficWeight: 90, status: 'PRIMARY' },
          {
            ...{
              identifer: 'ecs-svc/2',
              taskSetLabel: 'Green',
              trafficWeight: 10,
              runningCount: 2,
            },
            targetGroup: { name: 'two' },
          },
        ],
      },
    });
    await later(5 * MINUTE);
    expect([await weights(), primary()]).toEqual(['100,-,100', 'ecs-svc/2']);
    expect(await deploymentOf(client, id)).toMatchObject({
      ...{ status: 'InProgress', instanceTerminationWaitTimeStarted: true },
    });
    await later(5 * MINUTE);
    expect([await state(id), taskSets.map((set) => set.id)]).toEqual(['Succeeded', ['ecs-svc/2']]);
    const { events } = await targetOf(client, id);
    expect(events).toHaveLength(8);
    expect(events.every((event) => event.endsWith(' Succeeded'))).toBe(true);
    const instances = client.send(new sdk.ListDeploymentInstancesCommand({ deploymentId: id }));
    await expect(instances).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidComputePlatformException' }),
    );
  });

  it('CD-LCE-05: what fails after traffic has been shifted leads back, and the second task set goes', async () => {
    await group({ autoRollbackConfiguration: onFailure });
    const id = await deploy(spec([{ AfterAllowTraffic: 'check' }]));
    await steady();
    expect([await weights(), primary()]).toEqual(['100,-,100', 'ecs-svc/2']);
    // What the group is by then is not what is taken back.
    await client.send(
      new sdk.UpdateDeploymentGroupCommand({
        ...{ applicationName: 'app', currentDeploymentGroupName: 'group' },
        blueGreenDeploymentConfiguration: {
          terminateBlueInstancesOnDeploymentSuccess: { terminationWaitTimeInMinutes: 7 },
        },
      }),
    );
    await tell('Failed');
    expect(await state(id)).toBe('Failed HOOK_EXECUTION_FAILURE');
    const { rollbackInfo } = await deploymentOf(client, id);
    const back = await deploymentOf(client, rollbackInfo?.rollbackDeploymentId);
    expect(back.status).toBe('Succeeded');
    const { blueGreenDeploymentConfiguration: before } = await deploymentOf(client, id);
    expect(back.blueGreenDeploymentConfiguration).toEqual(before);
    expect([await weights(), await weights(listeners[1]), primary()]).toEqual([
      '0,-,0',
      '0',
      'ecs-svc/1',
    ]);
    expect(taskSets.map((set) => set.id)).toEqual(['ecs-svc/1']);
  });

  it('a task set that is made, though nobody heard of it, is made once; one that does not become steady ends it', async () => {
    await group({ autoRollbackConfiguration: onFailure });
    const { CreateTaskSet } = upstream.answers;
    upstream.answers.CreateTaskSet = (input) => {
      CreateTaskSet?.(input);
      return refused('ServerException', 'the line went dead', 500);
    };
    const id = await deploy();
    await later(MINUTE);
    server.failures.length = 0;
    expect(taskSets.map((set) => set.id)).toEqual(['ecs-svc/1', 'ecs-svc/2']);
    expect((await targetOf(client, id)).events[1]).toBe('Install InProgress');
    await later(61 * MINUTE);
    expect(await state(id)).toBe('Failed TIMEOUT');
    expect([taskSets.map((set) => set.id), await weights()]).toEqual([['ecs-svc/1'], '0,-,0']);
    // Stopped with nothing taken back, the next one makes room.
    const left = await deploy();
    server.failures.length = 0;
    await client.send(
      new sdk.StopDeploymentCommand({ deploymentId: left, autoRollbackEnabled: false }),
    );
    await later(MINUTE);
    expect([await state(left), taskSets.length]).toEqual(['Stopped MANUAL_STOP', 2]);
    if (CreateTaskSet) upstream.answers.CreateTaskSet = CreateTaskSet;
    const next = await deploy();
    await steady();
    expect([await state(next), taskSets.length]).toEqual(['Succeeded', 1]);
    server.failures.length = 0;
  });

  it('a task gets no role that the service role may not pass', async () => {
    await group();
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: 'iam:PassRole', Resource: TASK_ROLES.executionRoleArn },
    });
    await server
      .client(IAMClient)
      .send(new PutRolePolicyCommand({ RoleName: 'deploy', PolicyName: 'no', PolicyDocument }));
    const id = await deploy();
    const { errorInformation } = await deploymentOf(client, id);
    expect(errorInformation).toMatchObject({
      code: 'IAM_ROLE_PERMISSIONS',
      message: expect.stringContaining('iam:PassRole'),
    });
    expect(taskSets.map((set) => set.id)).toEqual(['ecs-svc/1']);
  });

  it('what is not as it has to be is said, whatever ECS answers', async () => {
    await group();
    const failed = async (revision = spec()) => {
      const { errorInformation } = await deploymentOf(client, await deploy(revision));
      return [errorInformation?.code, errorInformation?.message].join(' ');
    };
    const { DescribeServices } = upstream.answers;
    const service = {
      serviceName: 'shop',
      status: 'ACTIVE',
      deploymentController: { type: 'ECS' },
    };
    const [first] = taskSets;
    const CODE_DEPLOY = { deploymentController: { type: 'CODE_DEPLOY' } };
    const cases: [object, RegExp][] = [
      [{ services: [] }, /^INVALID_ECS_SERVICE .*no active/],
      [{}, /^INVALID_ECS_SERVICE .*no active/],
      [{ services: [service] }, /^INVALID_ECS_SERVICE .*CODE_DEPLOY/],
      [{ services: [{ ...service, ...CODE_DEPLOY }] }, /^INVALID_ECS_SERVICE .*no primary/],
      [
        { services: [{ ...service, ...CODE_DEPLOY, taskSets: [{ ...first, loadBalancers: [] }] }] },
        /^INVALID_ECS_SERVICE .*behind none of the target groups one, two/,
      ],
    ];
    for (const [answer, message] of cases) {
      upstream.answers.DescribeServices = () => answer;
      expect(await failed()).toMatch(message);
    }
    if (DescribeServices) upstream.answers.DescribeServices = DescribeServices;
    expect(await failed(spec([{ AllowTraffic: 'x' }]))).toMatch(/^INVALID_REVISION .*AllowTraffic/);
    upstream.answers.CreateTaskSet = () => refused('ClientException', 'no such task definition');
    expect(await failed()).toMatch(/^ECS_UPDATE_ERROR .*no such task definition/);
    upstream.answers.CreateTaskSet = () => ({});
    expect(await failed()).toMatch(/^ECS_UPDATE_ERROR /);
  });

  it('groups: what ECS needs, and one group a service', async () => {
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        ({ name }: Error) => name.replace(/Exception$/, ''),
      );
    const list = (more: Partial<sdk.TargetGroupPairInfo>) => ({
      loadBalancerInfo: { targetGroupPairInfoList: [pair(more)] },
    });
    const ready = (
      actionOnTimeout: 'STOP_DEPLOYMENT' | 'CONTINUE_DEPLOYMENT',
      minutes: number,
    ) => ({
      blueGreenDeploymentConfiguration: {
        deploymentReadyOption: { actionOnTimeout, waitTimeInMinutes: minutes },
      },
    });
    const cases: [Partial<sdk.CreateDeploymentGroupCommandInput>, string][] = [
      [{ ecsServices: [] }, 'InvalidECSService'],
      [{ loadBalancerInfo: undefined }, 'InvalidLoadBalancerInfo'],
      [list({ targetGroups: [{ name: 'one' }, { name: 'one' }] }), 'InvalidTargetGroupPair'],
      [list({ prodTrafficRoute: { listenerArns: ['x'] } }), 'InvalidTargetGroupPair'],
      [list({ testTrafficRoute: {} }), 'InvalidTargetGroupPair'],
      [ready('STOP_DEPLOYMENT', 0), 'InvalidBlueGreenDeploymentConfiguration'],
      [ready('CONTINUE_DEPLOYMENT', 5), 'InvalidBlueGreenDeploymentConfiguration'],
      [ready('STOP_DEPLOYMENT', 7201), 'InvalidBlueGreenDeploymentConfiguration'],
      [ready('STOP_DEPLOYMENT', 10), 'none'],
      [{ deploymentGroupName: 'second' }, 'ECSServiceMappingLimitExceeded'],
    ];
    for (const [more, expected] of cases) expect(await code(group(more))).toBe(expected);
    // Nobody goes on with it: it stops, with the traffic where it was.
    const id = await deploy();
    await steady();
    expect(await state(id)).toBe('Ready');
    expect((await targetOf(client, id)).ecsTarget?.status).toBe('Ready');
    await later(10 * MINUTE);
    expect([await state(id), await weights()]).toEqual(['Stopped TIMEOUT', '0,-,0']);
    // Somebody goes on with the next, and does not wait for the first task set to go.
    await client.send(
      new sdk.UpdateDeploymentGroupCommand({
        ...{ applicationName: 'app', currentDeploymentGroupName: 'group' },
        blueGreenDeploymentConfiguration: {
          deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 10 },
          terminateBlueInstancesOnDeploymentSuccess: { terminationWaitTimeInMinutes: 2880 },
        },
      }),
    );
    const next = await deploy();
    await steady();
    const goOn = async (deploymentWaitType: sdk.DeploymentWaitType) => {
      await client.send(
        new sdk.ContinueDeploymentCommand({ deploymentId: next, deploymentWaitType }),
      );
      await quiet();
    };
    expect(await code(goOn('TERMINATION_WAIT'))).toBe('DeploymentIsNotInReadyState');
    await goOn('READY_WAIT');
    expect([await state(next), await weights()]).toEqual(['InProgress', '100,-,100']);
    await goOn('TERMINATION_WAIT');
    expect([await state(next), taskSets.length]).toEqual(['Succeeded', 1]);
    const told = server.events.map(({ detail }) => detail.state).filter(Boolean);
    expect(told).toEqual(['START', 'READY', 'STOP', 'START', 'READY', 'SUCCESS']);
    delete server.platform.config.upstream.ecs;
    await expect(group({ deploymentGroupName: 'other' })).rejects.toThrow(/SLIPWAY_UPSTREAM_ECS/);
  });
});
