import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import * as sdk from '@aws-sdk/client-codedeploy';
import * as lambda from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { makeUpstream, refused, type Upstream } from '../../testing/upstream.ts';
import { REGION, type World, world } from '../../testing.ts';
import cloudwatch from '../cloudwatch/index.ts';
import s3 from '../s3/index.ts';
import codedeploy from './index.ts';
import { appSpec, deploymentOf, GROUP, hookCalls, makeRole, ROLE, targetOf } from './testing.ts';

const MINUTE = 60_000;

eachDialect('deployments to Lambda', (makeDatabase) => {
  let server: World;
  let upstream: Upstream;
  let client: sdk.CodeDeployClient;
  /** The alias as the stub has it. */
  let alias: { FunctionVersion: string; weights: Record<string, number>; revision: number };
  /** Where the alias led, one after another. */
  let routes: string[];

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    [alias, routes] = [{ FunctionVersion: '1', weights: {}, revision: 1 }, []];
    upstream = await makeUpstream([lambda], {
      GetAlias: ({ FunctionName, Name }) =>
        FunctionName === 'shop' && Name === 'live'
          ? shown()
          : refused('ResourceNotFoundException', 'Cannot find alias arn', 404),
      UpdateAlias({ FunctionVersion, RoutingConfig, RevisionId }) {
        if (RevisionId !== String(alias.revision))
          refused('PreconditionFailedException', 'no', 412);
        const { AdditionalVersionWeights: weights = {} } =
          RoutingConfig as lambda.AliasRoutingConfiguration;
        alias = { FunctionVersion: String(FunctionVersion), weights, revision: alias.revision + 1 };
        const [[, weight] = []] = Object.entries(weights);
        routes.push(
          weight === undefined ? alias.FunctionVersion : `${alias.FunctionVersion}+${weight}`,
        );
        return shown();
      },
      Invoke: () => ({ StatusCode: 202 }),
    });
    server = await world(makeDatabase, [codedeploy, cloudwatch, s3]);
    server.platform.config.upstream.lambda = upstream.url;
    client = server.client(sdk.CodeDeployClient);
    await makeRole(server);
    await client.send(
      new sdk.CreateApplicationCommand({ applicationName: 'app', computePlatform: 'Lambda' }),
    );
  });
  afterEach(async () => {
    await server.stop();
    await upstream.close();
    vi.unstubAllEnvs();
    expect(server.failures).toEqual([]);
  });

  const shown = () => ({
    ...{ Name: 'live', FunctionVersion: alias.FunctionVersion, RevisionId: String(alias.revision) },
    RoutingConfig: { AdditionalVersionWeights: alias.weights },
  });
  const group = (more: Partial<sdk.CreateDeploymentGroupCommandInput> = {}) =>
    client.send(new sdk.CreateDeploymentGroupCommand({ ...GROUP, serviceRoleArn: ROLE, ...more }));
  const spec = (more: object = {}, hooks: object[] = []) =>
    appSpec(
      {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Name: 'shop',
          Alias: 'live',
          CurrentVersion: '1',
          TargetVersion: '2',
          ...more,
        },
      },
      hooks,
    );
  async function deploy(revision = spec(), more: Partial<sdk.CreateDeploymentCommandInput> = {}) {
    const made = await client.send(
      new sdk.CreateDeploymentCommand({ ...GROUP, revision, ...more }),
    );
    await server.runDue();
    return made.deploymentId ?? '';
  }
  async function later(ms: number) {
    server.clock.advance(ms);
    await server.runDue();
  }
  const tell = async (status: sdk.LifecycleEventStatus, call = hookCalls(upstream).at(-1)) => {
    await client.send(
      new sdk.PutLifecycleEventHookExecutionStatusCommand({
        deploymentId: call?.DeploymentId,
        lifecycleEventHookExecutionId: call?.LifecycleEventHookExecutionId,
        status,
      }),
    );
    await server.runDue();
  };
  const on = (...events: sdk.AutoRollbackEvent[]) => ({
    autoRollbackConfiguration: { enabled: true, events },
  });
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      ({ name }: Error) => name.replace(/Exception$/, ''),
    );
  const state = async (deploymentId: string) => {
    const { status, errorInformation } = await deploymentOf(client, deploymentId);
    return [status, errorInformation?.code].filter(Boolean).join(' ');
  };
  const toldStates = () =>
    server.events
      .filter((event) => event['detail-type'].startsWith('CodeDeploy'))
      .map(({ detail }) => detail.state);

  it('CD-LCL-02, CD-CFG-06: a canary is ten percent for five minutes, then all; hooks come before and after', async () => {
    await group({ deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes' });
    const hooks = [
      { BeforeAllowTraffic: 'CodeDeployHook_a' },
      { AfterAllowTraffic: 'CodeDeployHook_b' },
    ];
    const id = await deploy(spec({}, hooks));
    expect(hookCalls(upstream)).toMatchObject([
      { functionName: 'CodeDeployHook_a', DeploymentId: id },
    ]);
    expect([await state(id), routes]).toEqual(['InProgress', []]);
    await tell('Succeeded');
    expect(routes).toEqual(['1+0.1']);
    expect(await targetOf(client, id)).toMatchObject({
      deploymentTargetType: 'LambdaTarget',
      lambdaTarget: {
        ...{ targetId: 'shop', status: 'InProgress' },
        lambdaFunctionInfo: {
          ...{ functionName: 'shop', functionAlias: 'live', targetVersionWeight: 10 },
          ...{ currentVersion: '1', targetVersion: '2' },
        },
      },
      events: [
        'BeforeAllowTraffic Succeeded',
        'AllowTraffic InProgress',
        'AfterAllowTraffic Pending',
      ],
    });
    await later(5 * MINUTE - 1);
    expect(routes).toEqual(['1+0.1']);
    await later(1);
    expect(routes).toEqual(['1+0.1', '2']);
    expect(await state(id)).toBe('InProgress');
    await tell('Succeeded');
    expect(hookCalls(upstream).map(({ functionName }) => functionName)).toEqual([
      'CodeDeployHook_a',
      'CodeDeployHook_b',
    ]);
    expect(await deploymentOf(client, id)).toMatchObject({
      ...{ status: 'Succeeded', computePlatform: 'Lambda' },
      deploymentOverview: { Succeeded: 1, Failed: 0 },
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    });
    expect(toldStates()).toEqual(['START', 'SUCCESS']);
    const { deploymentGroupInfo } = await client.send(new sdk.GetDeploymentGroupCommand(GROUP));
    expect(deploymentGroupInfo?.lastSuccessfulDeployment?.deploymentId).toBe(id);
  });

  it('a linear configuration shifts step by step; all at once needs one', async () => {
    const timeBasedLinear = { linearPercentage: 40, linearInterval: 2 };
    await client.send(
      new sdk.CreateDeploymentConfigCommand({
        ...{ deploymentConfigName: 'forty', computePlatform: 'Lambda' },
        trafficRoutingConfig: { type: 'TimeBasedLinear', timeBasedLinear },
      }),
    );
    await group({ deploymentConfigName: 'forty' });
    const id = await deploy();
    await later(2 * MINUTE);
    expect(routes).toEqual(['1+0.4', '1+0.8']);
    await later(2 * MINUTE);
    expect([routes.at(-1), await state(id)]).toEqual(['2', 'Succeeded']);
    const back = spec({ CurrentVersion: 2, TargetVersion: 3 });
    const second = await deploy(back, {
      deploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce',
    });
    expect([routes.at(-1), await state(second)]).toEqual(['3', 'Succeeded']);
  });

  it('CD-LCL-03, CD-LCL-04, CD-ROL-02: a hook that says Failed rolls back to where traffic came from', async () => {
    await group({
      ...on('DEPLOYMENT_FAILURE'),
      deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
    });
    const id = await deploy(spec({}, [{ AfterAllowTraffic: 'after' }]));
    await later(5 * MINUTE);
    expect(routes).toEqual(['1+0.1', '2']);
    await tell('Failed');
    expect(await state(id)).toBe('Failed HOOK_EXECUTION_FAILURE');
    expect((await targetOf(client, id)).events.at(-1)).toBe('AfterAllowTraffic Failed');
    expect(routes.at(-1)).toBe('1');
    const { rollbackInfo } = await deploymentOf(client, id);
    const back = await deploymentOf(client, rollbackInfo?.rollbackDeploymentId);
    expect(back).toMatchObject({
      ...{ status: 'Succeeded', creator: 'codeDeployRollback' },
      rollbackInfo: { rollbackTriggeringDeploymentId: id },
    });
    // The group's first deployment: what it goes back to is said by an AppSpec of its own.
    const revision = { ...back.revision };
    const registered = await client.send(
      new sdk.GetApplicationRevisionCommand({ applicationName: 'app', revision }),
    );
    const content = JSON.parse(registered.revision?.appSpecContent?.content ?? '{}');
    expect(content.Resources[0].TargetFunction.Properties).toMatchObject({ TargetVersion: '1' });
    expect(await code(tell('Succeeded'))).toBe('LifecycleEventAlreadyCompleted');
  });

  it('a hook that says nothing for an hour has failed; before traffic nothing is taken back', async () => {
    await group(on('DEPLOYMENT_FAILURE'));
    const id = await deploy(spec({}, [{ BeforeAllowTraffic: 'before' }]));
    await later(60 * MINUTE - 1);
    expect(await state(id)).toBe('InProgress');
    await later(1);
    expect(await state(id)).toBe('Failed HOOK_EXECUTION_FAILURE');
    expect(routes).toEqual([]);
    const { rollbackInfo } = await deploymentOf(client, id);
    expect(rollbackInfo).toMatchObject({
      rollbackMessage: expect.stringContaining('changed nothing'),
    });
    expect(rollbackInfo?.rollbackDeploymentId).toBeUndefined();
  });

  it('CD-DP-14: who may say what of a hook', async () => {
    await group();
    const id = await deploy(spec({}, [{ BeforeAllowTraffic: 'before' }]));
    const put = (more: object) =>
      code(
        client.send(
          new sdk.PutLifecycleEventHookExecutionStatusCommand({
            ...{ deploymentId: id, status: 'Succeeded' },
            lifecycleEventHookExecutionId: hookCalls(upstream)[0]?.LifecycleEventHookExecutionId,
            ...more,
          }),
        ),
      );
    expect(await put({ status: 'Skipped' })).toBe('InvalidLifecycleEventHookExecutionStatus');
    for (const lifecycleEventHookExecutionId of ['x', '', undefined, 'y'.repeat(5000)])
      expect(await put({ lifecycleEventHookExecutionId })).toBe(
        'InvalidLifecycleEventHookExecutionId',
      );
    expect(await put({ deploymentId: 'd-NOBODY' })).toBe('DeploymentDoesNotExist');
    expect(await put({})).toBe('none');
    expect(await put({ status: 'Failed' })).toBe('LifecycleEventAlreadyCompleted');
    await server.runDue();
    expect(await state(id)).toBe('Succeeded');
  });

  it('CD-DGF-07: an alarm in the middle stops the deployment, and shifts back', async () => {
    const cw = server.client(CloudWatchClient);
    const alarm = {
      AlarmName: 'errors',
      MetricName: 'm',
      Namespace: 'n',
      Period: 60,
      Threshold: 1,
    };
    await cw.send(
      new PutMetricAlarmCommand({
        ...{ ...alarm, EvaluationPeriods: 1, Statistic: 'Sum' },
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await group({
      ...on('DEPLOYMENT_STOP_ON_ALARM'),
      deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      alarmConfiguration: { enabled: true, alarms: [{ name: 'errors' }] },
    });
    const id = await deploy();
    expect(routes).toEqual(['1+0.1']);
    await cw.send(
      new SetAlarmStateCommand({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'r' }),
    );
    await server.runDue();
    expect(await state(id)).toBe('Stopped ALARM_ACTIVE');
    expect(routes).toEqual(['1+0.1', '1']);
    expect(toldStates()).toEqual(['START', 'STOP', 'START', 'SUCCESS']);
  });

  it('CD-ROL-01: a stop leaves traffic where it is, unless it asks for a rollback', async () => {
    await group({ deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes' });
    const stop = async (autoRollbackEnabled?: boolean) => {
      const deploymentId = await deploy();
      await client.send(new sdk.StopDeploymentCommand({ deploymentId, autoRollbackEnabled }));
      await server.runDue();
      return deploymentId;
    };
    const first = await stop();
    expect([await state(first), routes]).toEqual(['Stopped MANUAL_STOP', ['1+0.1']]);
    const second = await stop(true);
    expect([await state(second), routes.at(-1)]).toEqual(['Stopped MANUAL_STOP', '1']);
    await later(60 * MINUTE);
    expect(routes).toHaveLength(3);
  });

  it('what the AppSpec asks for has to be there, and is said with its place', async () => {
    await group();
    const failed = async (revision: sdk.RevisionLocation) => {
      const id = await deploy(revision);
      const { errorInformation } = await deploymentOf(client, id);
      return [errorInformation?.code, errorInformation?.message].join(' ');
    };
    expect(await failed(spec({ CurrentVersion: '7' }))).toMatch(
      /^INVALID_LAMBDA_CONFIGURATION .*live leads to the version 1, and not to 7/,
    );
    expect(await failed(spec({ Alias: 'none' }))).toMatch(/^INVALID_LAMBDA_FUNCTION .*Cannot find/);
    expect(await failed(spec({ TargetVersion: '1' }))).toMatch(
      /^INVALID_REVISION .*missing or has an invalid configuration.* \(line 1, column \d+\)$/,
    );
    expect(await failed(appSpec({ Type: 'AWS::ECS::Service' }))).toMatch(/^INVALID_REVISION/);
    upstream.answers.UpdateAlias = () => refused('AccessDeniedException', 'you may not', 403);
    expect(await failed(spec())).toMatch(/^IAM_ROLE_PERMISSIONS .*AWSLambda.*you may not/);
    upstream.answers.GetAlias = () => ({ FunctionVersion: undefined, Name: 'x'.repeat(9000) });
    expect(await failed(spec())).toMatch(/^INVALID_LAMBDA_CONFIGURATION/);
  });

  it('whoever has led the alias elsewhere meanwhile is not overruled', async () => {
    await group({ deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes' });
    const id = await deploy();
    alias = { FunctionVersion: '9', weights: {}, revision: 50 };
    await later(5 * MINUTE);
    expect([await state(id), routes]).toEqual(['Failed INVALID_LAMBDA_CONFIGURATION', ['1+0.1']]);
  });

  it('an alias that somebody changed in between is read again, also where that was this very call', async () => {
    await group();
    const { UpdateAlias } = upstream.answers;
    const answers = ['PreconditionFailedException', 'ResourceConflictException'];
    upstream.answers.UpdateAlias = (input) => {
      UpdateAlias?.(input);
      const name = answers.shift();
      return name ? refused(name, 'no', name.startsWith('P') ? 412 : 409) : shown();
    };
    const id = await deploy();
    expect([await state(id), routes]).toEqual(['InProgress', ['2']]);
    await later(1000);
    await later(1000);
    expect([await state(id), routes]).toEqual(['Succeeded', ['2', '2', '2']]);
  });

  it('calls of a group follow each other: a rollback waits for one that runs though its deployment has ended', async () => {
    await group();
    const { UpdateAlias } = upstream.answers;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      upstream.answers.UpdateAlias = async (input) => {
        resolve();
        await held;
        upstream.answers.UpdateAlias = UpdateAlias ?? (() => ({}));
        return UpdateAlias?.(input) ?? {};
      };
    });
    const made = await client.send(
      new sdk.CreateDeploymentCommand({
        ...{ ...GROUP, revision: spec() },
        ...on('DEPLOYMENT_FAILURE'),
      }),
    );
    const done = server.runDue();
    await begun;
    // Nobody waits for it any more; whatever it does, it does before what follows.
    const { settle } = await import('./reconcilers/deployment.ts');
    server.clock.advance(61 * MINUTE);
    const { platform } = server;
    const id = made.deploymentId ?? '';
    await platform.transaction((tx) => settle(platform, tx, id, () => undefined));
    expect(await state(id)).toBe('Failed TIMEOUT');
    goOn();
    await done;
    await server.runDue();
    const { rollbackInfo } = await deploymentOf(client, id);
    expect(await state(rollbackInfo?.rollbackDeploymentId ?? '')).toBe('Succeeded');
    expect(routes).toEqual(['2', '1']);
  });

  it('Lambda that is away for a moment is asked again', async () => {
    await group();
    const { GetAlias } = upstream.answers;
    upstream.answers.GetAlias = () => refused('ServiceException', 'busy', 500);
    const made = await client.send(new sdk.CreateDeploymentCommand({ ...GROUP, revision: spec() }));
    const id = made.deploymentId ?? '';
    await server.runDue();
    expect(await state(id)).toBe('Created');
    if (GetAlias) upstream.answers.GetAlias = GetAlias;
    await later(6 * MINUTE);
    expect(await state(id)).toBe('Succeeded');
    server.failures.length = 0;
  });

  it('CD-REV-01: an AppSpec in S3, with its ETag', async () => {
    await group();
    const bucket = server.client(S3Client);
    const Bucket = 'specs';
    await bucket.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    const Body = spec().appSpecContent?.content;
    const { ETag } = await bucket.send(new PutObjectCommand({ Bucket, Key: 'a.json', Body }));
    const of = (more: Partial<sdk.S3Location>) => ({
      revisionType: 'S3' as const,
      s3Location: { bucket: Bucket, key: 'a.json', bundleType: 'JSON' as const, ...more },
    });
    expect(await code(deploy(of({ bundleType: 'zip' })))).toBe('InvalidRevision');
    expect(await state(await deploy(of({ eTag: '0'.repeat(32) })))).toBe('Failed INVALID_REVISION');
    expect(await state(await deploy(of({ key: 'none' })))).toBe('Failed REVISION_MISSING');
    await bucket.send(new PutObjectCommand({ Bucket, Key: 'big', Body: ' '.repeat(300 * 1024) }));
    expect(await state(await deploy(of({ key: 'big' })))).toBe('Failed INVALID_REVISION');
    expect(await state(await deploy(of({ eTag: ETag })))).toBe('Succeeded');
  });

  it('what is for servers, or for nobody, is refused by name', async () => {
    expect(
      await code(
        group({
          deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
        }),
      ),
    ).toBe('InvalidDeploymentStyle');
    expect(await code(group({ ec2TagFilters: [{ Key: 'a', Type: 'KEY_ONLY' }] }))).toBe(
      'InvalidInput',
    );
    expect(await code(group({ ecsServices: [{ clusterName: 'a', serviceName: 'b' }] }))).toBe(
      'InvalidInput',
    );
    expect(await code(group({ blueGreenDeploymentConfiguration: {} }))).toBe(
      'InvalidBlueGreenDeploymentConfiguration',
    );
    expect(await code(group({ deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce' }))).toBe(
      'InvalidTrafficRoutingConfiguration',
    );
    await group();
    const tagFilters = [{ Key: 'Role', Value: 'web', Type: 'KEY_AND_VALUE' as const }];
    expect(await code(deploy(spec(), { targetInstances: { tagFilters } }))).toBe(
      'InvalidTargetInstances',
    );
    expect(await code(deploy(spec(), { updateOutdatedInstancesOnly: true }))).toBe(
      'InvalidUpdateOutdatedInstancesOnlyValue',
    );
    expect(await code(deploy(spec(), { ignoreApplicationStopFailures: true }))).toBe(
      'InvalidIgnoreApplicationStopFailuresValue',
    );
    const content = 'x';
    expect(
      await code(
        deploy({
          revisionType: 'AppSpecContent',
          appSpecContent: { content, sha256: '0'.repeat(64) },
        }),
      ),
    ).toBe('InvalidRevision');
    expect(
      await code(
        deploy({ revisionType: 'AppSpecContent', appSpecContent: { sha256: '0'.repeat(64) } }),
      ),
    ).toBe('InvalidRevision');
    delete server.platform.config.upstream.lambda;
    const refusal = group({ deploymentGroupName: 'other' });
    await expect(refusal).rejects.toThrow(/SLIPWAY_UPSTREAM_LAMBDA/);
  });
});
