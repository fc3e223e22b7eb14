import { isRefusal } from '../../lib/refusal.ts';
import type { ServiceContext } from '../service.ts';

/** Why an instance cannot be a target. */
export type InstanceProblem = 'unknown' | 'not running';

/** An instance's address, asked of EC2 as the service itself. @param sourceArn for whom */
export async function addressOfInstance(
  ctx: ServiceContext,
  sourceArn: string,
  id: string,
): Promise<{ address: string } | InstanceProblem> {
  if (!/^i-[0-9a-f]{8,17}$/.test(id)) return 'unknown';
  // The client package is large, and nobody else here wants it.
  const { DescribeInstancesCommand, EC2Client } = await import('@aws-sdk/client-ec2');
  const ec2 = ctx.client(EC2Client, {
    ...{ service: 'elasticloadbalancing.amazonaws.com', sourceArn, region: ctx.region },
    may: ['ec2:DescribeInstances'],
  });
  try {
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [id] }),
    );
    const instance = Reservations.flatMap(({ Instances = [] }) => Instances)[0];
    const { PrivateIpAddress: address, State } = instance ?? {};
    return address === undefined || State?.Name !== 'running' ? 'not running' : { address };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return 'unknown';
  } finally {
    ec2.destroy();
  }
}
