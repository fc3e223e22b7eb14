import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Environment } from '../model/environment.ts';
import { isBalanced } from '../model/settings.ts';
import type { Hands } from './clients.ts';

export async function groupOf(
  { autoscaling, asg }: Hands,
  name: string,
): Promise<AutoScalingGroup | undefined> {
  const { AutoScalingGroups = [] } = await autoscaling.send(
    new asg.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return AutoScalingGroups[0];
}

/** Of an instance that is about to go nothing more comes. */
const ENDS = /^(Terminat|Detach)/;

/** Which instances an environment has, and where the one of a single one is. */
export async function look(
  hands: Hands,
  environment: Environment,
): Promise<{ ids: string[]; endpoint: { address: string; port: number } | undefined }> {
  const { group } = environment.body.resources ?? {};
  const found = group === undefined ? undefined : await groupOf(hands, group);
  const ids = (found?.Instances ?? [])
    .filter(({ LifecycleState = '' }) => !ENDS.test(LifecycleState))
    .map(({ InstanceId = '' }) => InstanceId);
  const [single] = ids;
  if (isBalanced(environment) || single === undefined) return { ids, endpoint: undefined };
  const { Reservations = [] } = await hands.ec2.send(
    new hands.vm.DescribeInstancesCommand({ InstanceIds: [single] }),
  );
  const address = Reservations[0]?.Instances?.[0]?.PrivateIpAddress;
  return { ids, endpoint: address === undefined ? undefined : { address, port: 80 } };
}
