import { Readable } from 'node:stream';
import { DescribeInstancesCommand, EC2Client, RegisterImageCommand } from '@aws-sdk/client-ec2';
import * as eb from '@aws-sdk/client-elastic-beanstalk';
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import autoscaling from '../autoscaling/index.ts';
import { elasticBeanstalk } from '../codepipeline/providers/elastic-beanstalk.ts';
import ec2 from '../ec2/index.ts';
import { makeMachines } from '../ec2/testing.ts';
import elb from '../elbv2/index.ts';
import s3 from '../s3/index.ts';
import service from './index.ts';
import { PLATFORM } from './model/platform.ts';
import { settle } from './reconcilers/environment.ts';
import { environmentKey } from './reconcilers/names.ts';
import { report as statistics } from './routes/statistics.ts';
import { findByName } from './store/environments.ts';

const option = (Namespace: string, OptionName: string, Value: string) => ({
  ...{ Namespace, OptionName, Value },
});
const PROFILE = option('aws:autoscaling:launchconfiguration', 'IamInstanceProfile', 'web');
const SINGLE = option('aws:elasticbeanstalk:environment', 'EnvironmentType', 'SingleInstance');
const owner = { accountId: ACCOUNT, region: REGION };

eachDialect('Elastic Beanstalk', (makeDatabase) => {
  let server: World;
  let client: eb.ElasticBeanstalkClient;
  let image: eb.ConfigurationOptionSetting;

  beforeEach(async () => {
    const { executor } = makeMachines();
    const services = [service, autoscaling, ec2, elb, s3];
    server = await world(makeDatabase, services, { executor });
    client = server.client(eb.ElasticBeanstalkClient);
    const { ImageId = '' } = await server
      .client(EC2Client)
      .send(new RegisterImageCommand({ Name: 'web', ImageLocation: 'debian:12' }));
    image = option('aws:autoscaling:launchconfiguration', 'ImageId', ImageId);
    const iam = server.client(IAMClient);
    const Statement = [
      {
        ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
        Principal: { Service: 'ec2.amazonaws.com' },
      },
    ];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new CreateRoleCommand({ RoleName: 'web', AssumeRolePolicyDocument }));
    const InstanceProfileName = 'web';
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: 'web' }));
    const store = server.client(S3Client);
    const Bucket = 'bundles';
    await store.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    await store.send(new PutObjectCommand({ Bucket, Key: 'a.zip', Body: 'PK' }));
    await server.start();
  });
  afterEach(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  const version = (VersionLabel: string, more: object = {}) =>
    client.send(
      new eb.CreateApplicationVersionCommand({
        ...{ ApplicationName: 'app', VersionLabel, AutoCreateApplication: true },
        ...{ SourceBundle: { S3Bucket: 'bundles', S3Key: 'a.zip' }, ...more },
      }),
    );
  const create = (more: Partial<eb.CreateEnvironmentCommandInput> = {}) =>
    client.send(
      new eb.CreateEnvironmentCommand({
        ...{ ApplicationName: 'app', EnvironmentName: 'front', CNAMEPrefix: 'front' },
        ...{ VersionLabel: 'v1', SolutionStackName: PLATFORM.stack },
        ...{ OptionSettings: [PROFILE, image, SINGLE], ...more },
      }),
    );
  const described = async () => {
    const asked = { EnvironmentNames: ['front'], IncludeDeleted: true };
    return (await client.send(new eb.DescribeEnvironmentsCommand(asked))).Environments?.[0];
  };
  const instances = async () =>
    Object.values((await findByName(server.platform.db, owner, 'front'))?.body.instances ?? {});

  /** Lets time go on until it holds: groups are looked at every few seconds. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      server.clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** As its agent does: each instance says that its command is done, or why not. */
  async function report(failure?: string): Promise<void> {
    await until(async () => (await instances()).some(({ phase }) => phase === 'told'));
    const found = await findByName(server.platform.db, owner, 'front');
    if (!found) throw new Error('there is no such environment');
    for (const { id, command } of await instances())
      await server.platform.transaction((tx) =>
        settle(server.platform, tx, environmentKey(found), (draft) =>
          draft.reported(id, {
            ...{ finished: command.number, runs: command.release },
            ...(failure !== undefined && { failure }),
          }),
        ),
      );
  }
  const becomes = (status: string) => until(async () => (await described())?.Status === status);

  it('has an environment of one instance, deploys versions to it, and leaves nothing', async () => {
    await version('v1');
    await version('v2');
    await expect(version('v2')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const made = await create();
    expect(made).toMatchObject({ Status: 'Launching', Health: 'Grey', VersionLabel: 'v1' });
    expect(made.CNAME).toContain(`front.${REGION}.elasticbeanstalk.localhost`);
    await report();
    await becomes('Ready');
    expect(await described()).toMatchObject({ Health: 'Green', HealthStatus: 'Ok' });
    const update = { EnvironmentName: 'front', VersionLabel: 'v2' };
    await client.send(new eb.UpdateEnvironmentCommand(update));
    await expect(client.send(new eb.UpdateEnvironmentCommand(update))).rejects.toMatchObject({
      message: expect.stringContaining('Must be Ready'),
    });
    await report('no database');
    expect(await described()).toMatchObject({ Status: 'Ready', VersionLabel: 'v1', Health: 'Red' });
    await client.send(new eb.UpdateEnvironmentCommand(update));
    await report();
    expect(await described()).toMatchObject({ VersionLabel: 'v2', Health: 'Green' });
    await client.send(new eb.TerminateEnvironmentCommand({ EnvironmentName: 'front' }));
    await becomes('Terminated');
    const { Reservations = [] } = await server
      .client(EC2Client)
      .send(new DescribeInstancesCommand({}));
    const states = Reservations.flatMap(({ Instances = [] }) => Instances);
    expect(states.map(({ State }) => State?.Name)).toEqual(['terminated']);
    const { Events = [] } = await client.send(new eb.DescribeEventsCommand({}));
    const one = await client.send(new eb.DescribeEventsCommand({ MaxRecords: 1 }));
    const { NextToken } = one;
    const two = await client.send(new eb.DescribeEventsCommand({ MaxRecords: 1, NextToken }));
    expect([one, two].map((page) => page.Events)).toEqual([[Events[0]], [Events[1]]]);
    const messages = Events.map(({ Message }) => Message);
    expect(messages[0]).toBe('terminateEnvironment completed successfully.');
    expect(messages).toContain('Failed to deploy application.');
    expect(messages.at(-1)).toBe('createEnvironment is starting.');
    const told = server.events.filter(({ source }) => source === 'aws.elasticbeanstalk');
    expect(new Set(told.map((event) => event['detail-type']))).toEqual(
      new Set([
        ...['Elastic Beanstalk resource status change', 'Other resource status change'],
        'Health status change',
      ]),
    );
    const available = new eb.CheckDNSAvailabilityCommand({ CNAMEPrefix: 'front' });
    expect(await client.send(available)).toMatchObject({ Available: true });
    expect(
      (await server.client(ElasticLoadBalancingV2Client).send(new DescribeLoadBalancersCommand({})))
        .LoadBalancers,
    ).toEqual([]);
  });

  it('refuses what there is not, and by name what only this server has not', async () => {
    const refused: [Partial<eb.CreateEnvironmentCommandInput>, string][] = [
      [{ SolutionStackName: '64bit Amazon Linux 2023 v4.0.0 running Docker' }, 'NotImplemented'],
      [{ SolutionStackName: 'x' }, 'InvalidParameterValue'],
      [{ Tier: { Name: 'Worker', Type: 'SQS/HTTP' } }, 'NotImplemented'],
      [{ VersionLabel: 'none' }, 'InvalidParameterValue'],
      [{ ApplicationName: 'none' }, 'InvalidParameterValue'],
      [{ OptionSettings: [] }, 'InvalidParameterValue'],
      [{ OptionSettings: [PROFILE, option('aws:x', 'Y', 'z')] }, 'InvalidParameterValue'],
      [
        {
          OptionSettings: [
            PROFILE,
            option('aws:elasticbeanstalk:command', 'DeploymentPolicy', 'Immutable'),
          ],
        },
        'NotImplemented',
      ],
    ];
    await version('v1');
    for (const [more, name] of refused) {
      await expect(create(more), JSON.stringify(more)).rejects.toMatchObject({ name });
      expect(await described()).toBeUndefined();
    }
  });

  it('is what CodePipeline deploys to, also where it asks twice', async () => {
    await version('v1');
    await create();
    await report();
    await becomes('Ready');
    const input = {
      resolvedConfiguration: { ApplicationName: 'app', EnvironmentName: 'front' },
      inputArtifacts: [{ name: 'Code', bucket: 'bundles', key: 'a.zip' }],
    };
    const job = {
      client: (Client: never) => server.client(Client),
      type: elasticBeanstalk,
      run: { startTime: 1, actionExecutionId: 'x', input },
    } as never;
    const { signal } = new AbortController();
    const started = await elasticBeanstalk.start(job, signal);
    expect(started).toMatchObject({ progress: { externalExecutionId: 'code-pipeline-1-x' } });
    expect(await elasticBeanstalk.start(job, signal)).toEqual(started);
    expect(await elasticBeanstalk.look?.(job, {} as never)).toMatchObject({ state: 'running' });
    await report();
    await becomes('Ready');
    expect(await elasticBeanstalk.look?.(job, {} as never)).toMatchObject({ state: 'succeeded' });
    const { Events = [] } = await client.send(
      new eb.DescribeEventsCommand({ VersionLabel: 'code-pipeline-1-x' }),
    );
    const messages = Events.map(({ Message }) => Message);
    expect(messages).toContain('Environment update completed successfully.');
    const other = {
      ...(job as object),
      run: { startTime: 2, actionExecutionId: 'y', input },
    } as never;
    await client.send(
      new eb.UpdateEnvironmentCommand({ EnvironmentName: 'front', VersionLabel: 'v1' }),
    );
    await expect(elasticBeanstalk.start(other, signal)).rejects.toThrow('Must be Ready');
  });

  it('swaps addresses, and deploys the version before where an update is aborted', async () => {
    await version('v1');
    await version('v2');
    await create();
    await report();
    await becomes('Ready');
    const named = { EnvironmentName: 'front' };
    const abort = () => client.send(new eb.AbortEnvironmentUpdateCommand(named));
    await expect(abort()).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    // Who deploys a version need not pass the roles that are there already.
    server.denied.add('iam:PassRole');
    await client.send(new eb.UpdateEnvironmentCommand({ ...named, VersionLabel: 'v2' }));
    server.denied.clear();
    await abort();
    expect(await described()).toMatchObject({ Status: 'Aborting' });
    await report();
    await becomes('Ready');
    const back = await create({ EnvironmentName: 'back', CNAMEPrefix: 'back' });
    const swap = new eb.SwapEnvironmentCNAMEsCommand({
      ...{ SourceEnvironmentName: 'front', DestinationEnvironmentId: back.EnvironmentId },
    });
    await expect(client.send(swap)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const before = (await described())?.CNAME;
    const find = () => findByName(server.platform.db, owner, 'back');
    await until(async () => Object.keys((await find())?.body.instances ?? {}).length > 0);
    const other = await find();
    if (!other) throw new Error('there is no other environment');
    for (const { id, command } of Object.values(other.body.instances))
      await server.platform.transaction((tx) =>
        settle(server.platform, tx, environmentKey(other), (draft) =>
          draft.reported(id, { finished: command.number, runs: command.release }),
        ),
      );
    await until(async () => (await find())?.status === 'Ready');
    await client.send(swap);
    expect((await described())?.CNAME).toBe(back.CNAME);
    expect(`${(await find())?.cname}`).toBe(before?.replace(/:\d+$/, ''));
  });

  it('hears an instance alone, and of it nothing that it may not say', async () => {
    await version('v1');
    const { EnvironmentId = '' } = await create();
    await report();
    await becomes('Ready');
    const [{ id = '' } = {}] = await instances();
    const session = (instance: string, more: object = {}) => ({
      ...{ type: 'assumed-role', accountId: ACCOUNT },
      issuedTo: {
        service: 'ec2.amazonaws.com',
        sourceArn: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instance}`,
      },
      ...more,
    });
    const say = (said: unknown, principal: object = session(id), instance = id) =>
      statistics(server.platform, {
        labels: { environment: EnvironmentId, instance },
        caller: { principal, region: REGION },
        request: {
          body: Readable.from([
            Buffer.from(typeof said === 'string' ? said : JSON.stringify(said)),
          ]),
          signal: AbortSignal.timeout(50),
        },
      } as never);
    const forged: [unknown, object?, string?][] = [
      [{}, session('i-0other')],
      [{}, session(id, { issuedTo: undefined })],
      [{}, session(id, { type: 'user' })],
      [{}, session(id, { accountId: '999999999999' })],
      [{}, session(id), 'i-0other'],
    ];
    for (const call of forged)
      await expect(say(...call), JSON.stringify(call)).rejects.toMatchObject({ status: 403 });
    await expect(say({}, session('i-0x'), 'i-0x')).rejects.toMatchObject({ status: 409 });
    for (const said of ['', '{', 'null', '[]', '5', 'x'.repeat(70_000)])
      await expect(say(said), said.slice(0, 9)).rejects.toMatchObject({
        status: expect.toSatisfy((status: number) => status >= 400 && status < 500),
      });
    await client.send(new eb.RequestEnvironmentInfoCommand({ EnvironmentId, InfoType: 'tail' }));
    const parts = [null, 5, 'x', [], { __proto__: null, label: {} }, { cpu: null, load: 'x' }];
    const number = (await findByName(server.platform.db, owner, 'front'))?.body.tail?.number;
    for (const part of parts) {
      const said = { seen: -1, finished: 1e99, unwell: {}, runs: part, system: part, tail: part };
      const { status, body } = await say({ ...said, failure: 'x' });
      expect([status, JSON.parse(String(body)).tail]).toEqual([200, { number }]);
    }
    // What is on its way, or could not be put there, is not asked for again and again.
    const held = say({ tail: { number, url: '' } }).then(
      ({ body }) => JSON.parse(String(body)),
      () => ({}),
    );
    expect(await held).toEqual({});
    const logs = async () =>
      (
        await client.send(
          new eb.RetrieveEnvironmentInfoCommand({ EnvironmentId, InfoType: 'tail' }),
        )
      ).EnvironmentInfo?.map(({ Message }) => Message);
    const place = `/elasticbeanstalk-${REGION}-${ACCOUNT}/resources/environments/logs/tail/${EnvironmentId}/${id}/`;
    const own = server.platform.serverEndpoint();
    const lure = ['http://evil.invalid', `${own}.evil.invalid`, `http://x@evil.invalid`];
    for (const url of [...lure.map((at) => `${at}${place}a`), `${own}${place}../b`, `${own}/x`]) {
      await say({ tail: { number, url } }).catch(() => {});
      expect(await logs()).toEqual([]);
    }
    await say({ tail: { number, url: `${new URL(place, own).href}a` } }).catch(() => {});
    expect(await logs()).toEqual([`${new URL(place, own).href}a`]);
  });

  it('keeps rules for versions that are not enabled, and the role that may be passed', async () => {
    const ApplicationName = 'app';
    await expect(
      client.send(new eb.CreateApplicationCommand({ ApplicationName: 'a/b' })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await client.send(new eb.CreateApplicationCommand({ ApplicationName }));
    const update = (ResourceLifecycleConfig: eb.ApplicationResourceLifecycleConfig) =>
      client.send(
        new eb.UpdateApplicationResourceLifecycleCommand({
          ...{ ApplicationName, ResourceLifecycleConfig },
        }),
      );
    const ServiceRole = `arn:aws:iam::${ACCOUNT}:role/web`;
    const MaxAgeRule = { Enabled: false, MaxAgeInDays: 7 };
    await update({ ServiceRole, VersionLifecycleConfig: { MaxAgeRule } });
    const { Applications = [] } = await client.send(new eb.DescribeApplicationsCommand({}));
    expect(Applications[0]?.ResourceLifecycleConfig).toMatchObject({
      ...{ ServiceRole, VersionLifecycleConfig: { MaxAgeRule, MaxCountRule: { Enabled: false } } },
    });
    const enabled = { MaxAgeRule: { Enabled: true } };
    await expect(update({ VersionLifecycleConfig: enabled })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    server.denied.add('iam:PassRole');
    await expect(update({ ServiceRole })).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('gives a profile to those alone who may pass its role, and reads what the caller may read', async () => {
    await version('v1');
    server.denied.add('iam:PassRole');
    await expect(create()).rejects.toMatchObject({ name: 'AccessDenied' });
    server.denied.add('s3:GetObject');
    await expect(version('v2')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});
