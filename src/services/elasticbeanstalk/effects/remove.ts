import { isAwsError } from '../../../aws/errors.ts';
import { type Environment, names } from '../model/environment.ts';
import { isBalanced } from '../model/settings.ts';
import type { Hands } from './clients.ts';
import { groupOf } from './watch.ts';

/**
 * Removes all that an environment has, by its names: also what was made and not told of, since the server died.
 * @returns whether all of it is gone; its instances need a while
 */
export async function remove(hands: Hands, environment: Environment): Promise<boolean> {
  const { autoscaling, asg, ec2, vm, balancing, elb } = hands;
  const called = names(environment.id);
  // Where it never had one, nobody is asked who may not be there at all.
  const balanced = isBalanced(environment);
  const balancers = !balanced
    ? undefined
    : await unlessGone(
        balancing.send(new elb.DescribeLoadBalancersCommand({ Names: [called.balancer] })),
        'LoadBalancerNotFound',
        'LoadBalancerNotFoundException',
      );
  for (const { LoadBalancerArn } of balancers?.LoadBalancers ?? [])
    await balancing.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }));
  const group = await groupOf(hands, called.group);
  if (group) {
    if (group.Status === undefined)
      await unlessGone(
        autoscaling.send(
          new asg.DeleteAutoScalingGroupCommand({
            ...{ AutoScalingGroupName: called.group, ForceDelete: true },
          }),
        ),
        ...['ValidationError', 'ScalingActivityInProgress', 'ScalingActivityInProgressFault'],
        ...['ResourceInUse', 'ResourceInUseFault'],
      );
    return false;
  }
  const groups = !balanced
    ? undefined
    : await unlessGone(
        balancing.send(new elb.DescribeTargetGroupsCommand({ Names: [called.targetGroup] })),
        'TargetGroupNotFound',
        'TargetGroupNotFoundException',
      );
  for (const { TargetGroupArn } of groups?.TargetGroups ?? [])
    await balancing.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn }));
  await unlessGone(
    ec2.send(new vm.DeleteLaunchTemplateCommand({ LaunchTemplateName: called.template })),
    'InvalidLaunchTemplateName.NotFoundException',
    'InvalidLaunchTemplateId.NotFound',
  );
  return true;
}

/** Whatever is not there is gone already. */
async function unlessGone<T>(work: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isAwsError(error, ...codes)) throw error;
    return undefined;
  }
}
