import { isRefusal, statusOf } from '../../lib/refusal.ts';
import type { ServiceContext } from '../service.ts';

/** Where subnets are. */
export interface Subnet {
  id: string;
  zone: string;
  vpcId: string;
}

/** What EC2 says of what a load balancer is to be in. */
export type NetworkAnswer =
  | { kind: 'found'; subnets: Subnet[] }
  | { kind: 'no subnet' | 'no group' | 'no vpc'; id: string }
  /** EC2 is not served: nothing is known of networks. */
  | { kind: 'unknown' };

interface Asked {
  subnets: readonly string[];
  securityGroups: readonly string[];
  vpc?: string | undefined;
}

/** Looks subnets and security groups up in EC2, as the service itself. @param sourceArn for whom */
export async function networkOf(
  ctx: ServiceContext,
  sourceArn: string,
  { subnets, securityGroups, vpc }: Asked,
): Promise<NetworkAnswer> {
  if (subnets.length + securityGroups.length === 0 && vpc === undefined)
    return { kind: 'found', subnets: [] };
  // The client package is large, and nobody else here wants it.
  const client = await import('@aws-sdk/client-ec2');
  const ec2 = ctx.client(client.EC2Client, {
    ...{ service: 'elasticloadbalancing.amazonaws.com', sourceArn, region: ctx.region },
    may: ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs'],
  });
  try {
    const found: Subnet[] = [];
    for (const id of subnets) {
      const { Subnets: [one] = [] } = await ec2
        .send(new client.DescribeSubnetsCommand({ SubnetIds: [id] }))
        .catch(unlessUnknown);
      if (!one) return { kind: 'no subnet', id };
      found.push({ id, zone: one.AvailabilityZone ?? '', vpcId: one.VpcId ?? '' });
    }
    for (const id of securityGroups) {
      const { SecurityGroups: [one] = [] } = await ec2
        .send(new client.DescribeSecurityGroupsCommand({ GroupIds: [id] }))
        .catch(unlessUnknown);
      if (!one) return { kind: 'no group', id };
    }
    if (vpc !== undefined) {
      const { Vpcs: [one] = [] } = await ec2
        .send(new client.DescribeVpcsCommand({ VpcIds: [vpc] }))
        .catch(unlessUnknown);
      if (!one) return { kind: 'no vpc', id: vpc };
    }
    return { kind: 'found', subnets: found };
  } catch (error) {
    if (statusOf(error) === 501) return { kind: 'unknown' };
    throw error;
  } finally {
    ec2.destroy();
  }
}

/** An id that is unknown, or none. */
function unlessUnknown(error: unknown): { Subnets?: []; SecurityGroups?: []; Vpcs?: [] } {
  if (isRefusal(error) && statusOf(error) !== 501) return {};
  throw error;
}
