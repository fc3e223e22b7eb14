import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as deploy from '@aws-sdk/client-codedeploy';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iam from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aws, noAws } from './aws.ts';
import { ended, makeWeb, putBundle } from './codedeploy-hosts.ts';
import { defaultNetwork } from './default-network.ts';
import { eventually } from './eventually.ts';
import { missing, notHere } from './run.ts';
import { startServer, type TestServer } from './server.ts';

// Four instances in real containers behind a real load balancer that is asked without a pause: no request fails whatever is
// deployed. One server, and every step the next one's ground.

const MINUTE = 60_000;
const PORT = 18_096;
const image = process.env.SLIPWAY_TEST_IMAGE;
const skipped = missing('docker', 'info') || noAws || (!image && notHere('SLIPWAY_TEST_IMAGE'));
const call = promisify(execFile);

const USER_DATA = `#!/bin/bash
cd /root
curl -fsS -o install "$AWS_ENDPOINT_URL/aws-codedeploy-us-east-1/latest/install"
chmod +x ./install
./install auto
`;

/** A web server that says its version, slowly enough that something is under way at any moment. */
const APP = `const { readFileSync } = require('node:fs');
const version = readFileSync('/srv/www/version', 'utf8');
require('node:http').createServer((request, response) => {
  setTimeout(() => response.end(version), request.url === '/' ? 40 : 0);
}).listen(8080);
`;

/** One that says a wrong version is a bad revision. */
const bundle = (version: string): Record<string, string> => ({
  'appspec.yml': `version: 0.0
os: linux
files:
  - source: /
    destination: /srv/www
file_exists_behavior: OVERWRITE
hooks:
  ApplicationStop:
    - location: stop.sh
  ApplicationStart:
    - location: start.sh
  ValidateService:
    - location: validate.sh
      timeout: 60
`,
  version,
  'app.js': APP,
  'stop.sh': '#!/bin/sh\nkill -9 $(cat /var/run/app.pid) 2>/dev/null || true\n',
  'start.sh': `#!/bin/sh
setsid /opt/slipway/bin/node /srv/www/app.js </dev/null >/dev/null 2>&1 &
echo $! > /var/run/app.pid
`,
  'validate.sh': `#!/bin/sh
for _ in $(seq 50); do curl -fs http://127.0.0.1:8080/health | grep -q '^v' && exit 0; sleep 0.1; done
exit 1
`,
});

