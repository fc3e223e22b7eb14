import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { AwsError } from '../../../aws/errors.ts';
import type { Balancer, Standing } from './balancer.ts';
import { moveTraffic } from './move.ts';
import { targetGroup } from './target-group.ts';

type State = Standing['state'];

/** A load balancer where an instance stands so, one look after the other; or whose API says no. */
function balancer(states: State[], error?: Error): Balancer & { did: string[] } {
  const did: string[] = [];
  const left = [...states];
  return {
    ...{ label: 'the target group web', did, check: async () => undefined },
    async standing() {
      if (error) throw error;
      return { state: left.shift() ?? 'out', reason: 'why' };
    },
    putIn: async () => void did.push('in'),
    takeOut: async () => void did.push('out'),
  };
}

test.each<[string, State[], unknown, string[]]>([
  ['BlockTraffic', ['out'], 'done', []],
  ['BlockTraffic', ['leaving'], 'later', []],
  ['BlockTraffic', ['in', 'out'], 'done', ['out']],
  ['BlockTraffic', ['in', 'leaving'], 'later', ['out']],
  ['BlockTraffic', ['entering', 'out'], 'done', ['out']],
  ['BlockTraffic', ['never', 'out'], 'done', ['out']],
  ['AllowTraffic', ['in'], 'done', []],
  ['AllowTraffic', ['entering'], 'later', []],
  ['AllowTraffic', ['out'], 'later', ['in']],
  ['AllowTraffic', ['leaving'], 'later', ['in']],
  ['AllowTraffic', ['never'], { failed: expect.stringContaining('why') }, []],
])('CD-LCS-09: %s of an instance that stands %j', async (event, states, outcome, did) => {
  const one = balancer(states);
  expect(await moveTraffic([one], event, 'i-1')).toEqual(outcome);
  expect(one.did).toEqual(did);
});

test('CD-LCS-09: of several load balancers all have to be done, and one that fails is enough', async () => {
  const many = (...states: State[]) =>
    moveTraffic(
      states.map((state) => balancer([state])),
      'AllowTraffic',
      'i-1',
    );
  expect(await many('in', 'in')).toBe('done');
  expect(await many('in', 'entering')).toBe('later');
  expect(await many('entering', 'in')).toBe('later');
  expect(await many('entering', 'never')).toMatchObject({ failed: expect.any(String) });
});

test('a load balancer that says no has failed, and one that is away for a moment is asked again', async () => {
  const asked = (error: Error) => moveTraffic([balancer([], error)], 'BlockTraffic', 'i-1');
  const no = new AwsError('TargetGroupNotFound', 'There is none.');
  expect(await asked(no)).toEqual({
    failed: 'the target group web: TargetGroupNotFound: There is none.',
  });
  const away = Object.assign(new Error('connect'), { $metadata: {} });
  await expect(asked(away)).rejects.toBe(away);
});

/** A target group with the instance `i-1` on ports with these states, and another instance. */
function group(...ports: string[]) {
  const sent: unknown[] = [];
  const describe = (Id: string, Port: number, State: string) => ({
    ...{ Target: { Id, Port }, TargetHealth: { State, Description: 'why' } },
  });
  const answers: Record<string, object> = {
    DescribeTargetGroupsCommand: {
      TargetGroups: [{ TargetGroupArn: 'arn', TargetType: 'instance' }],
    },
    DescribeTargetHealthCommand: {
      TargetHealthDescriptions: [
        describe('i-2', 1, 'unused'),
        ...ports.map((state, index) => describe('i-1', index + 1, state)),
      ],
    },
  };
  const send = async (command: { constructor: { name: string }; input: unknown }) => {
    const { name } = command.constructor;
    if (!Object.hasOwn(answers, name)) sent.push([name, command.input]);
    return answers[name] ?? {};
  };
  return {
    sent,
    balancer: targetGroup({ send } as unknown as ElasticLoadBalancingV2Client, 'web'),
  };
}

test.each([
  ['out', []],
  ['leaving', ['draining', 'draining']],
  ['in', ['healthy', 'draining']],
  ['in', ['healthy', 'unavailable']],
  ['entering', ['healthy', 'unhealthy']],
  ['entering', ['initial']],
  ['never', ['healthy', 'unused']],
])('the worst of the ports that stay says how an instance stands: %s', async (state, ports) => {
  expect(await group(...ports).balancer.standing('i-1')).toMatchObject({ state });
});

test('an instance is taken out on all ports on which it is, but for those that it leaves', async () => {
  const { balancer: one, sent } = group('healthy', 'draining', 'unhealthy');
  await one.takeOut('i-1');
  const Targets = [1, 3].map((Port) => ({ Id: 'i-1', Port }));
  expect(sent).toEqual([['DeregisterTargetsCommand', { TargetGroupArn: 'arn', Targets }]]);
  const gone = group('draining');
  await gone.balancer.takeOut('i-1');
  expect(gone.sent).toEqual([]);
});
