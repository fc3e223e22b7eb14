import * as asg from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import ec2Service from '../ec2/index.ts';
import { defaultNetwork, makeMachines } from '../ec2/testing.ts';
import elbService from '../elbv2/index.ts';
import service from './index.ts';

eachDialect('Auto Scaling', (makeDatabase) => {
  let server: World;
  let client: asg.AutoScalingClient;
  let machines: ReturnType<typeof makeMachines>;
  const AutoScalingGroupName = 'web';
  const AvailabilityZones = ['eu-west-1a', 'eu-west-1b'];

  beforeEach(async () => {
    machines = makeMachines();
    const { executor } = machines;
    server = await world(makeDatabase, [service, ec2Service, elbService], { executor });
    client = server.client(asg.AutoScalingClient);
    const its = server.client(ec2.EC2Client);
    const { ImageId } = await its.send(
      new ec2.RegisterImageCommand({ Name: 'web', ImageLocation: 'debian:12' }),
    );
    const LaunchTemplateData = { ImageId, InstanceType: 't3.micro' as const };
    await its.send(
      new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: 'web', LaunchTemplateData }),
    );
    await server.start();
  });
  afterEach(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  const create = (more: Partial<asg.CreateAutoScalingGroupCommandInput> = {}) =>
    client.send(
      new asg.CreateAutoScalingGroupCommand({
        ...{ AutoScalingGroupName, AvailabilityZones, MinSize: 0, MaxSize: 4, DesiredCapacity: 2 },
        ...(!more.LaunchConfigurationName && { LaunchTemplate: { LaunchTemplateName: 'web' } }),
        ...more,
      }),
    );
  const group = async () =>
    (await client.send(new asg.DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups?.[0];
  const states = async () =>
    ((await group())?.Instances ?? []).map(({ LifecycleState }) => LifecycleState).sort();
  // Not all that happens is told by an event, and instances that run are work without an end.
  const within = { timeout: 30_000, interval: 50 };
  const become = (...wanted: string[]) =>
    vi.waitFor(async () => expect(await states()).toEqual(wanted), within);
  const until = (look: () => Promise<boolean>) =>
    vi.waitFor(async () => expect(await look()).toBe(true), within);
  const ids = async () =>
    ((await group())?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
  const desire = (DesiredCapacity: number) =>
    client.send(new asg.SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
  const eventsOf = (type: string) =>
    server.events.filter((event) => event['detail-type'] === type).map(({ detail }) => detail);

  it('has as many instances as are wanted, with its tags, and tells why', async () => {
    const Tags = [
      { Key: 'Role', Value: 'web', PropagateAtLaunch: true },
      { Key: 'Mine', Value: 'x', PropagateAtLaunch: false },
    ];
    await create({ Tags });
    await become('InService', 'InService');
    const { Reservations = [] } = await server.client(ec2.EC2Client).send(
      new ec2.DescribeInstancesCommand({
        Filters: [{ Name: 'tag:aws:autoscaling:groupName', Values: ['web'] }],
      }),
    );
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    expect(instances).toHaveLength(2);
    expect(instances.map(({ Tags: its }) => its?.map(({ Key }) => Key).sort())).toEqual(
      instances.map(() => [
        ...['Role', 'aws:autoscaling:groupName', 'aws:ec2launchtemplate:id'],
        'aws:ec2launchtemplate:version',
      ]),
    );
    expect(new Set(instances.map(({ Placement }) => Placement?.AvailabilityZone)).size).toBe(2);
    await desire(1);
    await become('InService');
    const { Activities = [] } = await client.send(
      new asg.DescribeScalingActivitiesCommand({ AutoScalingGroupName }),
    );
    expect(Activities).toHaveLength(3);
    expect(Activities.map(({ StatusCode }) => StatusCode)).toEqual(
      Activities.map(() => 'Successful'),
    );
    expect(Activities.map(({ Cause }) => Cause).join('\n')).toMatch(
      /explicitly set group desired capacity changing the desired capacity from 2 to 1\. {2}At .* was selected for termination/,
    );
    expect(eventsOf('EC2 Instance Launch Successful')).toHaveLength(2);
    expect(eventsOf('EC2 Instance Terminate Successful')).toHaveLength(1);
    const deleting = client.send(new asg.DeleteAutoScalingGroupCommand({ AutoScalingGroupName }));
    await expect(deleting).rejects.toMatchObject({ name: 'ResourceInUseFault' });
    await client.send(
      new asg.DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }),
    );
    await until(async () => (await group()) === undefined);
    expect([...machines.machines.values()]).toEqual([]);
  });

  it('replaces an instance that is ended, by itself or by a call', async () => {
    await create({ DesiredCapacity: 1 });
    await become('InService');
    const [first = ''] = await ids();
    machines.end(`dummy:ec2-${first}`);
    await until(async () => (await ids())[0] !== first && (await states()).join() === 'InService');
    const [second = ''] = await ids();
    await client.send(
      new asg.SetInstanceHealthCommand({ InstanceId: second, HealthStatus: 'Unhealthy' }),
    );
    await until(async () => (await ids())[0] !== second && (await states()).join() === 'InService');
  });

  it('holds launches and terminations by hooks, until they are completed', async () => {
    const hook = { LifecycleHookName: 'in', HeartbeatTimeout: 60, DefaultResult: 'CONTINUE' };
    await create({
      DesiredCapacity: 1,
      LifecycleHookSpecificationList: [
        { ...hook, LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
        {
          ...hook,
          LifecycleHookName: 'out',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        },
      ],
    });
    await become('Pending:Wait');
    const [{ LifecycleActionToken, EC2InstanceId: InstanceId } = {}] = eventsOf(
      'EC2 Instance-launch Lifecycle Action',
    ) as { LifecycleActionToken?: string; EC2InstanceId?: string }[];
    const action = { AutoScalingGroupName, LifecycleHookName: 'in', LifecycleActionToken };
    await client.send(new asg.RecordLifecycleActionHeartbeatCommand(action));
    const LifecycleActionResult = 'CONTINUE';
    await client.send(new asg.CompleteLifecycleActionCommand({ ...action, LifecycleActionResult }));
    await become('InService');
    const again = client.send(
      new asg.CompleteLifecycleActionCommand({ ...action, LifecycleActionResult }),
    );
    await expect(again).rejects.toMatchObject({ name: 'ValidationError' });
    await client.send(
      new asg.TerminateInstanceInAutoScalingGroupCommand({
        ...{ InstanceId, ShouldDecrementDesiredCapacity: true },
      }),
    );
    await become('Terminating:Wait');
    // Nobody completes it.
    server.clock.advance(60_000);
    await become();
  });

  it('has its instances in target groups while they serve', async () => {
    const balancers = server.client(elb.ElasticLoadBalancingV2Client);
    const { vpc } = await defaultNetwork(server);
    const { TargetGroups: [made] = [] } = await balancers.send(
      new elb.CreateTargetGroupCommand({
        ...{ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: vpc, TargetType: 'instance' },
      }),
    );
    const TargetGroupArn = made?.TargetGroupArn ?? '';
    const targets = async () =>
      (
        (await balancers.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn })))
          .TargetHealthDescriptions ?? []
      )
        .map(({ Target }) => Target?.Id)
        .sort();
    await create({ TargetGroupARNs: [TargetGroupArn] });
    await become('InService', 'InService');
    expect(await targets()).toEqual((await ids()).sort());
    const [one = ''] = await ids();
    await client.send(
      new asg.EnterStandbyCommand({
        ...{ AutoScalingGroupName, InstanceIds: [one], ShouldDecrementDesiredCapacity: true },
      }),
    );
    await become('InService', 'Standby');
    expect(await targets()).not.toContain(one);
    await client.send(new asg.ExitStandbyCommand({ AutoScalingGroupName, InstanceIds: [one] }));
    await become('InService', 'InService');
    expect(await targets()).toContain(one);
    await client.send(
      new asg.DetachLoadBalancerTargetGroupsCommand({
        ...{ AutoScalingGroupName, TargetGroupARNs: [TargetGroupArn] },
      }),
    );
    await until(async () => (await targets()).length === 0);
    await client.send(
      new asg.DetachInstancesCommand({
        ...{ AutoScalingGroupName, InstanceIds: [one], ShouldDecrementDesiredCapacity: true },
      }),
    );
    await until(async () => !(await ids()).includes(one));
    await client.send(new asg.AttachInstancesCommand({ AutoScalingGroupName, InstanceIds: [one] }));
    await become('InService', 'InService');
  });

  it.each([
    [
      {
        MixedInstancesPolicy: {
          LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: 'web' } },
        },
      },
      'NotImplemented',
    ],
    [{ LaunchTemplate: { LaunchTemplateName: 'none' } }, 'ValidationError'],
    [{ MinSize: 3, DesiredCapacity: 1 }, 'ValidationError'],
    [{ AvailabilityZones: [] }, 'ValidationError'],
    [{ VPCZoneIdentifier: 'subnet-0123456789abcdef0' }, 'ValidationError'],
    [{ TargetGroupARNs: ['arn:x'] }, 'ValidationError'],
    [{ TerminationPolicies: ['Any'] }, 'ValidationError'],
    [{ LaunchConfigurationName: 'none' }, 'ValidationError'],
    [{ Tags: [{ Key: 'aws:x' }] }, 'ValidationError'],
  ] as [Partial<asg.CreateAutoScalingGroupCommandInput>, string][])(
    'refuses %j by %s',
    async (more, name) => {
      await expect(create(more)).rejects.toMatchObject({ name });
      expect(await group()).toBeUndefined();
    },
  );

  it('is for those alone who may have instances of its template', async () => {
    server.denied.add('ec2:RunInstances');
    await expect(create()).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await group()).toBeUndefined();
  });
});
