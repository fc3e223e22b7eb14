import type { Call, Lists } from './three-of-each.ts';

const each = async (work: (name: string) => Promise<unknown>) => {
  for (const name of ['1', '2', '3']) await work(name);
};

/** Three load balancers, groups, and listeners and rules of the first. */
export async function balancers(call: Call): Promise<Lists> {
  const elb = (operation: string, input: object) => call('elasticloadbalancing', operation, input);
  const FixedResponseConfig = { StatusCode: '200' };
  const actions = [{ Type: 'fixed-response', FixedResponseConfig }];
  await each((n) => elb('CreateLoadBalancer', { Name: n, Subnets: ['subnet-1', 'subnet-2'] }));
  await each((n) =>
    elb('CreateTargetGroup', { Name: n, Protocol: 'HTTP', Port: 9, VpcId: 'vpc-1' }),
  );
  const { LoadBalancers } = await elb('DescribeLoadBalancers', { Names: ['1'] });
  const [{ LoadBalancerArn = '' } = {}] = LoadBalancers as { LoadBalancerArn?: string }[];
  let ListenerArn: string | undefined;
  await each(async (n) => {
    const { Listeners } = await elb('CreateListener', {
      ...{ LoadBalancerArn, Protocol: 'HTTP', Port: 18_080 + Number(n), DefaultActions: actions },
    });
    ListenerArn = (Listeners as { ListenerArn: string }[])[0]?.ListenerArn;
  });
  await each((n) =>
    elb('CreateRule', {
      ...{ ListenerArn, Priority: Number(n), Actions: actions },
      Conditions: [{ Field: 'path-pattern', Values: ['/'] }],
    }),
  );
  return {
    DescribeAccountLimits: { input: {}, items: 'Limits' },
    DescribeListeners: { input: { LoadBalancerArn }, items: 'Listeners' },
    DescribeLoadBalancers: { input: {}, items: 'LoadBalancers' },
    DescribeRules: { input: { ListenerArn }, items: 'Rules' },
    DescribeTargetGroups: { input: {}, items: 'TargetGroups' },
  };
}
