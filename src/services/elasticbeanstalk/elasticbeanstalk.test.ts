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
import ec2 from '../ec2/index.ts';
import { makeMachines } from '../ec2/testing.ts';
import elb from '../elbv2/index.ts';
import s3 from '../s3/index.ts';
import service from './index.ts';
import { PLATFORM } from './model/platform.ts';
import { settle } from './reconcilers/environment.ts';
import { environmentKey } from './reconcilers/names.ts';
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

  it('gives a profile to those alone who may pass its role, and reads what the caller may read', async () => {
    await version('v1');
    server.denied.add('iam:PassRole');
    await expect(create()).rejects.toMatchObject({ name: 'AccessDenied' });
    server.denied.add('s3:GetObject');
    await expect(version('v2')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});
