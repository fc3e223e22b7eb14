import * as asg from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { append } from '../../lib/append.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import cloudwatchService from '../cloudwatch/index.ts';
import ec2Service from '../ec2/index.ts';
import { defaultNetwork, makeMachines } from '../ec2/testing.ts';
import elbService from '../elbv2/index.ts';
import snsService from '../sns/index.ts';
import service from './index.ts';

// What a group has besides its instances, each from the call to what comes of it.

eachDialect('Auto Scaling: what a group has', (makeDatabase) => {
  let server: World;
  let client: asg.AutoScalingClient;
  let machines: ec2.EC2Client;
  let ImageId: string | undefined;
  const AutoScalingGroupName = 'web';
  const named = { AutoScalingGroupName };

  beforeEach(async () => {
    const { executor } = makeMachines();
    server = await world(
      ...([
        makeDatabase,
        [service, ec2Service, snsService, elbService, cloudwatchService],
      ] as const),
      { executor },
    );
    client = server.client(asg.AutoScalingClient);
    machines = server.client(ec2.EC2Client);
    ({ ImageId } = await machines.send(
      new ec2.RegisterImageCommand({ Name: 'web', ImageLocation: 'debian:12' }),
    ));
    const LaunchTemplateData = { ImageId, InstanceType: 't3.micro' as const };
    await machines.send(
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
        ...{ ...named, AvailabilityZones: ['eu-west-1a'], MinSize: 0, MaxSize: 4 },
        ...(!more.LaunchConfigurationName && { LaunchTemplate: { LaunchTemplateName: 'web' } }),
        ...more,
      }),
    );
  const group = async () =>
    (await client.send(new asg.DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups?.[0];
  const instances = async () => (await group())?.Instances ?? [];
  const serve = (many: number) =>
    vi.waitFor(
      async () =>
        expect((await instances()).map((one) => one.LifecycleState)).toEqual(
          Array(many).fill('InService'),
        ),
      { timeout: 30_000, interval: 50 },
    );
  const invalid = { name: 'ValidationError' };
  const desire = (DesiredCapacity: number, HonorCooldown = false) =>
    client.send(new asg.SetDesiredCapacityCommand({ ...named, DesiredCapacity, HonorCooldown }));

  it('scheduled actions change its sizes when they are due, and those that never are come not', async () => {
    await create();
    const put = (more: Partial<asg.PutScheduledUpdateGroupActionCommandInput>) =>
      client.send(
        new asg.PutScheduledUpdateGroupActionCommand({
          ...{ ...named, ScheduledActionName: 'up', DesiredCapacity: 1, ...more },
        }),
      );
    await expect(put({ Recurrence: '0 0 30 2 *' })).rejects.toMatchObject(invalid);
    await expect(put({ Recurrence: '* * * * *', MaxSize: 20_000 })).rejects.toMatchObject(invalid);
    const soon = new Date(server.clock.now().getTime() + 1000);
    await expect(put({ Recurrence: '0 0 1 1 *', EndTime: soon })).rejects.toMatchObject(invalid);
    await put({ Recurrence: '* * * * *' });
    server.clock.advance(60_000);
    await serve(1);
    const describe = new asg.DescribeScheduledActionsCommand(named);
    const [left] = (await client.send(describe)).ScheduledUpdateGroupActions ?? [];
    expect(left?.StartTime?.getTime()).toBeGreaterThan(server.clock.now().getTime());
    await client.send(
      new asg.DeleteScheduledActionCommand({ ...named, ScheduledActionName: 'up' }),
    );
    expect((await client.send(describe)).ScheduledUpdateGroupActions).toEqual([]);
  });

  it('scaling policies change its desired capacity when they are executed, but in a cooldown', async () => {
    await create();
    const put = (more: Partial<asg.PutScalingPolicyCommandInput>) =>
      client.send(
        new asg.PutScalingPolicyCommand({
          ...{ ...named, PolicyName: 'up', AdjustmentType: 'ChangeInCapacity', ...more },
        }),
      );
    const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }];
    const stepped = { PolicyName: 'steps', PolicyType: 'StepScaling', StepAdjustments };
    await expect(put({ ...stepped, EstimatedInstanceWarmup: -1 })).rejects.toMatchObject(invalid);
    await put(stepped);
    const { PolicyARN } = await put({ ScalingAdjustment: 1, Cooldown: 60 });
    const execute = (more: asg.ExecutePolicyCommandInput) =>
      client.send(new asg.ExecutePolicyCommand(more));
    await execute({ PolicyName: PolicyARN });
    await serve(1);
    const cools = { name: 'ScalingActivityInProgressFault' };
    const again = execute({ ...named, PolicyName: 'up', HonorCooldown: true });
    await expect(again).rejects.toMatchObject(cools);
    await expect(desire(0, true)).rejects.toMatchObject(cools);
    await execute({ ...named, PolicyName: 'steps', MetricValue: 90, BreachThreshold: 80 });
    await serve(3);
  });

  it('alarms execute scaling policies, each minute as long as they go on', async () => {
    await create();
    const policy = (more: Partial<asg.PutScalingPolicyCommandInput>) =>
      client.send(
        new asg.PutScalingPolicyCommand({
          ...{ ...named, PolicyName: 'up', AdjustmentType: 'ChangeInCapacity', ...more },
        }),
      );
    const { PolicyARN: up = '' } = await policy({
      ...{ PolicyType: 'StepScaling', EstimatedInstanceWarmup: 150 },
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 2 },
      ],
    });
    const down = { PolicyName: 'down', ScalingAdjustment: -1, Cooldown: 150 };
    const { PolicyARN: below = '' } = await policy(down);
    const cloudwatch = server.client(CloudWatchClient);
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: 'busy', Namespace: 'My', MetricName: 'Load', Statistic: 'Average' },
        ...{ Period: 60, EvaluationPeriods: 1, Threshold: 70, TreatMissingData: 'ignore' },
        ...{ ComparisonOperator: 'GreaterThanThreshold', AlarmActions: [up], OKActions: [below] },
      }),
    );
    const set = (StateValue: 'ALARM' | 'OK', value: number) =>
      cloudwatch.send(
        new SetAlarmStateCommand({
          ...{ AlarmName: 'busy', StateValue, StateReason: 'a test' },
          StateReasonData: JSON.stringify({ recentDatapoints: [1, value], threshold: 70 }),
        }),
      );
    const done = async () => {
      const asked = { AlarmName: 'busy', HistoryItemType: 'Action' } as const;
      const said = await cloudwatch.send(new DescribeAlarmHistoryCommand(asked));
      return (said.AlarmHistoryItems ?? []).map(({ HistorySummary }) => HistorySummary);
    };
    const minute = async (wanted: number) => {
      server.clock.advance(60_000);
      await server.runDue();
      expect((await group())?.DesiredCapacity).toBe(wanted);
    };
    await set('ALARM', 95);
    await serve(2);
    await minute(2);
    await minute(2);
    await minute(4);
    await serve(4);
    expect(await done()).toEqual([`Successfully executed action ${up}`]);
    await set('OK', 1);
    await serve(3);
    await minute(3);
    await minute(3);
    await minute(2);
    await client.send(new asg.DeletePolicyCommand({ ...named, PolicyName: 'up' }));
    await set('ALARM', 80);
    await vi.waitFor(async () => expect((await done())[0]).toContain(`Failed to execute`));
    expect(await done()).toHaveLength(3);
  });

  it('a refresh replaces its instances by what is wanted, which nothing else changes meanwhile', async () => {
    await create({ DesiredCapacity: 1 });
    await serve(1);
    const [before] = await instances();
    const LaunchTemplateData = { ImageId, InstanceType: 't3.small' as const };
    const LaunchTemplateName = 'web';
    await machines.send(
      new ec2.CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData }),
    );
    await client.send(new asg.SuspendProcessesCommand({ ...named, ScalingProcesses: ['Launch'] }));
    const LaunchTemplate = { LaunchTemplateName, Version: '2' };
    const DesiredConfiguration = { LaunchTemplate };
    await client.send(new asg.StartInstanceRefreshCommand({ ...named, DesiredConfiguration }));
    const update = client.send(
      new asg.UpdateAutoScalingGroupCommand({ ...named, LaunchTemplate: { LaunchTemplateName } }),
    );
    await expect(update).rejects.toMatchObject(invalid);
    await client.send(new asg.ResumeProcessesCommand(named));
    const refreshes = async () =>
      (await client.send(new asg.DescribeInstanceRefreshesCommand(named))).InstanceRefreshes;
    await vi.waitFor(
      async () => expect(await refreshes()).toMatchObject([{ Status: 'Successful' }]),
      { timeout: 30_000, interval: 50 },
    );
    await serve(1);
    const [after] = await instances();
    expect(after?.InstanceId).not.toBe(before?.InstanceId);
    expect(after).toMatchObject({ InstanceType: 't3.small', LaunchTemplate: { Version: '2' } });
  });

  it('topics are told of launches, in words that SNS takes', async () => {
    const sns = server.client(SNSClient);
    const { TopicArn: TopicARN } = await sns.send(new CreateTopicCommand({ Name: 'launches' }));
    const AutoScalingGroupName = 'wéb';
    await create({ AutoScalingGroupName });
    const put = (more: object) =>
      client.send(
        new asg.PutNotificationConfigurationCommand({
          ...{ AutoScalingGroupName, TopicARN },
          ...{ NotificationTypes: ['autoscaling:EC2_INSTANCE_LAUNCH'], ...more },
        }),
      );
    await expect(put({ TopicARN: `${TopicARN}.fifo` })).rejects.toMatchObject(invalid);
    await put({});
    const asked = () => server.asked.filter((one) => one === `sns:Publish ${TopicARN}`).length;
    await client.send(
      new asg.SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1 }),
    );
    await serve(1);
    // Instances that run are work without an end: nothing waits for all that is due.
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(0), { timeout: 30_000, interval: 50 });
  });

  it('tags are those of the instances that come', async () => {
    await create();
    const ids = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group' };
    const tag = { ...ids, Key: 'Role', PropagateAtLaunch: true };
    const Tags = [
      { ...tag, Value: 'web' },
      { ...tag, Key: 'Other' },
    ];
    await client.send(new asg.CreateOrUpdateTagsCommand({ Tags }));
    await client.send(new asg.DeleteTagsCommand({ Tags: [{ ...ids, Key: 'Other' }] }));
    const { Tags: shown = [] } = await client.send(new asg.DescribeTagsCommand({}));
    expect(shown).toEqual([{ ...tag, Value: 'web' }]);
    await desire(1);
    await serve(1);
    const Filters = [{ Name: 'tag:Role', Values: ['web'] }];
    const { Reservations } = await machines.send(new ec2.DescribeInstancesCommand({ Filters }));
    expect(Reservations).toHaveLength(1);
  });

  it('processes that are suspended rest until they are resumed', async () => {
    await create();
    await client.send(new asg.SuspendProcessesCommand({ ...named, ScalingProcesses: ['Launch'] }));
    await desire(1);
    await server.runDue();
    expect(await group()).toMatchObject({
      ...{ DesiredCapacity: 1, Instances: [] },
      SuspendedProcesses: [{ ProcessName: 'Launch' }],
    });
    await client.send(new asg.ResumeProcessesCommand(named));
    await serve(1);
  });

  it('a launch configuration is what instances are made from, and stays while it is used', async () => {
    const LaunchConfigurationName = 'old';
    const input = { LaunchConfigurationName, ImageId, InstanceType: 't3.micro' };
    await client.send(new asg.CreateLaunchConfigurationCommand(input));
    await create({ LaunchConfigurationName, DesiredCapacity: 1 });
    await serve(1);
    expect(await instances()).toMatchObject([{ LaunchConfigurationName }]);
    const { Reservations: [made] = [] } = await machines.send(new ec2.DescribeInstancesCommand({}));
    expect(made?.Instances).toMatchObject([{ Monitoring: { State: 'enabled' } }]);
    const remove = () =>
      client.send(new asg.DeleteLaunchConfigurationCommand({ LaunchConfigurationName }));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceInUseFault' });
    const LaunchTemplate = { LaunchTemplateName: 'web' };
    await client.send(new asg.UpdateAutoScalingGroupCommand({ ...named, LaunchTemplate }));
    await remove();
    await desire(2);
    await serve(2);
  });

  it('lists all of it in pages', async () => {
    await create();
    const three = [1, 2, 3];
    const balancers = server.client(elb.ElasticLoadBalancingV2Client);
    const sns = server.client(SNSClient);
    const TargetGroupARNs: string[] = [];
    const input = { ImageId, InstanceType: 't3.micro' };
    for (const one of three) {
      const Name = `x${one}`;
      await create({ AutoScalingGroupName: Name });
      await client.send(
        new asg.CreateLaunchConfigurationCommand({ LaunchConfigurationName: Name, ...input }),
      );
      await client.send(
        new asg.PutScheduledUpdateGroupActionCommand({
          ...{ ...named, ScheduledActionName: Name, MinSize: 0, Recurrence: `${one} 0 * * *` },
        }),
      );
      await client.send(
        new asg.PutScalingPolicyCommand({
          ...{ ...named, PolicyName: Name, AdjustmentType: 'ExactCapacity', ScalingAdjustment: 1 },
        }),
      );
      const { TopicArn: TopicARN } = await sns.send(new CreateTopicCommand({ Name }));
      const NotificationTypes = ['autoscaling:EC2_INSTANCE_LAUNCH'];
      await client.send(
        new asg.PutNotificationConfigurationCommand({ ...named, TopicARN, NotificationTypes }),
      );
      // There is nothing to replace.
      await client.send(new asg.StartInstanceRefreshCommand(named));
      const { vpc } = await defaultNetwork(server);
      const { TargetGroups: [made] = [] } = await balancers.send(
        new elb.CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId: vpc }),
      );
      TargetGroupARNs.push(made?.TargetGroupArn ?? '');
      server.clock.advance(1000);
    }
    await desire(3);
    await serve(3);
    await client.send(new asg.AttachLoadBalancerTargetGroupsCommand({ ...named, TargetGroupARNs }));
    const Tags = three.map((n) => ({
      ...{ ResourceId: named.AutoScalingGroupName, ResourceType: 'auto-scaling-group' },
      ...{ Key: `key-${n}`, Value: '', PropagateAtLaunch: false },
    }));
    await client.send(new asg.CreateOrUpdateTagsCommand({ Tags }));
    const lists: [new (input: never) => never, string, object?][] = [
      [asg.DescribeAutoScalingGroupsCommand as never, 'AutoScalingGroups'],
      [asg.DescribeAutoScalingInstancesCommand as never, 'AutoScalingInstances'],
      [asg.DescribeScalingActivitiesCommand as never, 'Activities'],
      [asg.DescribeLaunchConfigurationsCommand as never, 'LaunchConfigurations'],
      [asg.DescribeScheduledActionsCommand as never, 'ScheduledUpdateGroupActions'],
      [asg.DescribePoliciesCommand as never, 'ScalingPolicies'],
      [asg.DescribeNotificationConfigurationsCommand as never, 'NotificationConfigurations'],
      [asg.DescribeInstanceRefreshesCommand as never, 'InstanceRefreshes', named],
      [asg.DescribeLoadBalancerTargetGroupsCommand as never, 'LoadBalancerTargetGroups', named],
      [asg.DescribeTrafficSourcesCommand as never, 'TrafficSources', named],
      [asg.DescribeTagsCommand as never, 'Tags'],
    ];
    for (const [Command, member, more = {}] of lists) {
      const load = async (page: object): Promise<Record<string, unknown[] | undefined>> =>
        (await client.send(new Command({ ...more, ...page } as never))) as never;
      const all = (await load({}))[member] ?? [];
      expect(all.length, member).toBeGreaterThanOrEqual(3);
      const pages: unknown[] = [];
      let NextToken: string | undefined;
      do {
        const page = await load({ MaxRecords: 2, ...(NextToken && { NextToken }) });
        expect(page[member]?.length, member).toBeLessThanOrEqual(2);
        append(pages, page[member] ?? []);
        NextToken = page.NextToken as unknown as string | undefined;
      } while (NextToken);
      expect(pages, member).toEqual(all);
      await expect(load({ MaxRecords: 101 }), member).rejects.toMatchObject(invalid);
      await expect(load({ NextToken: 'x' }), member).rejects.toMatchObject({
        name: 'InvalidNextToken',
      });
    }
  });

  it('takes roles of its hooks from those alone who may pass them', async () => {
    await create();
    const role = (account: string) => `arn:aws:iam::${account}:role/hooks`;
    const hook = (RoleARN: string, name: string) => ({
      ...{ LifecycleHookName: 'in', RoleARN },
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      NotificationTargetARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    });
    const put = (account: string, more: object = {}) =>
      client.send(
        new asg.PutLifecycleHookCommand({ ...named, ...hook(role(account), 'q'), ...more }),
      );
    const make = (account: string) =>
      create({
        ...{ AutoScalingGroupName: 'other' },
        LifecycleHookSpecificationList: [hook(role(account), 'q')],
      });
    const denied = { name: expect.stringMatching(/AccessDenied/) };
    await expect(put('222222222222')).rejects.toMatchObject(denied);
    await expect(make('222222222222')).rejects.toMatchObject(denied);
    await put(ACCOUNT);
    server.denied.add('iam:PassRole');
    await expect(put(ACCOUNT)).rejects.toMatchObject(denied);
    await expect(make(ACCOUNT)).rejects.toMatchObject(denied);
    // The role that is kept, for another queue; for the same one it is not passed.
    const { NotificationTargetARN } = hook('', 'other');
    await expect(put(ACCOUNT, { RoleARN: undefined, NotificationTargetARN })).rejects.toMatchObject(
      denied,
    );
    await put(ACCOUNT, { RoleARN: undefined, HeartbeatTimeout: 60 });
  });

  it('is not meant by the ARN of one elsewhere, or of one that was', async () => {
    await create();
    const arn = (account: string, id: string) =>
      `arn:aws:autoscaling:${REGION}:${account}:autoScalingGroup:${id}:autoScalingGroupName/web`;
    const mine = (await group())?.AutoScalingGroupARN ?? '';
    const remove = (named: string) =>
      client.send(new asg.DeleteAutoScalingGroupCommand({ AutoScalingGroupName: named }));
    for (const other of [
      arn('222222222222', '*'),
      arn(ACCOUNT, 'other'),
      mine.replace(REGION, 'us-east-1'),
    ])
      await expect(remove(other)).rejects.toMatchObject(invalid);
    await remove(mine);
    expect(await group()).toBeUndefined();
  });
});
