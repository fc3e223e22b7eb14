import { randomBytes } from 'node:crypto';
import { unsupported } from '../../../aws/errors.ts';
import { freeAddress, HOSTED_ZONE } from '../../../kit/load-balancing/address.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  balancerNotFound,
  configuration,
  duplicateBalancer,
  invalid,
  isProtected,
  tooManyBalancers,
} from '../errors.ts';
import { APPLICATION_BALANCERS, NETWORK_BALANCERS } from '../limits.ts';
import { type BalancerType, balancerArn } from '../model/arns.ts';
import { attribute, BALANCER_ATTRIBUTES } from '../model/attributes.ts';
import type { Listener, LoadBalancer } from '../model/things.ts';
import { inNetwork, UNKNOWN_VPC, zonesOf } from '../network/lookup.ts';
import { changed, serve } from '../reconcilers/change.ts';
import { atBalancer, balancer, onBalancer } from '../resources/kinds.ts';
import {
  deleteBalancer as deleteRow,
  findByName,
  insertBalancer,
  isTaken,
  listBalancers,
  updateBalancer,
} from '../store/balancers.ts';
import { listenersOf } from '../store/listeners.ts';
import { forgetUnused } from '../store/targets.ts';
import { elbv2 } from './declare.ts';
import { named, newTags, paged } from './pages.ts';

const typeOf = (type: string | undefined): BalancerType => {
  if (type === 'gateway') throw unsupported('load balancers of the type gateway');
  return type === 'network' ? 'network' : 'application';
};

interface NewBalancer {
  Name: string | undefined;
  Type?: string | undefined;
}

const newArn = (ctx: ServiceContext, { Name = '', Type }: NewBalancer) =>
  balancerArn(ctx, Type === 'network' ? 'network' : 'application', Name, '*');

export const createLoadBalancer = elbv2(
  'createLoadBalancer',
  { resource: newArn },
  async (ctx, input) => {
    const { Name = '', IpAddressType = 'ipv4', IpamPools } = input;
    const type = typeOf(input.Type);
    checkName(Name, 'Load balancer');
    if (Name.startsWith('internal-'))
      throw invalid("Load balancer name cannot begin with 'internal-'");
    if (IpAddressType !== 'ipv4')
      throw unsupported(`load balancers of the address type ${IpAddressType}`);
    if (input.CustomerOwnedIpv4Pool || IpamPools) throw unsupported('pools of addresses');
    if (input.EnablePrefixForIpv6SourceNat === 'on')
      throw unsupported('EnablePrefixForIpv6SourceNat');
    const subnets = subnetsOf(input, type);
    const tags = await newTags(ctx, newArn(ctx, input), 'CreateLoadBalancer', input.Tags);
    const { accountId, region } = ctx;
    const { SecurityGroups: securityGroups = [] } = input;
    const network = await inNetwork(ctx, newArn(ctx, input), { subnets, securityGroups });
    const arn = balancerArn(ctx, type, Name, randomBytes(8).toString('hex'));
    const scheme = input.Scheme ?? 'internet-facing';
    const wanted: Omit<LoadBalancer, 'address'> = {
      ...{ arn, accountId, region, name: Name, type, scheme, ipAddressType: 'ipv4', tags },
      ...{ revision: 1, applied: 0, attributes: {}, createdAt: ctx.clock.now() },
      dnsName: `${scheme === 'internal' ? 'internal-' : ''}${Name}-${dnsId(arn)}.${region}.elb.localhost`,
      vpcId: network[0]?.vpcId ?? UNKNOWN_VPC,
      zones: zonesOf(region, subnets, network),
      securityGroups,
    };
    return ctx.transaction(async (tx) => {
      const found = await findByName(tx, ctx, Name);
      if (found) {
        if (!isSame(found, wanted)) throw duplicateBalancer(Name);
        return { LoadBalancers: [shown(found, [])] };
      }
      const quota = type === 'network' ? NETWORK_BALANCERS : APPLICATION_BALANCERS;
      const count = (await listBalancers(tx, ctx)).filter((one) => one.type === type).length;
      if (count >= (await ctx.quotas.value(tx, ctx, 'elbv2', quota))) throw tooManyBalancers();
      const address = await freeAddress('elbv2', arn, (one) => isTaken(tx, one));
      const made = { ...wanted, address };
      await insertBalancer(tx, made);
      await serve(ctx, tx, arn);
      return { LoadBalancers: [shown(made, [])] };
    });
  },
);

