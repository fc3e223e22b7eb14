import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { defaultNetwork } from './default-network.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** What is read of answers. */
interface Answer {
  LoadBalancers: {
    LoadBalancerArn: string;
    DNSName: string;
    AvailabilityZones: { LoadBalancerAddresses: { IpAddress: string }[] }[];
  }[];
  TargetGroups: { TargetGroupArn: string }[];
  Listeners: { ListenerArn: string }[];
  TargetHealthDescriptions: { TargetHealth: { State: string } }[];
}

describe.skipIf(noAws)('a load balancer', () => {
  let server: TestServer;
  const targets: Server[] = [];

  beforeAll(async () => {
    server = await startServer();
    for (const name of ['a', 'b']) {
      const target = createServer((request, response) => {
        // Long enough that something is under way at any moment.
        setTimeout(() => response.end(name), request.url === '/' ? 20 : 0);
      }).listen(0, '127.0.0.1');
      targets.push(target);
      await once(target, 'listening');
    }
  });
  afterAll(async () => {
    for (const target of targets) target.close();
    await server?.stop();
  });

  const run = async (...typed: Parameters<ReturnType<typeof aws>>) =>
    (await aws(server)(...typed)) as unknown as Answer;
  const portOf = (target: Server) => (target.address() as AddressInfo).port;

  test('forwards, and loses no request while a target is deregistered, with the aws command', async () => {
    const { vpc, subnets } = await defaultNetwork(server);
    expect(
      await awsError(server)`elbv2 create-load-balancer --name web --subnets subnet-1 subnet-2`,
    ).toMatch(/^SubnetNotFound: /);
    const { LoadBalancers } = await run`elbv2 create-load-balancer --name web --subnets ${subnets}`;
    const [{ LoadBalancerArn = '', DNSName = '', AvailabilityZones = [] } = {}] = LoadBalancers;
    const address = AvailabilityZones[0]?.LoadBalancerAddresses[0]?.IpAddress ?? '';
    const { TargetGroups } =
      await run`elbv2 create-target-group --name web --protocol HTTP --port 80
      --vpc-id ${vpc} --target-type ip --health-check-path /health`;
    const [{ TargetGroupArn: group = '' } = {}] = TargetGroups;
    const [a, b] = targets.map((target) => `Id=127.0.0.1,Port=${portOf(target)}`);
    await run`elbv2 register-targets --target-group-arn ${group} --targets ${[a ?? '', b ?? '']}`;
    const port = 18_095;
    const { Listeners } =
      await run`elbv2 create-listener --load-balancer-arn ${LoadBalancerArn} --protocol HTTP
      --port ${port} --default-actions Type=forward,TargetGroupArn=${group}`;
    await run`elbv2 wait load-balancer-available --load-balancer-arns ${LoadBalancerArn}`;
    await eventually('both targets to be healthy', async () => {
      const found = await run`elbv2 describe-target-health --target-group-arn ${group}`;
      return found.TargetHealthDescriptions.every(
        ({ TargetHealth }) => TargetHealth.State === 'healthy',
      );
    });
    await run`elbv2 wait target-in-service --target-group-arn ${group}`;
    expect(DNSName).toMatch(/^web-\d+\.us-east-1\.elb\.localhost$/);

    const [answers, failures]: [string[], unknown[]] = [[], []];
    let more = true;
    const client = async () => {
      while (more) {
        try {
          const answer = await fetch(`http://${address}:${port}/`);
          const body = await answer.text();
          if (answer.status === 200) answers.push(body);
          else failures.push(answer.status);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const clients = [client(), client(), client(), client()];
    await eventually('answers of both', async () => answers.includes('a') && answers.includes('b'));
    await run`elbv2 deregister-targets --target-group-arn ${group} --targets ${b ?? ''}`;
    await run`elbv2 wait target-deregistered --target-group-arn ${group} --targets ${b ?? ''}`;
    // Nothing goes there any more: who deploys to it may end it now.
    targets[1]?.closeAllConnections();
    targets[1]?.close();
    const since = answers.length;
    await eventually('answers of the other', async () => answers.length > since + 20);
    more = false;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(new Set(answers.slice(since + 4))).toEqual(new Set(['a']));

    const [{ ListenerArn = '' } = {}] = Listeners;
    await run`elbv2 create-rule --listener-arn ${ListenerArn} --priority 1 --conditions Field=path-pattern,Values=/old/*
      --actions ${JSON.stringify([{ Type: 'redirect', RedirectConfig: { Path: '/new', StatusCode: 'HTTP_301' } }])}`;
    const moved = await fetch(`http://${address}:${port}/old/x`, { redirect: 'manual' });
    expect(moved.headers.get('location')).toBe(`http://${address}:${port}/new`);
    expect(await awsError(server)`elbv2 delete-target-group --target-group-arn ${group}`).toMatch(
      /^ResourceInUse: /,
    );

    await server.kill();
    await server.restart();
    await eventually(
      'the listener to be back',
      async () => (await fetch(`http://${address}:${port}/`)).ok,
    );
  });
});
