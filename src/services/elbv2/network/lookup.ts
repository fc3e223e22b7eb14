import { networkOf, type Subnet } from '../../../kit/load-balancing/network.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { configuration, invalid, invalidSecurityGroup, subnetNotFound } from '../errors.ts';

interface Asked {
  subnets?: readonly string[];
  securityGroups?: readonly string[];
  vpc?: string | undefined;
}

/**
 * What a load balancer or a target group is to be in, where EC2 is served: there a name that is none is refused.
 * @throws SubnetNotFound, InvalidSecurityGroup, ValidationError
 */
export async function inNetwork(
  ctx: ServiceContext,
  sourceArn: string,
  { subnets = [], securityGroups = [], vpc }: Asked,
): Promise<Subnet[]> {
  const answer = await networkOf(ctx, sourceArn, { subnets, securityGroups, vpc });
  switch (answer.kind) {
    case 'too many':
      throw configuration(`Too many ${answer.what} were specified`);
    case 'no subnet':
      throw subnetNotFound(answer.id);
    case 'no group':
      throw invalidSecurityGroup(answer.id);
    case 'no vpc':
      throw invalid(`The VPC ID '${answer.id}' is not found`);
    case 'found':
      return answer.subnets;
    case 'unknown':
      return [];
  }
}

/** Records where nothing is known: nothing here is in one network and not in another. */
export const UNKNOWN_VPC = 'vpc-00000000';

/** The zone of each subnet. */
export const zonesOf = (region: string, subnets: readonly string[], known: readonly Subnet[]) =>
  subnets.map((subnet, index) => ({
    zone: known[index]?.zone ?? `${region}${'abcdef'.charAt(index % 6)}`,
    subnet,
  }));
