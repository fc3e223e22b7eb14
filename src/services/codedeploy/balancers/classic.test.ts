import type {
  ElasticLoadBalancingClient,
  InstanceState,
} from '@aws-sdk/client-elastic-load-balancing';
import { expect, test } from 'vitest';
import { AwsError } from '../../../aws/errors.ts';
import { classic } from './classic.ts';

/** A load balancer that says this of an instance, and notes what it is told. */
function balancer(state: InstanceState | undefined, error?: Error) {
  const told: string[] = [];
  const client = {
    async send(command: { input: unknown }) {
      told.push(`${command.constructor.name} ${JSON.stringify(command.input)}`);
      if (error) throw error;
      return { InstanceStates: state ? [state] : [] };
    },
  } as unknown as ElasticLoadBalancingClient;
  return { ...classic(client, 'web'), told };
}

test.each<[string, InstanceState | undefined, string]>([
  ['is not known', undefined, 'out'],
  ['is not registered', { Description: 'Instance is not currently registered with it.' }, 'out'],
  [
    'drains, and serves',
    { State: 'InService', Description: 'Instance deregistration currently in progress.' },
    'leaving',
  ],
  ['serves', { State: 'InService', Description: 'N/A' }, 'in'],
  ['is not well', { State: 'OutOfService', Description: 'It has failed.' }, 'entering'],
  ['is not yet known', { State: 'Unknown' }, 'entering'],
])('CD-LCS-09: a classic load balancer whose instance %s', async (_words, state, standing) => {
  expect(await balancer(state).standing('i-1')).toMatchObject({ state: standing });
});

test('one that does not have the instance says so by an error; others are errors', async () => {
  const none = new AwsError('InvalidInstance', 'There is none.');
  expect(await balancer(undefined, none).standing('i-1')).toEqual({ state: 'out' });
  const gone = new AwsError('LoadBalancerNotFound', 'There is none.');
  await expect(balancer(undefined, gone).standing('i-1')).rejects.toBe(gone);
  await expect(balancer(undefined, gone).check()).rejects.toBe(gone);
});

test('an instance is put in and taken out by its id', async () => {
  const one = balancer(undefined);
  await one.putIn('i-1');
  await one.takeOut('i-1');
  const named = '{"LoadBalancerName":"web","Instances":[{"InstanceId":"i-1"}]}';
  expect(one.told).toEqual([
    `RegisterInstancesWithLoadBalancerCommand ${named}`,
    `DeregisterInstancesFromLoadBalancerCommand ${named}`,
  ]);
});
