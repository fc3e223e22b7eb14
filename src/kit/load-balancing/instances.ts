import type { EC2Client } from '@aws-sdk/client-ec2';
import { isRefusal } from '../../lib/refusal.ts';
import type { ServiceContext } from '../service.ts';
import { firstUnknown } from './unknown.ts';

/** The addresses of those that run; or one that there is not. */
export type InstanceAddresses = { known: Map<string, string> } | { unknown: string };

/** Instances' addresses, asked of EC2 as the service itself, all at once. @param sourceArn for whom */
export async function addressesOfInstances(
  ctx: ServiceContext,
  sourceArn: string,
  ids: readonly string[],
): Promise<InstanceAddresses> {
  const odd = ids.find((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
  if (odd !== undefined) return { unknown: odd };
  if (ids.length === 0) return { known: new Map() };
  // The client package is large, and nobody else here wants it.
  const { EC2Client } = await import('@aws-sdk/client-ec2');
  const ec2 = ctx.client(EC2Client, {
    ...{ service: 'elasticloadbalancing.amazonaws.com', sourceArn, region: ctx.region },
    may: ['ec2:DescribeInstances'],
  });
  try {
    const known = await ask(ec2, ids);
    if (known) return { known };
    return { unknown: await firstUnknown(ids, async (some) => Boolean(await ask(ec2, some))) };
  } finally {
    ec2.destroy();
  }
}

/** @returns undefined where one of them is unknown */
async function ask(
  ec2: EC2Client,
  ids: readonly string[],
): Promise<Map<string, string> | undefined> {
  const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
  try {
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [...ids] }),
    );
    const found = new Map<string, string>();
    for (const { Instances = [] } of Reservations)
      for (const { InstanceId = '', PrivateIpAddress, State } of Instances)
        if (PrivateIpAddress !== undefined && State?.Name === 'running')
          found.set(InstanceId, PrivateIpAddress);
    return found;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}
