import { isRefusal, statusOf } from '../../lib/refusal.ts';
import type { ServiceContext } from '../service.ts';
import { firstUnknown } from './unknown.ts';

/** Where subnets are. */
export interface Subnet {
  id: string;
  zone: string;
  vpcId: string;
}

/** What a load balancer or a target group is to be in. */
export interface NetworkAsked {
  subnets?: readonly string[];
  securityGroups?: readonly string[];
  vpc?: string | undefined;
}

/** A service's own words for what there is not. */
interface NetworkErrors {
  configuration(message: string): Error;
  invalid(message: string): Error;
  subnetNotFound(id: string): Error;
  invalidSecurityGroup(id: string): Error;
}

/** More than AWS's quotas let anybody have of either. */
const MOST = 50;

/**
 * Looks subnets, security groups and a VPC up in EC2, as the service itself; each once. A name that is none is refused.
 * @param sourceArn for whom
 * @returns the subnets; none where EC2 is not served: nothing is known of networks then
 * @throws what `errors` makes
 */
export async function networkOf(
  ctx: ServiceContext,
  sourceArn: string,
  { subnets = [], securityGroups = [], vpc }: NetworkAsked,
  errors: NetworkErrors,
): Promise<Subnet[]> {
  const [ids, groups] = [[...new Set(subnets)], [...new Set(securityGroups)]];
  for (const [what, all] of Object.entries({ subnets: ids, 'security groups': groups }))
    if (all.length > MOST) throw errors.configuration(`Too many ${what} were specified`);
  const vpcs = vpc === undefined ? [] : [vpc];
  if (ids.length + groups.length + vpcs.length === 0) return [];
  // The client package is large, and nobody else here wants it.
  const client = await import('@aws-sdk/client-ec2');
  const ec2 = ctx.client(client.EC2Client, {
    ...{ service: 'elasticloadbalancing.amazonaws.com', sourceArn, region: ctx.region },
    may: ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs'],
  });
  try {
    const describeSubnets = async (SubnetIds: string[]) =>
      (await ec2.send(new client.DescribeSubnetsCommand({ SubnetIds }))).Subnets ?? [];
    const found = await describe(ids, describeSubnets, ({ SubnetId }) => SubnetId);
    if ('unknown' in found) throw errors.subnetNotFound(found.unknown);
    const describeGroups = async (GroupIds: string[]) =>
      (await ec2.send(new client.DescribeSecurityGroupsCommand({ GroupIds }))).SecurityGroups ?? [];
    const groupsFound = await describe(groups, describeGroups, ({ GroupId }) => GroupId);
    if ('unknown' in groupsFound) throw errors.invalidSecurityGroup(groupsFound.unknown);
    const describeVpcs = async (VpcIds: string[]) =>
      (await ec2.send(new client.DescribeVpcsCommand({ VpcIds }))).Vpcs ?? [];
    const vpcsFound = await describe(vpcs, describeVpcs, ({ VpcId }) => VpcId);
    if ('unknown' in vpcsFound)
      throw errors.invalid(`The VPC ID '${vpcsFound.unknown}' is not found`);
    return found.all.map(([id, { AvailabilityZone: zone = '', VpcId: vpcId = '' }]) => {
      return { id, zone, vpcId };
    });
  } catch (error) {
    if (statusOf(error) === 501) return [];
    throw error;
  } finally {
    ec2.destroy();
  }
}

/** Asks for all at once, and where one is unknown which one that is. @returns them in the order of their ids */
async function describe<T>(
  ids: readonly string[],
  ask: (ids: string[]) => Promise<T[]>,
  idOf: (one: T) => string | undefined,
): Promise<{ all: [string, T][] } | { unknown: string }> {
  if (ids.length === 0) return { all: [] };
  const askKnown = (some: readonly string[]) => ask([...some]).catch(unlessUnknown);
  const answer = await askKnown(ids);
  if (!answer)
    return { unknown: await firstUnknown(ids, async (some) => Boolean(await askKnown(some))) };
  const byId = new Map(answer.map((one) => [idOf(one), one]));
  const all: [string, T][] = [];
  for (const id of ids) {
    const one = byId.get(id);
    if (one === undefined) return { unknown: id };
    all.push([id, one]);
  }
  return { all };
}

/** An id that is unknown, or none. */
function unlessUnknown(error: unknown): undefined {
  if (!isRefusal(error) || statusOf(error) === 501) throw error;
}
