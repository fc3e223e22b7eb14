import { type NetworkAnswer, networkOf, type Subnet } from '../../../kit/load-balancing/network.ts';
import { configuration, invalid, invalidSecurityGroup, subnetNotFound } from '../errors.ts';
import { onBalancer } from '../resources/balancer.ts';
import { elb } from './declare.ts';
import { change } from './shared.ts';

/** @throws SubnetNotFound, InvalidSecurityGroup */
export function inNetwork(answer: NetworkAnswer): Subnet[] {
  if (answer.kind === 'no subnet') throw subnetNotFound(answer.id);
  if (answer.kind === 'no group') throw invalidSecurityGroup(answer.id);
  if (answer.kind === 'too many') throw configuration(`Too many ${answer.what} were specified`);
  return answer.kind === 'found' ? answer.subnets : [];
}

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
    inNetwork(await networkOf(ctx, found.arn, { subnets: [], securityGroups }));
    await change(ctx, found, (now) => ({ ...now, securityGroups }));
    return { SecurityGroups: securityGroups };
  },
);

export const attachLoadBalancerToSubnets = elb(
  'attachLoadBalancerToSubnets',
  onBalancer,
  async (ctx, { Subnets = [] }, found) => {
    if (found.subnets.length === 0)
      throw configuration('The load balancer is in Availability Zones, and in no subnets');
    const given = { subnets: Subnets, securityGroups: [] };
    const zones = inNetwork(await networkOf(ctx, found.arn, given)).map(({ zone }) => zone);
    const now = await change(ctx, found, (one) => ({
      ...one,
      ...{ subnets: union(one.subnets, Subnets), zones: union(one.zones, zones) },
    }));
    return { Subnets: now.subnets };
  },
);

const oneSubnet = () => configuration('A load balancer has at least one subnet');

export const detachLoadBalancerFromSubnets = elb(
  'detachLoadBalancerFromSubnets',
  onBalancer,
  async (ctx, { Subnets = [] }, found) => {
    const left = without(found.subnets, Subnets);
    if (left.length === 0) throw oneSubnet();
    const given = { subnets: left, securityGroups: [] };
    const zones = inNetwork(await networkOf(ctx, found.arn, given)).map(({ zone }) => zone);
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
    throw invalid('The load balancer is in subnets, which say its Availability Zones');
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
      if (zones.length === 0) throw configuration('A load balancer has at least one zone');
      return { ...one, zones };
    });
    return { AvailabilityZones: now.zones };
  },
);
