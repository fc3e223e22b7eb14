import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultNetwork } from './default-network.ts';
import { eventually } from './eventually.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';

const postgres = process.env.SLIPWAY_TEST_POSTGRES;
const PORT = 18_197;

describe.skipIf(!postgres)(
  `a load balancer of two servers${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    let two: TwoServers;
    beforeAll(async () => {
      two = await startTwoServers(postgres ?? '');
    });
    afterAll(() => two?.stop());

    test('is open on one of them, and on the other one once that is killed', async () => {
      const clients = two.servers.map((server) => new ElasticLoadBalancingV2Client(server.client));
      const [elb] = clients;
      const { subnets: Subnets } = await defaultNetwork(two.front);
      const given = { Name: 'web', Subnets };
      const { LoadBalancers: [made] = [] } =
        (await elb?.send(new CreateLoadBalancerCommand(given))) ?? {};
      const FixedResponseConfig = { StatusCode: '200', MessageBody: 'hi' };
      await elb?.send(
        new CreateListenerCommand({
          ...{ LoadBalancerArn: made?.LoadBalancerArn, Protocol: 'HTTP', Port: PORT },
          DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig }],
        }),
      );
      for (const client of clients) client.destroy();
      const address = made?.AvailabilityZones?.[0]?.LoadBalancerAddresses?.[0]?.IpAddress;
      const text = () =>
        fetch(`http://${address}:${PORT}/`).then(
          (answer) => answer.text(),
          () => '',
        );
      expect(await text()).toBe('hi');
      // The one that has it is found by what happens.
      for (const server of two.servers) {
        await server.kill();
        const hadIt = (await text()) === '';
        await eventually('the listener to be open at the other one', async () => {
          return (await text()) === 'hi';
        });
        if (hadIt) return;
        await server.restart();
      }
      expect.unreachable('neither of them had the listener');
    }, 120_000);
  },
);
