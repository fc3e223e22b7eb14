import * as asg from '@aws-sdk/client-auto-scaling';
import * as sdk from '@aws-sdk/client-codedeploy';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import autoscaling from '../autoscaling/index.ts';
import ec2Service from '../ec2/index.ts';
import { defaultNetwork, makeMachines } from '../ec2/testing.ts';
import elbv2 from '../elbv2/index.ts';
import codedeploy from './index.ts';
import { DEPLOYMENT } from './reconcilers/names.ts';
import { nextCommand, setEvent } from './store/targets.ts';
import { deploymentOf, GROUP, makeRole, ROLE } from './testing.ts';

// Deployment groups with Auto Scaling groups: the real services with machines that are nothing but their states. The agents are the
// test: they take commands where the store has them.

eachDialect('CodeDeploy and Auto Scaling groups', (makeDatabase, dialect) => {
  let server: World;
  let client: sdk.CodeDeployClient;
  let scaling: asg.AutoScalingClient;
  const AutoScalingGroupName = 'web';
  /** Scripts on hosts fail. */
  let bad = false;
  /** Hosts that do nothing. */
  let idle = false;

  beforeEach(async () => {
    [bad, idle] = [false, false];
    const { executor } = makeMachines();
    const services = [codedeploy, autoscaling, ec2Service, elbv2];
    server = await world(makeDatabase, services, { executor });
    client = server.client(sdk.CodeDeployClient);
    scaling = server.client(asg.AutoScalingClient);
    await makeRole(server);
    const its = server.client(ec2.EC2Client);
    const { ImageId } = await its.send(
      new ec2.RegisterImageCommand({ Name: 'web', ImageLocation: 'debian:12' }),
    );
    await its.send(
      new ec2.CreateLaunchTemplateCommand({
        LaunchTemplateName: 'web',
        LaunchTemplateData: { ImageId, InstanceType: 't3.micro' as const },
      }),
    );
    await server.start();
    await client.send(new sdk.CreateApplicationCommand(GROUP));
  });
  afterEach(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });

  const makeScaling = (more: Partial<asg.CreateAutoScalingGroupCommandInput> = {}) =>
    scaling.send(
      new asg.CreateAutoScalingGroupCommand({
        ...{ AutoScalingGroupName, MinSize: 0, MaxSize: 4, DesiredCapacity: 0 },
        ...{ LaunchTemplate: { LaunchTemplateName: 'web' }, AvailabilityZones: [`${REGION}a`] },
        ...more,
      }),
    );
  const make = (more: object = {}) =>
    client.send(
      new sdk.CreateDeploymentGroupCommand({
        ...{ ...GROUP, serviceRoleArn: ROLE, autoScalingGroups: ['web'], ...more },
      }),
    );
  const change = (more: object) =>
    client.send(
      new sdk.UpdateDeploymentGroupCommand({
        ...{ applicationName: 'app', currentDeploymentGroupName: 'group', ...more },
      }),
    );
  const scaled = async () => {
    const { deploymentGroupInfo } = await client.send(new sdk.GetDeploymentGroupCommand(GROUP));
    return deploymentGroupInfo?.autoScalingGroups;
  };
  const hooks = async (name = AutoScalingGroupName) => {
    const { LifecycleHooks = [] } = await scaling.send(
      new asg.DescribeLifecycleHooksCommand({ AutoScalingGroupName: name }),
    );
    return LifecycleHooks;
  };
  const groups = async () =>
    (await scaling.send(new asg.DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups ?? [];
  const states = async (name = AutoScalingGroupName) =>
    ((await groups()).find((group) => group.AutoScalingGroupName === name)?.Instances ?? [])
      .map(({ LifecycleState }) => LifecycleState)
      .sort();
  const desire = (DesiredCapacity: number) =>
    scaling.send(new asg.SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
  const deploy = async (key: string, more: object = {}) => {
    const s3Location = { bucket: 'b', key, bundleType: 'zip' as const };
    const revision = { revisionType: 'S3' as const, s3Location };
    const { deploymentId = '' } = await client.send(
      new sdk.CreateDeploymentCommand({ ...GROUP, revision, ...more }),
    );
    return deploymentId;
  };
  const deployments = async (creator: string) => {
    const { deployments: ids = [] } = await client.send(new sdk.ListDeploymentsCommand(GROUP));
    const all = await Promise.all(ids.map((id) => deploymentOf(client, id)));
    return all.filter((one) => one.creator === creator);
  };
  const eventsOf = async (deploymentId: string | undefined) => {
    const { targetIds = [] } = await client.send(
      new sdk.ListDeploymentTargetsCommand({ deploymentId }),
    );
    const { deploymentTargets = [] } = await client.send(
      new sdk.BatchGetDeploymentTargetsCommand({ deploymentId, targetIds }),
    );
    return deploymentTargets.map(({ instanceTarget }) =>
      instanceTarget?.lifecycleEvents?.map(({ lifecycleEventName }) => lifecycleEventName),
    );
  };

  /** What agents do, and time goes on a little. */
  async function tick(): Promise<void> {
    const { platform } = server;
    const now = platform.clock.now().getTime();
    const place = { accountId: ACCOUNT, region: REGION };
    const names = (await groups()).flatMap(({ Instances = [] }) =>
      Instances.map(({ InstanceId = '' }) => InstanceId),
    );
    if (!idle)
      for (const name of names)
        await platform.transaction(async (tx) => {
          const command = await nextCommand(tx, place, name, now);
          if (!command) return;
          const status = bad ? 'Failed' : 'Succeeded';
          await setEvent(tx, command, { status, startedAt: now, endedAt: now }, now);
          await platform.engine.wake(tx, DEPLOYMENT, command.deploymentId);
        });
    server.clock.advance(2000);
  }
  const until = (holds: () => Promise<void>) =>
    vi.waitFor(
      async () => {
        await tick();
        await holds();
      },
      { timeout: 60_000, interval: 30 },
    );
  const become = (...wanted: string[]) => until(async () => expect(await states()).toEqual(wanted));
  const over = (deploymentId: string, status = 'Succeeded') =>
    until(async () => {
      const { status: its, errorInformation } = await deploymentOf(client, deploymentId);
      if (its === 'Failed' && status !== its) throw new Error(JSON.stringify(errorInformation));
      expect(its).toBe(status);
    });
  const refuses = (call: Promise<unknown>, name: string) =>
    expect(call).rejects.toMatchObject({ name });

  const policy = { RoleName: 'deploy', PolicyName: 'all' };
  const forbid = () => server.client(IAMClient).send(new DeleteRolePolicyCommand(policy));
  const allow = () => {
    const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    return server.client(IAMClient).send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
  };

  it('CD-DGF-03, 04: puts hooks on groups, and takes them away', async () => {
    await refuses(make(), 'InvalidAutoScalingGroupException');
    await makeScaling();
    for (const wrong of [['web', 'web'], [''], Array.from({ length: 11 }, (_, at) => `g${at}`)])
      await refuses(make({ autoScalingGroups: wrong }), 'InvalidAutoScalingGroupException');
    await make();
    const [launch] = await hooks();
    expect(launch).toMatchObject({
      ...{ LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', DefaultResult: 'ABANDON' },
      HeartbeatTimeout: 600,
    });
    expect(launch?.LifecycleHookName).toMatch(
      /^CodeDeploy-managed-automatic-launch-deployment-hook-group-[0-9a-f-]{36}$/,
    );
    expect(await scaled()).toEqual([{ name: 'web', hook: launch?.LifecycleHookName }]);
    await change({ terminationHookEnabled: true });
    const [{ terminationHook } = {}] = (await scaled()) ?? [];
    const both = [launch?.LifecycleHookName, terminationHook].sort();
    expect((await hooks()).map(({ LifecycleHookName }) => LifecycleHookName).sort()).toEqual(both);
    // The group stays as it was where a change of it is refused.
    await refuses(
      change({ autoScalingGroups: ['web', 'none'] }),
      'InvalidAutoScalingGroupException',
    );
    expect(await hooks()).toHaveLength(2);
    expect(await change({ autoScalingGroups: [] })).toMatchObject({ hooksNotCleanedUp: [] });
    expect([await hooks(), await scaled()]).toEqual([[], []]);

    await change({ autoScalingGroups: ['web'], terminationHookEnabled: false });
    await scaling.send(new asg.DeleteAutoScalingGroupCommand({ AutoScalingGroupName }));
    const removed = await client.send(new sdk.DeleteDeploymentGroupCommand(GROUP));
    expect(removed.hooksNotCleanedUp).toEqual([]);

    await until(async () => expect(await groups()).toEqual([]));
    await makeScaling();
    await make();
    const [left] = (await scaled()) ?? [];
    await forbid();
    await refuses(make({ deploymentGroupName: 'two' }), 'InvalidRoleException');
    const kept = await client.send(new sdk.DeleteDeploymentGroupCommand(GROUP));
    expect(kept.hooksNotCleanedUp).toEqual([left]);
    // It is tried again.
    await allow();
    server.clock.advance(5 * 60_000);
    await until(async () => expect(await hooks()).toEqual([]));
  });

  it('CD-ASG-01, 02, 03: brings what comes the last good revision, and stops what goes', async () => {
    await makeScaling();
    await make({ terminationHookEnabled: true });
    // There is none yet: an instance comes as it is.
    await desire(1);
    await become('InService');
    expect(await deployments('autoscaling')).toEqual([]);
    await over(await deploy('a.zip'));

    idle = true;
    await desire(2);
    await become('InService', 'Pending:Wait');
    await until(async () => expect(await deployments('autoscaling')).toHaveLength(1));
    const [held] = await deployments('autoscaling');
    // Signs of life, for longer than the hook would hold it without.
    for (let minute = 0; minute < 4; minute++) {
      server.clock.advance(60_000);
      await until(async () => expect(await states()).toEqual(['InService', 'Pending:Wait']));
    }
    await over(held?.deploymentId ?? '', 'InProgress');
    // What is refused for a while is said again.
    await forbid();
    idle = false;
    await over(held?.deploymentId ?? '');
    await become('InService', 'Pending:Wait');
    await allow();
    server.clock.advance(60_000);
    await become('InService', 'InService');
    const deployed = await deploymentOf(client, held?.deploymentId);
    expect(deployed).toMatchObject({
      ...{ status: 'Succeeded', revision: { s3Location: { key: 'a.zip' } } },
      deploymentOverview: { Succeeded: 1 },
    });

    // One that comes in the middle of a deployment gets the revision before it, and then the new one.
    idle = true;
    const root = await deploy('b.zip');
    await until(async () =>
      expect((await deploymentOf(client, root)).deploymentOverview).toMatchObject({
        InProgress: 1,
      }),
    );
    await desire(3);
    await become('InService', 'InService', 'Pending:Wait');
    idle = false;
    await over(root);
    await until(async () =>
      expect((await deployments('CodeDeployAutoUpdate')).map(({ status }) => status)).toEqual([
        'Succeeded',
      ]),
    );
    const [update] = await deployments('CodeDeployAutoUpdate');
    expect(update).toMatchObject({
      ...{ revision: { s3Location: { key: 'b.zip' } }, deploymentOverview: { Succeeded: 1 } },
      relatedDeployments: { autoUpdateOutdatedInstancesRootDeploymentId: root },
    });
    expect((await deploymentOf(client, root)).relatedDeployments).toMatchObject({
      autoUpdateOutdatedInstancesDeploymentIds: [update?.deploymentId],
    });

    // What goes is stopped first, whatever comes of that.
    bad = true;
    await desire(2);
    await become('InService', 'InService');
    const [gone] = await deployments('autoscalingTermination');
    expect(gone?.status).toBe('Failed');
    expect(await eventsOf(gone?.deploymentId)).toEqual([['ApplicationStop']]);
    // What comes and cannot be deployed to is given up.
    await desire(3);
    await until(async () => {
      const all = await deployments('autoscaling');
      expect(all.filter(({ status }) => status === 'Failed').length).toBeGreaterThan(0);
      expect(await states()).toEqual(['InService', 'InService']);
    });
  });

  // It stores nothing that the others do not.
  if (dialect !== 'sqlite') return;

  async function balanced(): Promise<() => Promise<(string | undefined)[]>> {
    const balancing = server.client(elb.ElasticLoadBalancingV2Client);
    const { vpc } = await defaultNetwork(server);
    const { TargetGroups: [made] = [] } = await balancing.send(
      new elb.CreateTargetGroupCommand({
        ...{ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: vpc, TargetType: 'instance' },
      }),
    );
    const TargetGroupArn = made?.TargetGroupArn ?? '';
    await makeScaling({ DesiredCapacity: 2, TargetGroupARNs: [TargetGroupArn] });
    return async () => {
      const { TargetHealthDescriptions = [] } = await balancing.send(
        new elb.DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      return TargetHealthDescriptions.map(({ Target }) => Target?.Id).sort();
    };
  }

  const COPY = {
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    loadBalancerInfo: { targetGroupInfoList: [{ name: 'web' }] },
    blueGreenDeploymentConfiguration: {
      greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' },
      deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT' },
      terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE' },
    },
    deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
  };

  it('CD-ASG-04: what comes to nothing leaves nothing behind', async () => {
    const targets = await balanced();
    await refuses(
      make({ ...COPY, autoScalingGroups: [] }),
      'InvalidBlueGreenDeploymentConfigurationException',
    );
    await make(COPY);
    await become('InService', 'InService');
    const before = await targets();
    await refuses(
      deploy('a.zip', { targetInstances: { autoScalingGroups: ['web'] } }),
      'InvalidTargetInstancesException',
    );
    bad = true;
    const failed = await deploy('a.zip');
    const copy = `CodeDeploy_group_${failed}`;
    await until(async () => expect(await states(copy)).toEqual(['InService', 'InService']));
    const made = (await groups()).find((group) => group.AutoScalingGroupName === copy);
    expect(made).toMatchObject({ MinSize: 0, MaxSize: 4, DesiredCapacity: 2, TargetGroupARNs: [] });
    expect(made?.Tags).toEqual([
      expect.objectContaining({ Key: 'CodeDeployProvisioningDeploymentId', Value: failed }),
    ]);
    await over(failed, 'Failed');
    expect((await groups()).map(({ AutoScalingGroupName: name }) => name)).toEqual(['web']);
    // Stopped while its instances are on their way.
    const stopped = await deploy('b.zip');
    await until(async () => expect(await groups()).toHaveLength(2));
    await client.send(new sdk.StopDeploymentCommand({ deploymentId: stopped }));
    await over(stopped, 'Stopped');
    expect((await groups()).map(({ AutoScalingGroupName: name }) => name)).toEqual(['web']);
    expect([await targets(), (await hooks()).length]).toEqual([before, 1]);
  });
});
