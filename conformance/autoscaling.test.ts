import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type Instance,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { defaultNetwork } from './default-network.ts';
import { eventually } from './eventually.ts';
import { missing, notHere } from './run.ts';
import { startServer, type TestServer } from './server.ts';

// A group of real containers behind a target group, from create-auto-scaling-group to nothing left: one server, and every step
// the next one's ground.

const MINUTE = 60_000;
const image = process.env.SLIPWAY_TEST_IMAGE;
const skipped = missing('docker', 'info') || noAws || (!image && notHere('SLIPWAY_TEST_IMAGE'));
const call = promisify(execFile);

describe.skipIf(skipped)('Auto Scaling groups', () => {
  let server: TestServer;
  let groups: AutoScalingClient;
  let ec2: EC2Client;
  let mine: string[] = [];

  const instances = async (): Promise<Instance[]> => {
    const { AutoScalingGroups = [] } = await groups.send(new DescribeAutoScalingGroupsCommand({}));
    return AutoScalingGroups[0]?.Instances ?? [];
  };
  /** Those that EC2 has of the group and that are not gone. */
  const live = async (): Promise<string[]> => {
    const Filters = [{ Name: 'tag:aws:autoscaling:groupName', Values: ['web'] }];
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    const all = Reservations.flatMap(({ Instances = [] }) => Instances)
      .filter(({ State }) => State?.Name !== 'terminated')
      .map(({ InstanceId = '' }) => InstanceId);
    mine = [...new Set([...mine, ...all])];
    return all.sort();
  };
  const settled = (many: number) =>
    eventually(
      `${many} instances in service and none besides`,
      async () => {
        const shown = await instances();
        const all = await live();
        const serving = shown.filter(({ LifecycleState }) => LifecycleState === 'InService');
        return [shown, all, serving].every(({ length }) => length === many) && shown;
      },
      2 * MINUTE,
    );
  const desire = (many: number) =>
    aws(
      server,
    )`autoscaling set-desired-capacity --auto-scaling-group-name web --desired-capacity ${many}`;

  beforeAll(async () => {
    server = await startServer({ flags: ['--executor', 'docker'] });
    groups = new AutoScalingClient(server.client);
    ec2 = new EC2Client(server.client);
  }, 2 * MINUTE);

  afterAll(async () => {
    for (const id of mine) await call('docker', ['rm', '-f', `slipway-ec2-${id}`]).catch(() => {});
    await server?.stop();
  }, 2 * MINUTE);

  test(
    'have as many instances as are wanted, whatever ends',
    async () => {
      const { ImageId } = await aws(
        server,
      )`ec2 register-image --name web --image-location ${image ?? ''}`;
      const data = JSON.stringify({ ImageId, InstanceType: 't3.micro' });
      await aws(
        server,
      )`ec2 create-launch-template --launch-template-name web --launch-template-data ${data}`;
      const { vpc } = await defaultNetwork(server);
      const { TargetGroups } = await aws(
        server,
      )`elbv2 create-target-group --name web --protocol HTTP --port 80 --vpc-id ${vpc}`;
      const [{ TargetGroupArn = '' } = {}] = TargetGroups as { TargetGroupArn?: string }[];
      const none = await awsError(
        server,
      )`autoscaling create-auto-scaling-group --auto-scaling-group-name web --min-size 0 --max-size 1 --availability-zones us-east-1a`;
      expect(none).toContain('ValidationError');
      await aws(
        server,
      )`autoscaling create-auto-scaling-group --auto-scaling-group-name web --launch-template LaunchTemplateName=web --min-size 0 --max-size 4 --desired-capacity 2 --availability-zones us-east-1a us-east-1b --target-group-arns ${TargetGroupArn}`;
      const [first] = await settled(2);
      const targets = async () => {
        const { TargetHealthDescriptions } = await aws(
          server,
        )`elbv2 describe-target-health --target-group-arn ${TargetGroupArn}`;
        const all = TargetHealthDescriptions as { Target: { Id: string } }[];
        return all.map(({ Target }) => Target.Id).sort();
      };
      expect(await targets()).toEqual(await live());

      await call('docker', ['kill', `slipway-ec2-${first?.InstanceId}`]);
      await eventually('another in its place', async () =>
        (await instances()).every(({ InstanceId }) => InstanceId !== first?.InstanceId),
      );
      await settled(2);

      await aws(
        server,
      )`autoscaling put-lifecycle-hook --auto-scaling-group-name web --lifecycle-hook-name in --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING`;
      await desire(3);
      const held = await eventually('a launch that is held', async () =>
        (await instances()).find(({ LifecycleState }) => LifecycleState === 'Pending:Wait'),
      );
      await aws(
        server,
      )`autoscaling complete-lifecycle-action --auto-scaling-group-name web --lifecycle-hook-name in --instance-id ${held.InstanceId ?? ''} --lifecycle-action-result CONTINUE`;
      await settled(3);
      await aws(
        server,
      )`autoscaling delete-lifecycle-hook --auto-scaling-group-name web --lifecycle-hook-name in`;

      // In the middle of a launch and of a termination.
      await desire(4);
      await aws(
        server,
      )`autoscaling terminate-instance-in-auto-scaling-group --instance-id ${held.InstanceId ?? ''} --no-should-decrement-desired-capacity`;
      await server.kill();
      await server.restart();
      const after = await settled(4);
      expect(after.map(({ InstanceId }) => InstanceId)).not.toContain(held.InstanceId);
      expect(await targets()).toEqual(await live());

      await aws(
        server,
      )`autoscaling delete-auto-scaling-group --auto-scaling-group-name web --force-delete`;
      await eventually('nothing to be left', async () => (await live()).length === 0);
      expect(await targets()).toEqual([]);
      const { AutoScalingGroups } = await aws(server)`autoscaling describe-auto-scaling-groups`;
      expect(AutoScalingGroups).toEqual([]);
      for (const id of mine)
        await expect(call('docker', ['inspect', `slipway-ec2-${id}`])).rejects.toThrow();
    },
    5 * MINUTE,
  );
});
