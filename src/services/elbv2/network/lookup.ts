import { type NetworkAsked, networkOf, type Subnet } from '../../../kit/load-balancing/network.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import * as errors from '../errors.ts';

/** @throws SubnetNotFound, InvalidSecurityGroup, ValidationError */
export const inNetwork = (ctx: ServiceContext, arn: string, asked: NetworkAsked) =>
  networkOf(ctx, arn, asked, errors);

/** Records where nothing is known: nothing here is in one network and not in another. */
export const UNKNOWN_VPC = 'vpc-00000000';

/** The zone of each subnet. */
export const zonesOf = (region: string, subnets: readonly string[], known: readonly Subnet[]) =>
  subnets.map((subnet, index) => ({
    zone: known[index]?.zone ?? `${region}${'abcdef'.charAt(index % 6)}`,
    subnet,
  }));
