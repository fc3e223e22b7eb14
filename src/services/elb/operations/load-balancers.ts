import { randomInt, randomUUID } from 'node:crypto';
import { freeAddress, HOSTED_ZONE } from '../../../kit/load-balancing/address.ts';
import { pageByMarker, tagsOfNew } from '../../../kit/load-balancing/lists.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import * as errors from '../errors.ts';
import { BALANCERS, MAX_LISTENERS } from '../limits.ts';
import { defaultHealthCheck, shownCheck } from '../model/health-check.ts';
import { type GivenListener, isSameListener, readListener } from '../model/listeners.ts';
import { defaultPolicy } from '../model/policies.ts';
import { type Instance, isSecure, type Listener, type LoadBalancer } from '../model/things.ts';
import { changed, serve } from '../reconcilers/change.ts';
import { atBalancer, balancer, TAG_RULES } from '../resources/balancer.ts';
import {
  deleteBalancer,
  insertBalancer,
  isTaken,
  listBalancers,
  revisionsOf,
} from '../store/balancers.ts';
import { instancesOf } from '../store/instances.ts';
import { elb } from './declare.ts';
import { inNetwork } from './network.ts';
import { needCertificates, notOpened, opened, registered } from './shared.ts';

const newArn = (
  ctx: ServiceContext,
  { LoadBalancerName }: { LoadBalancerName: string | undefined },
) => balancer.locate(ctx, LoadBalancerName).arn;

/** Listeners of TLS speak it by AWS's usual policy at first. */
const withPolicy = (listener: Listener): Listener =>
  isSecure(listener.protocol) ? { ...listener, policies: [defaultPolicy().name] } : listener;

/** @throws what is wrong with one, or with all of them */
export function readListeners(given: readonly GivenListener[] = []): Listener[] {
  if (given.length > MAX_LISTENERS)
    throw errors.configuration('The quota for the number of listeners is reached');
  const listeners = given.map(readListener).map(withPolicy);
  if (listeners.length === 0) throw errors.invalid('Listeners cannot be empty');
  const ports = new Set<number>();
  for (const { port } of listeners) {
    if (ports.has(port)) throw errors.invalid(`Several listeners have the port ${port}`);
    ports.add(port);
  }
  return listeners;
}

export const createLoadBalancer = elb(
  'createLoadBalancer',
  { resource: newArn },
  async (ctx, input) => {
    const { LoadBalancerName: name = '', Scheme: scheme = 'internet-facing' } = input;
    if (!/^[A-Za-z0-9](?:[-A-Za-z0-9]{0,30}[A-Za-z0-9])?$/.test(name))
      throw errors.invalid('LoadBalancerName must be 1 to 32 letters, digits and hyphens');
    if (scheme !== 'internal' && scheme !== 'internet-facing') throw errors.invalidScheme(scheme);
    const listeners = readListeners(input.Listeners);
    const arn = newArn(ctx, input);
    const given = { given: input.Tags, rules: TAG_RULES };
    const tags = await tagsOfNew(ctx, arn, 'CreateLoadBalancer', given);
    const zones = [...new Set(input.AvailabilityZones)];
    const subnets = [...new Set(input.Subnets)];
    const securityGroups = [...new Set(input.SecurityGroups)];
    if ((zones.length === 0) === (subnets.length === 0))
      throw errors.invalid('Either AvailabilityZones or SubnetIds must be specified');
    const network = await inNetwork(ctx, arn, { subnets, securityGroups });
    const { accountId, region } = ctx;
    // AWS's are numbers of nine or ten digits, other ones each time.
    const number = String(randomInt(1_000_000_000, 9_999_999_999));
    const made: Omit<LoadBalancer, 'address'> = {
      ...{ arn, accountId, region, name, scheme, listeners, subnets, securityGroups, tags },
      ...{
        creation: randomUUID(),
        revision: 1,
        applied: 0,
        createdAt: ctx.clock.now(),
        problems: {},
      },
      dnsName: `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${region}.elb.localhost`,
      zones: zones.length > 0 ? zones : [...new Set(network.map(({ zone }) => zone))],
      vpcId: network[0]?.vpcId,
      policies: listeners.some(({ protocol }) => isSecure(protocol)) ? [defaultPolicy()] : [],
      healthCheck: defaultHealthCheck(listeners),
      attributes: {
        ...{ crossZone: false, draining: { enabled: false, seconds: 300 } },
        ...{ idleSeconds: 60, desync: 'defensive' },
      },
    };
    const there = await ctx.transaction((tx) => insert(ctx, tx, made));
    if (there) return { DNSName: there.dnsName };
    const problem = await opened(ctx, made, listeners);
    if (problem === undefined) return { DNSName: made.dnsName };
    await ctx.transaction(async (tx) => {
      if ((await revisionsOf(tx, arn))?.creation !== made.creation) return;
      await deleteBalancer(tx, arn);
      await serve(ctx, tx, arn);
    });
    throw notOpened(problem);
  },
);