/** AWS's are numbers of nine or ten digits. */
const dnsId = (arn: string) => String(Number.parseInt(arn.slice(-8), 16)).padStart(10, '0');

export function checkName(name: string, noun: string): void {
  if (name.length > 32)
    throw invalid(`${noun} name '${name}' cannot be longer than '32' characters`);
  if (!/^[-A-Za-z0-9]+$/.test(name))
    throw invalid(
      `${noun} name '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
    );
  if (name.startsWith('-') || name.endsWith('-'))
    throw invalid(`${noun} name '${name}' cannot begin or end with a hyphen(-)`);
}

function subnetsOf(
  {
    Subnets,
    SubnetMappings,
  }: {
    Subnets?: string[] | undefined;
    SubnetMappings?:
      | {
          SubnetId?: string | undefined;
          AllocationId?: string | undefined;
          PrivateIPv4Address?: string | undefined;
          IPv6Address?: string | undefined;
          SourceNatIpv6Prefix?: string | undefined;
        }[]
      | undefined;
  },
  type: BalancerType,
): string[] {
  if (Subnets?.length && SubnetMappings?.length)
    throw invalid('You must specify either subnets or subnet mappings');
  for (const {
    AllocationId,
    PrivateIPv4Address,
    IPv6Address,
    SourceNatIpv6Prefix,
  } of SubnetMappings ?? [])
    if (AllocationId || PrivateIPv4Address || IPv6Address || SourceNatIpv6Prefix)
      throw unsupported('addresses of subnet mappings');
  const all = Subnets ?? SubnetMappings?.map(({ SubnetId = '' }) => SubnetId) ?? [];
  if (new Set(all).size < (type === 'application' ? 2 : 1))
    throw invalid(
      type === 'application'
        ? 'At least two subnets in two different Availability Zones must be specified'
        : 'At least one subnet must be specified',
    );
  return [...new Set(all)];
}

const isSame = (found: LoadBalancer, wanted: Omit<LoadBalancer, 'address'>) =>
  found.type === wanted.type &&
  found.scheme === wanted.scheme &&
  [...found.zones.map(({ subnet }) => subnet)].sort().join() ===
    [...wanted.zones.map(({ subnet }) => subnet)].sort().join() &&
  [...found.securityGroups].sort().join() === [...wanted.securityGroups].sort().join();

function stateOf({ applied }: LoadBalancer, listeners: Listener[]) {
  const failed = listeners.filter(({ problem }) => problem !== undefined);
  const [first] = failed;
  if (first) {
    const Code =
      failed.length === listeners.length ? ('failed' as const) : ('active_impaired' as const);
    return { Code, Reason: `Port ${first.port} is not open: ${first.problem}` };
  }
  return { Code: applied > 0 ? ('active' as const) : ('provisioning' as const) };
}

function shown(found: LoadBalancer, listeners: Listener[]) {
  return {
    ...{ LoadBalancerArn: found.arn, LoadBalancerName: found.name, DNSName: found.dnsName },
    ...{ CanonicalHostedZoneId: HOSTED_ZONE, CreatedTime: found.createdAt, Scheme: found.scheme },
    ...{ VpcId: found.vpcId, State: stateOf(found, listeners), Type: found.type },
    AvailabilityZones: found.zones.map(({ zone, subnet }) => ({
      ...{ ZoneName: zone, SubnetId: subnet },
      LoadBalancerAddresses: [{ IpAddress: found.address }],
    })),
    ...(found.type === 'application' && { SecurityGroups: found.securityGroups }),
    IpAddressType: found.ipAddressType,
  };
}

export const describeLoadBalancers = elbv2('describeLoadBalancers', {}, async (ctx, input) => {
  const { LoadBalancerArns, Names } = input;
  if (LoadBalancerArns?.length && Names?.length)
    throw invalid(
      'Load balancer names and load balancer ARNs cannot be specified at the same time',
    );
  for (const arn of LoadBalancerArns ?? []) balancer.locate(ctx, arn);
  const all = await listBalancers(ctx.db, ctx);
  const byArn = named(
    all,
    LoadBalancerArns,
    ({ arn }) => arn,
    () => balancerNotFound(LoadBalancerArns?.[0]),
  );
  const wanted = named(
    byArn,
    Names,
    ({ name }) => name,
    () => balancerNotFound(),
  );
  const { items, next } = paged(ctx, input, wanted, ({ name }) => name);
  const arns = items.map(({ arn }) => arn);
  const byBalancer = Map.groupBy(await listenersOf(ctx.db, arns), (one) => one.balancerArn);
  return {
    LoadBalancers: items.map((one) => shown(one, byBalancer.get(one.arn) ?? [])),
    ...next,
  };
});

export const deleteLoadBalancer = elbv2(
  'deleteLoadBalancer',
  atBalancer,
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      const found = await balancer.find(tx, located);
      // One that is not there is gone.
      if (!found) return;
      const protection = 'deletion_protection.enabled';
      if (attribute(BALANCER_ATTRIBUTES[found.type], found.attributes, protection) === 'true')
        throw isProtected(found.arn);
      await deleteRow(tx, found.arn);
      await forgetUnused(tx, ctx);
      await serve(ctx, tx, found.arn);
    });
    return {};
  },
);

export const setSecurityGroups = elbv2(
  'setSecurityGroups',
  onBalancer,
  async (ctx, input, { arn, type }) => {
    if (type === 'network')
      throw configuration('Security groups are not supported for load balancers with type network');
    if (input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic)
      throw unsupported('EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic');
    const { SecurityGroups = [] } = input;
    await inNetwork(ctx, arn, { securityGroups: SecurityGroups });
    await ctx.transaction(async (tx) => {
      const found = await need(tx, balancer, balancer.locate(ctx, arn));
      await updateBalancer(tx, { ...found, securityGroups: SecurityGroups });
    });
    return { SecurityGroupIds: SecurityGroups };
  },
);

export const setSubnets = elbv2('setSubnets', onBalancer, async (ctx, input, { arn, type }) => {
  if ((input.IpAddressType ?? 'ipv4') !== 'ipv4')
    throw unsupported('load balancers with IPv6 addresses');
  if (input.EnablePrefixForIpv6SourceNat === 'on')
    throw unsupported('EnablePrefixForIpv6SourceNat');
  const subnets = subnetsOf(input, type);
  const network = await inNetwork(ctx, arn, { subnets });
  return ctx.transaction(async (tx) => {
    const found = await need(tx, balancer, balancer.locate(ctx, arn));
    const zones = zonesOf(found.region, subnets, network);
    await updateBalancer(tx, { ...found, zones });
    await changed(ctx, tx, arn);
    return {
      AvailabilityZones: zones.map(({ zone, subnet }) => ({ ZoneName: zone, SubnetId: subnet })),
      IpAddressType: found.ipAddressType,
    };
  });
});

export const setIpAddressType = elbv2(
  'setIpAddressType',
  onBalancer,
  async (_ctx, { IpAddressType }) => {
    if (IpAddressType !== 'ipv4')
      throw unsupported(`load balancers of the address type ${IpAddressType}`);
    return { IpAddressType };
  },
);
