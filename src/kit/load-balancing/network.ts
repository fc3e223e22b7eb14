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
  | { kind: 'too many'; what: string }
  | { kind: 'no subnet' | 'no group' | 'no vpc'; id: string }
  /** EC2 is not served: nothing is known of networks. */
  | { kind: 'unknown' };

/** More than AWS's quotas let anybody have of either. */
const MOST = 50;

interface Asked {
  subnets: readonly string[];
  securityGroups: readonly string[];
  vpc?: string | undefined;
}

/** Looks subnets and security groups up in EC2, as the service itself; each once. @param sourceArn for whom */
export async function networkOf(
  ctx: ServiceContext,
  sourceArn: string,
  { subnets, securityGroups, vpc }: Asked,
): Promise<NetworkAnswer> {
  const [ids, groups] = [[...new Set(subnets)], [...new Set(securityGroups)]];
  for (const [what, all] of Object.entries({ subnets: ids, 'security groups': groups }))
    if (all.length > MOST) return { kind: 'too many', what };
  if (ids.length + groups.length === 0 && vpc === undefined) return { kind: 'found', subnets: [] };
  // The client package is large, and nobody else here wants it.
  const client = await import('@aws-sdk/client-ec2');
  const ec2 = ctx.client(client.EC2Client, {
    ...{ service: 'elasticloadbalancing.amazonaws.com', sourceArn, region: ctx.region },
    may: ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs'],
  });
  try {
    const describeSubnets = async (SubnetIds: string[]) =>
      (await ec2.send(new client.DescribeSubnetsCommand({ SubnetIds }))).Subnets ?? [];
    const subnetsFound = await describe(ids, describeSubnets, ({ SubnetId }) => SubnetId);
    if ('unknown' in subnetsFound) return { kind: 'no subnet', id: subnetsFound.unknown };
    const describeGroups = async (GroupIds: string[]) =>
      (await ec2.send(new client.DescribeSecurityGroupsCommand({ GroupIds }))).SecurityGroups ?? [];
    const groupsFound = await describe(groups, describeGroups, ({ GroupId }) => GroupId);
    if ('unknown' in groupsFound) return { kind: 'no group', id: groupsFound.unknown };
    const found = subnetsFound.found.map(([id, one]): Subnet => {
      return { id, zone: one.AvailabilityZone ?? '', vpcId: one.VpcId ?? '' };
    });
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

/** Asks for all at once, and by halves which one is unknown where one is. @returns them in the order of their ids */
async function describe<T>(
  ids: readonly string[],
  ask: (ids: string[]) => Promise<T[]>,
  idOf: (one: T) => string | undefined,
): Promise<{ found: [string, T][] } | { unknown: string }> {
  if (ids.length === 0) return { found: [] };
  const answer = await ask([...ids]).catch((error: unknown) => {
    unlessUnknown(error);
    return undefined;
  });
  if (answer === undefined) {
    const [first = '', ...more] = ids;
    if (more.length === 0) return { unknown: first };
    const half = ids.slice(0, Math.ceil(ids.length / 2));
    const before = await describe(half, ask, idOf);
    return 'unknown' in before ? before : describe(ids.slice(half.length), ask, idOf);
  }
  const byId = new Map(answer.map((one) => [idOf(one), one]));
  const found: [string, T][] = [];
  for (const id of ids) {
    const one = byId.get(id);
    if (one === undefined) return { unknown: id };
    found.push([id, one]);
  }
  return { found };
}

/** An id that is unknown, or none. */
function unlessUnknown(error: unknown): { Vpcs?: [] } {
  if (isRefusal(error) && statusOf(error) !== 501) return {};
  throw error;
}