/** @returns one that was there already, and is the same */
async function insert(
  ctx: ServiceContext,
  tx: Parameters<typeof isTaken>[0],
  made: Omit<LoadBalancer, 'address'>,
): Promise<LoadBalancer | undefined> {
  const all = await listBalancers(tx, ctx);
  const found = all.find(({ name }) => name === made.name);
  if (found && !isSame(found, made)) throw errors.duplicateBalancer(made.name);
  if (found) return found;
  if (all.length >= (await ctx.quotas.value(tx, ctx, 'elb', BALANCERS)))
    throw errors.tooManyBalancers();
  await needCertificates(ctx, tx, made.listeners);
  const address = await freeAddress('elb', made.dnsName, (one) => isTaken(tx, one));
  await insertBalancer(tx, { ...made, address });
  await serve(ctx, tx, made.arn);
  // One of this name may have just been deleted, and is still being put away: that one goes on with this.
  await changed(ctx, tx, made.arn);
  return undefined;
}

const sorted = (all: readonly string[]) => [...all].sort().join();

const isSame = (found: LoadBalancer, made: Omit<LoadBalancer, 'address'>) =>
  found.scheme === made.scheme &&
  sorted(found.subnets) === sorted(made.subnets) &&
  sorted(found.zones) === sorted(made.zones) &&
  sorted(found.securityGroups) === sorted(made.securityGroups) &&
  found.listeners.length === made.listeners.length &&
  found.listeners.every((one) => made.listeners.some((other) => isSameListener(one, other)));

export const describeLoadBalancers = elb('describeLoadBalancers', {}, async (ctx, input) => {
  const { LoadBalancerNames: names = [] } = input;
  const all = await listBalancers(ctx.db, ctx);
  for (const name of names)
    if (!all.some((one) => one.name === name)) throw errors.balancerNotFound(name);
  const wanted = all.filter(({ name }) => names.length === 0 || names.includes(name));
  const how = { keyOf: ({ name }: LoadBalancer) => name, invalid: errors.invalid };
  const { items, next } = pageByMarker(ctx, input, wanted, how);
  const arns = items.map(({ arn }) => arn);
  const byBalancer = Map.groupBy(await instancesOf(ctx.db, arns), (one) => one.balancerArn);
  return {
    LoadBalancerDescriptions: items.map((one) => shown(one, byBalancer.get(one.arn) ?? [])),
    ...next,
  };
});

function shown(found: LoadBalancer, instances: readonly Instance[]) {
  return {
    ...{ LoadBalancerName: found.name, DNSName: found.dnsName, Scheme: found.scheme },
    ...{ CanonicalHostedZoneName: found.dnsName, CanonicalHostedZoneNameID: HOSTED_ZONE },
    ListenerDescriptions: found.listeners.map((listener) => ({
      Listener: shownListener(listener),
      PolicyNames: listener.policies,
    })),
    Policies: policiesOf(found),
    BackendServerDescriptions: [],
    ...{ AvailabilityZones: found.zones, Subnets: found.subnets },
    ...(found.vpcId !== undefined && { VPCId: found.vpcId }),
    Instances: registered(instances),
    HealthCheck: shownCheck(found.healthCheck),
    SourceSecurityGroup: { OwnerAlias: found.accountId, GroupName: 'default' },
    SecurityGroups: found.securityGroups,
    CreatedTime: found.createdAt,
  };
}

const shownListener = (listener: Listener) => ({
  ...{ Protocol: listener.protocol, LoadBalancerPort: listener.port },
  ...{ InstanceProtocol: listener.instanceProtocol, InstancePort: listener.instancePort },
  ...(listener.certificate !== undefined && { SSLCertificateId: listener.certificate }),
});

function policiesOf({ policies }: LoadBalancer) {
  const of = (type: string) => policies.filter((one) => one.type === type);
  return {
    AppCookieStickinessPolicies: of('AppCookieStickinessPolicyType').map((one) => ({
      PolicyName: one.name,
      CookieName: one.attributes[0]?.value,
    })),
    LBCookieStickinessPolicies: of('LBCookieStickinessPolicyType').map(
      ({ name, attributes: [period] }) => ({
        PolicyName: name,
        ...(period && { CookieExpirationPeriod: Number(period.value) }),
      }),
    ),
    OtherPolicies: of('SSLNegotiationPolicyType').map(({ name }) => name),
  };
}

export const deleteLoadBalancer = elb(
  'deleteLoadBalancer',
  atBalancer,
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      // One that is not there is gone.
      if (!(await balancer.find(tx, located))) return;
      await deleteBalancer(tx, located.arn);
      await serve(ctx, tx, located.arn);
    });
    return {};
  },
);