describe.skipIf(skipped)('deployments behind a load balancer', () => {
  let server: TestServer;
  let codedeploy: deploy.CodeDeployClient;
  let instances: ec2.EC2Client;
  let balancing: elb.ElasticLoadBalancingV2Client;
  let roleArn = '';
  let group = '';
  let balancer = '';
  let address = '';
  const ids = { blue: [] as string[], green: [] as string[], scaled: new Set<string>() };
  const containers = async (id: string) => {
    const { stdout } = await call('docker', [
      ...['ps', '-a', '-q', '--filter', `label=slipway.instance=${id}`],
    ]);
    return stdout.trim().split('\n').filter(Boolean);
  };

  beforeAll(async () => {
    server = await startServer({ flags: ['--executor', 'docker'] });
    codedeploy = new deploy.CodeDeployClient(server.client);
    instances = new ec2.EC2Client(server.client);
    balancing = new elb.ElasticLoadBalancingV2Client(server.client);
    roleArn = await makeWeb(server);
    const roles = new iam.IAMClient(server.client);
    const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole';
    await roles.send(new iam.AttachRolePolicyCommand({ RoleName: 'deploy', PolicyArn }));
    await makeProfile(roles);
    await makeBalancer();
    for (const version of ['v1', 'v2', 'bad', 'v3'])
      await putBundle(server, 'bundles', `${version}.zip`, bundle(version));
    const { ImageId } = await instances.send(
      new ec2.RegisterImageCommand({ Name: 'web', ImageLocation: image }),
    );
    for (const Value of ['blue', 'green'] as const) ids[Value] = await run(ImageId ?? '', Value);
  }, 2 * MINUTE);

  afterAll(async () => {
    for (const id of ids.scaled)
      await call('docker', ['rm', '-f', `slipway-ec2-${id}`]).catch(() => {});
    const InstanceIds = [...ids.blue, ...ids.green];
    // With the last of them goes all that instances need.
    if (InstanceIds.length > 0)
      await instances
        .send(new ec2.TerminateInstancesCommand({ InstanceIds }))
        .catch(() => undefined);
    for (const id of InstanceIds)
      await eventually(`${id} to go`, async () => (await containers(id)).length === 0);
    await server?.stop();
  }, 2 * MINUTE);

  async function makeProfile(roles: iam.IAMClient): Promise<void> {
    const trusts = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } };
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...trusts, Action: 'sts:AssumeRole' }],
    });
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    const named = { RoleName: 'web', InstanceProfileName: 'web' };
    await roles.send(new iam.CreateRoleCommand({ ...named, AssumeRolePolicyDocument }));
    await roles.send(new iam.AttachRolePolicyCommand({ ...named, PolicyArn }));
    await roles.send(new iam.CreateInstanceProfileCommand(named));
    await roles.send(new iam.AddRoleToInstanceProfileCommand(named));
  }

  async function makeBalancer(): Promise<void> {
    const { subnets: Subnets } = await defaultNetwork(server);
    const { LoadBalancers = [] } = await balancing.send(
      new elb.CreateLoadBalancerCommand({ Name: 'web', Subnets }),
    );
    const [{ LoadBalancerArn = '', AvailabilityZones = [] } = {}] = LoadBalancers;
    address = AvailabilityZones[0]?.LoadBalancerAddresses?.[0]?.IpAddress ?? '';
    balancer = LoadBalancerArn;
    group = await makeTargets('web', PORT);
  }

  /** A target group behind a port of the balancer. */
  async function makeTargets(Name: string, Port: number): Promise<string> {
    const { vpc: VpcId } = await defaultNetwork(server);
    const { TargetGroups = [] } = await balancing.send(
      new elb.CreateTargetGroupCommand({
        ...{ Name, Protocol: 'HTTP', Port: 8080, VpcId },
        ...{
          HealthCheckPath: '/health',
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 2,
        },
      }),
    );
    const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
    await balancing.send(
      new elb.CreateListenerCommand({
        ...{ LoadBalancerArn: balancer, Protocol: 'HTTP', Port, DefaultActions },
      }),
    );
    return TargetGroupArn;
  }

  async function run(ImageId: string, Value: string): Promise<string[]> {
    const { Instances = [] } = await instances.send(
      new ec2.RunInstancesCommand({
        ...{ ImageId, MinCount: 2, MaxCount: 2, IamInstanceProfile: { Name: 'web' } },
        UserData: Buffer.from(USER_DATA).toString('base64'),
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Role', Value }] }],
      }),
    );
    return Instances.map(({ InstanceId = '' }) => InstanceId).sort();
  }

  const states = async () => {
    const { TargetHealthDescriptions = [] } = await balancing.send(
      new elb.DescribeTargetHealthCommand({ TargetGroupArn: group }),
    );
    return Object.fromEntries(
      TargetHealthDescriptions.map(({ Target, TargetHealth }) => [
        Target?.Id ?? '',
        TargetHealth?.State,
      ]),
    );
  };

  async function create(version: string, more: object = {}): Promise<string> {
    const { deploymentId = '' } = await codedeploy.send(
      new deploy.CreateDeploymentCommand({
        ...{ applicationName: 'web', deploymentGroupName: 'prod' },
        revision: {
          revisionType: 'S3',
          s3Location: { bucket: 'bundles', key: `${version}.zip`, bundleType: 'zip' },
        },
        ...more,
      }),
    );
    return deploymentId;
  }

  /** A deployment once it has ended: thirteen events of two instances, on a machine that may have much else to do. */
  const over = (deploymentId: string) => ended(codedeploy, deploymentId, 2 * MINUTE);

  const targetOf = async (deploymentId: string, targetId: string) => {
    const found = await codedeploy.send(
      new deploy.GetDeploymentTargetCommand({ deploymentId, targetId }),
    );
    return found.deploymentTarget?.instanceTarget;
  };
  const eventsOf = async (deploymentId: string, targetId: string) =>
    ((await targetOf(deploymentId, targetId))?.lifecycleEvents ?? []).map(
      ({ lifecycleEventName, status }) => `${lifecycleEventName} ${status}`,
    );

  /** Asks all the time while `work` goes on. @returns what was answered, as often as it changed; and what failed */
  async function underLoad<T>(work: () => Promise<T>, url = `http://${address}:${PORT}/`) {
    const [answers, failures]: [Map<string, number>, unknown[]] = [new Map(), []];
    let more = true;
    const asking = (async () => {
      while (more) {
        try {
          const answer = await fetch(url);
          const body = await answer.text();
          if (answer.status === 200) answers.set(body, (answers.get(body) ?? 0) + 1);
          else failures.push(`${answer.status} ${body}`);
        } catch (error) {
          failures.push(error);
        }
      }
    })();
    try {
      return { result: await work(), answers, failures };
    } finally {
      more = false;
      await asking;
    }
  }

  test(
    'CD-LCS-02: a first deployment brings instances into the target group',
    async () => {
      await codedeploy.send(
        new deploy.CreateDeploymentGroupCommand({
          ...{ applicationName: 'web', deploymentGroupName: 'prod', serviceRoleArn: roleArn },
          ec2TagFilters: [{ Key: 'Role', Value: 'blue', Type: 'KEY_AND_VALUE' }],
          deploymentStyle: {
            ...{ deploymentType: 'IN_PLACE', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
          },
          loadBalancerInfo: { targetGroupInfoList: [{ name: 'web' }] },
          autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
        }),
      );
      await eventually('the instances', async () => {
        const found = await instances.send(
          new ec2.DescribeInstancesCommand({
            Filters: [{ Name: 'instance-state-name', Values: ['running'] }],
          }),
        );
        return (found.Reservations ?? []).flatMap(({ Instances = [] }) => Instances).length === 4;
      });
      const all = { deploymentConfigName: 'CodeDeployDefault.AllAtOnce' };
      const deploymentId = await create('v1', all);
      expect(await over(deploymentId)).toMatchObject({ status: 'Succeeded' });
      expect(await states()).toEqual(Object.fromEntries(ids.blue.map((id) => [id, 'healthy'])));
      expect(await eventsOf(deploymentId, ids.blue[0] ?? '')).toEqual(
        [
          ...['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic', 'ApplicationStop'],
          ...['DownloadBundle', 'BeforeInstall', 'Install', 'AfterInstall', 'ApplicationStart'],
          ...['ValidateService', 'BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'],
        ].map((name) => `${name} Succeeded`),
      );
    },
    3 * MINUTE,
  );

  test(
    'one at a time: no request fails, not while the next revision comes, nor while a bad one comes and is rolled back',
    async () => {
      const { answers, failures } = await underLoad(async () => {
        expect(await over(await create('v2'))).toMatchObject({ status: 'Succeeded' });
      });
      expect(failures).toEqual([]);
      expect([...answers.keys()].sort()).toEqual(['v1', 'v2']);

      const bad = await underLoad(async () => {
        const failed = await over(await create('bad'));
        expect(failed).toMatchObject({ status: 'Failed' });
        return over(failed.rollbackInfo?.rollbackDeploymentId ?? '');
      });
      expect(bad.result).toMatchObject({ status: 'Succeeded', creator: 'codeDeployRollback' });
      expect(bad.failures).toEqual([]);
      expect([...bad.answers.keys()]).toEqual(['v2']);
      expect(await states()).toEqual(Object.fromEntries(ids.blue.map((id) => [id, 'healthy'])));
    },
    6 * MINUTE,
  );

  test(
    'blue/green: no request fails, traffic waits for ContinueDeployment and the original instances are terminated after theirs',
    async () => {
      await codedeploy.send(
        new deploy.UpdateDeploymentGroupCommand({
          ...{ applicationName: 'web', currentDeploymentGroupName: 'prod' },
          deploymentStyle: {
            ...{ deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
          },
          blueGreenDeploymentConfiguration: {
            greenFleetProvisioningOption: { action: 'DISCOVER_EXISTING' },
            deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 },
            terminateBlueInstancesOnDeploymentSuccess: {
              ...{ action: 'TERMINATE', terminationWaitTimeInMinutes: 60 },
            },
          },
        }),
      );
      const green = [{ Key: 'Role', Value: 'green', Type: 'KEY_AND_VALUE' as const }];
      const deploymentId = await create('v3', {
        ...{ targetInstances: { tagFilters: green } },
        deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
      });
      const about = async () =>
        (await codedeploy.send(new deploy.GetDeploymentCommand({ deploymentId }))).deploymentInfo;
      const before = await underLoad(async () => {
        await eventually(
          'it to be ready',
          async () => (await about())?.status === 'Ready',
          2 * MINUTE,
        );
      });
      expect(before.failures).toEqual([]);
      expect([...before.answers.keys()]).toEqual(['v2']);
      // What waits outlives its server.
      await server.kill();
      await server.restart();
      expect(await about()).toMatchObject({
        status: 'Ready',
        deploymentOverview: { Ready: 2, Pending: 2 },
      });
      await eventually('the balancer', async () => (await fetch(`http://${address}:${PORT}/`)).ok);
      expect(Object.keys(await states()).sort()).toEqual(ids.blue);
      const { answers, failures } = await underLoad(async () => {
        await codedeploy.send(new deploy.ContinueDeploymentCommand({ deploymentId }));
        await eventually(
          'the wait before the termination',
          async () => (await about())?.instanceTerminationWaitTimeStarted,
        );
        expect(await states()).toEqual(Object.fromEntries(ids.green.map((id) => [id, 'healthy'])));
        const skip = { deploymentId, deploymentWaitType: 'TERMINATION_WAIT' as const };
        await codedeploy.send(new deploy.ContinueDeploymentCommand(skip));
        expect(await over(deploymentId)).toMatchObject({ status: 'Succeeded' });
      });
      expect(failures).toEqual([]);
      expect([...answers.keys()]).toEqual(['v2', 'v3']);
      const label = 'ServerInstanceLabel';
      const { targetIds } = await codedeploy.send(
        new deploy.ListDeploymentTargetsCommand({
          ...{ deploymentId, targetFilters: { [label]: ['Blue'] } },
        }),
      );
      expect(targetIds).toEqual(ids.blue);
      expect((await targetOf(deploymentId, ids.green[0] ?? ''))?.instanceLabel).toBe('Green');
      await eventually('the original instances to be gone', async () => {
        const found = await instances.send(
          new ec2.DescribeInstancesCommand({ InstanceIds: ids.blue }),
        );
        return (found.Reservations ?? [])
          .flatMap(({ Instances = [] }) => Instances)
          .every(({ State }) => State?.Name === 'terminated');
      });
      const { deploymentGroupInfo } = await codedeploy.send(
        new deploy.GetDeploymentGroupCommand({
          ...{ applicationName: 'web', deploymentGroupName: 'prod' },
        }),
      );
      expect(deploymentGroupInfo?.ec2TagFilters).toEqual(green);
      expect(server.log()).not.toMatch(/"level":50/);
    },
    5 * MINUTE,
  );

  test(
    "CD-ASG-01, 04: the tutorial's blue/green group: a copied Auto Scaling group replaces its original, no request fails, and what scales out has the revision",
    async () => {
      const run = aws(server);
      const port = PORT + 1;
      const url = `http://${address}:${port}/`;
      const targets = await makeTargets('fleet', port);
      // What AWS asks for besides, where the group has a launch template.
      const actions = ['ec2:RunInstances', 'ec2:CreateTags', 'iam:PassRole'];
      const policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
      });
      await run`iam put-role-policy --role-name deploy --policy-name templates --policy-document ${policy}`;
      const { Images } = await run`ec2 describe-images --owners self`;
      const [{ ImageId = '' } = {}] = Images as { ImageId?: string }[];
      const data = JSON.stringify({
        ...{ ImageId, IamInstanceProfile: { Name: 'web' } },
        UserData: Buffer.from(USER_DATA).toString('base64'),
      });
      await run`ec2 create-launch-template --launch-template-name web --launch-template-data ${data}`;
      await run`autoscaling create-auto-scaling-group --auto-scaling-group-name fleet --launch-template LaunchTemplateName=web --min-size 1 --max-size 2 --desired-capacity 1 --availability-zones us-east-1a --target-group-arns ${targets}`;
      await run`deploy create-deployment-group --application-name web --deployment-group-name fleet --service-role-arn ${roleArn} --auto-scaling-groups fleet --deployment-style deploymentType=IN_PLACE,deploymentOption=WITH_TRAFFIC_CONTROL --load-balancer-info targetGroupInfoList=[{name=fleet}]`;
      const deployed = async (version: string) => {
        const location = `bucket=bundles,key=${version}.zip,bundleType=zip`;
        const { deploymentId } =
          await run`deploy create-deployment --application-name web --deployment-group-name fleet --s3-location ${location} --deployment-config-name CodeDeployDefault.AllAtOnce`;
        return String(deploymentId);
      };
      const inService = async () => {
        const { AutoScalingGroups } = await run`autoscaling describe-auto-scaling-groups`;
        const all = AutoScalingGroups as {
          AutoScalingGroupName: string;
          Instances: { InstanceId: string; LifecycleState: string }[];
        }[];
        for (const { Instances } of all)
          for (const { InstanceId } of Instances) ids.scaled.add(InstanceId);
        return Object.fromEntries(
          all.map(({ AutoScalingGroupName: name, Instances }) => [
            name,
            Instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length,
          ]),
        );
      };
      await eventually('the group', async () => (await inService()).fleet === 1, MINUTE);
      expect(await over(await deployed('v1'))).toMatchObject({ status: 'Succeeded' });
      const style = 'deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL';
      const blueGreen =
        'terminateBlueInstancesOnDeploymentSuccess={action=TERMINATE,terminationWaitTimeInMinutes=0},deploymentReadyOption={actionOnTimeout=CONTINUE_DEPLOYMENT},greenFleetProvisioningOption={action=COPY_AUTO_SCALING_GROUP}';
      await run`deploy update-deployment-group --application-name web --current-deployment-group-name fleet --deployment-style ${style} --blue-green-deployment-configuration ${blueGreen}`;
      const { result, answers, failures } = await underLoad(async () => {
        const deploymentId = await deployed('v2');
        const { status, errorInformation } = await over(deploymentId);
        expect([status, errorInformation?.message]).toEqual(['Succeeded', undefined]);
        const copy = `CodeDeploy_fleet_${deploymentId}`;
        await eventually('the original to be gone', async () => {
          const groups = await inService();
          return groups[copy] === 1 && !('fleet' in groups);
        });
        await run`autoscaling set-desired-capacity --auto-scaling-group-name ${copy} --desired-capacity 2`;
        await eventually('one more', async () => (await inService())[copy] === 2, MINUTE);
        return copy;
      }, url);
      expect(failures).toEqual([]);
      expect([...answers.keys()]).toEqual(['v1', 'v2']);
      const { deploymentGroupInfo } =
        await run`deploy get-deployment-group --application-name web --deployment-group-name fleet`;
      expect(deploymentGroupInfo).toMatchObject({
        autoScalingGroups: [
          { name: result, hook: expect.stringMatching(/^CodeDeploy-managed-automatic-launch-/) },
        ],
        targetRevision: { s3Location: { key: 'v2.zip' } },
      });
      const { deployments } =
        await run`deploy list-deployments --application-name web --deployment-group-name fleet`;
      const [last = ''] = deployments as string[];
      expect(await over(last)).toMatchObject({ creator: 'autoscaling', status: 'Succeeded' });
      await run`autoscaling delete-auto-scaling-group --auto-scaling-group-name ${result} --force-delete`;
      await run`deploy delete-deployment-group --application-name web --deployment-group-name fleet`;
      for (const id of ids.scaled)
        await eventually(`${id} to go`, async () => (await containers(id)).length === 0, MINUTE);
    },
    4 * MINUTE,
  );
});
