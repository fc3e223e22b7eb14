import { type NetworkAsked, networkOf } from '../../../kit/load-balancing/network.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import * as errors from '../errors.ts';
import { onBalancer } from '../resources/balancer.ts';
import { elb } from './declare.ts';
import { change } from './shared.ts';

/** @throws SubnetNotFound, InvalidSecurityGroup */
export const inNetwork = (ctx: ServiceContext, arn: string, asked: NetworkAsked) =>
  networkOf(ctx, arn, asked, errors);

const union = (all: readonly string[], more: readonly string[] = []) => [
  ...new Set([...all, ...more]),
];
const without = (all: readonly string[], gone: readonly string[] = []) =>
  all.filter((one) => !gone.includes(one));

export const applySecurityGroupsToLoadBalancer = elb(
  'applySecurityGroupsToLoadBalancer',
  onBalancer,
  async (ctx, { SecurityGroups = [] }, found) => {
    const securityGroups = union([], SecurityGroups);
    await inNetwork(ctx, found.arn, { securityGroups });
    await change(ctx, found, (now) => ({ ...now, securityGroups }));
    return { SecurityGroups: securityGroups };
  },
);

export const attachLoadBalancerToSubnets = elb(
  'attachLoadBalancerToSubnets',
  onBalancer,
  async (ctx, { Subnets = [] }, found) => {
    if (found.subnets.length === 0)
      throw errors.configuration('The load balancer is in Availability Zones, and in no subnets');
    const known = await inNetwork(ctx, found.arn, { subnets: Subnets });
    const zones = known.map(({ zone }) => zone);
    const now = await change(ctx, found, (one) => ({
      ...one,
      ...{ subnets: union(one.subnets, Subnets), zones: union(one.zones, zones) },
    }));
    return { Subnets: now.subnets };
  },
);

const oneSubnet = () => errors.configuration('A load balancer has at least one subnet');

export const detachLoadBalancerFromSubnets = elb(
  'detachLoadBalancerFromSubnets',
  onBalancer,
  async (ctx, { Subnets = [] }, found) => {
    const left = without(found.subnets, Subnets);
    if (left.length === 0) throw oneSubnet();
    const known = await inNetwork(ctx, found.arn, { subnets: left });
    const zones = known.map(({ zone }) => zone);
    const now = await change(ctx, found, (one) => {
      const subnets = without(one.subnets, Subnets);
      // Another call may have taken others meanwhile.
      if (subnets.length === 0) throw oneSubnet();
      return { ...one, subnets, ...(zones.length > 0 && { zones: union([], zones) }) };
    });
    return { Subnets: now.subnets };
  },
);

/** @throws where its subnets say which zones it is in */
function needZones({ subnets }: { subnets: readonly string[] }): void {
  if (subnets.length > 0)
    throw errors.invalid('The load balancer is in subnets, which say its Availability Zones');
}

export const enableAvailabilityZonesForLoadBalancer = elb(
  'enableAvailabilityZonesForLoadBalancer',
  onBalancer,
  async (ctx, { AvailabilityZones }, found) => {
    const now = await change(ctx, found, (one) => {
      needZones(one);
      return { ...one, zones: union(one.zones, AvailabilityZones) };
    });
    return { AvailabilityZones: now.zones };
  },
);

export const disableAvailabilityZonesForLoadBalancer = elb(
  'disableAvailabilityZonesForLoadBalancer',
  onBalancer,
  async (ctx, { AvailabilityZones }, found) => {
    const now = await change(ctx, found, (one) => {
      needZones(one);
      const zones = without(one.zones, AvailabilityZones);
      if (zones.length === 0) throw errors.configuration('A load balancer has at least one zone');
      return { ...one, zones };
    });
    return { AvailabilityZones: now.zones };
  },
);
