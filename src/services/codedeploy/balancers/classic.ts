import type {
  ElasticLoadBalancingClient,
  InstanceState,
} from '@aws-sdk/client-elastic-load-balancing';
import { isAwsError } from '../../../aws/errors.ts';
import type { Balancer, Standing } from './balancer.ts';

/** A classic load balancer, under a deployment group's role. */
export function classic(elb: ElasticLoadBalancingClient, name: string): Balancer {
  const sdk = () => import('@aws-sdk/client-elastic-load-balancing');
  const of = (instance: string) => ({
    LoadBalancerName: name,
    Instances: [{ InstanceId: instance }],
  });
  return {
    label: `the load balancer ${name}`,
    async check() {
      const { DescribeLoadBalancersCommand } = await sdk();
      await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerNames: [name] }));
    },
    async standing(instance) {
      const { DescribeInstanceHealthCommand } = await sdk();
      try {
        const { InstanceStates } = await elb.send(new DescribeInstanceHealthCommand(of(instance)));
        return standingOf(InstanceStates?.[0]);
      } catch (error) {
        if (isAwsError(error, 'InvalidInstance', 'InvalidEndPointException'))
          return { state: 'out' };
        throw error;
      }
    },
    async putIn(instance) {
      const { RegisterInstancesWithLoadBalancerCommand } = await sdk();
      await elb.send(new RegisterInstancesWithLoadBalancerCommand(of(instance)));
    },
    async takeOut(instance) {
      const { DeregisterInstancesFromLoadBalancerCommand } = await sdk();
      await elb.send(new DeregisterInstancesFromLoadBalancerCommand(of(instance)));
    },
  };
}

/** What drains is in service for DescribeInstanceHealth, and its description alone tells it. */
function standingOf(instance: InstanceState | undefined): Standing {
  const { State, Description = '' } = instance ?? {};
  if (!instance || /not currently registered/i.test(Description)) return { state: 'out' };
  if (/deregistration currently in progress/i.test(Description)) return { state: 'leaving' };
  if (State === 'InService') return { state: 'in' };
  return { state: 'entering', reason: Description || State || 'unknown' };
}
