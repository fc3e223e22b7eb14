import { randomBytes } from 'node:crypto';
import { unsupported } from '../../../aws/errors.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  balancerNotFound,
  configuration,
  duplicateGroup,
  groupInUse,
  groupNotFound,
  invalid,
  tooManyGroups,
} from '../errors.ts';
import { GROUPS } from '../limits.ts';
import { groupArn } from '../model/arns.ts';
import { type GivenHealth, readHealth } from '../model/health-settings.ts';
import { layerOf, type Protocol } from '../model/protocols.ts';
import type { TargetGroup } from '../model/things.ts';
import { inNetwork } from '../network/lookup.ts';
import { changed } from '../reconcilers/change.ts';
import { atGroup, balancer, group, onGroup } from '../resources/kinds.ts';
import { findBalancer } from '../store/balancers.ts';
import {
  deleteGroup,
  insertGroup,
  listGroups,
  updateGroup,
  userOf,
  usersOf,
} from '../store/groups.ts';
import { elbv2 } from './declare.ts';
import { checkName } from './load-balancers.ts';
import { named, newTags, paged } from './pages.ts';

const newArn = (ctx: ServiceContext, { Name = '' }: { Name: string | undefined }) =>
  groupArn(ctx, Name, '*');

const SERVED = ['HTTP', 'HTTPS', 'TCP', 'TLS'] as const;
const isServed = (protocol: string): protocol is Protocol => SERVED.some((one) => one === protocol);

interface NewGroup extends GivenHealth {
  TargetType?: string | undefined;
  Protocol?: string | undefined;
  ProtocolVersion?: string | undefined;
  Port?: number | undefined;
  VpcId?: string | undefined;
  IpAddressType?: string | undefined;
  TargetControlPort?: number | undefined;
}

function readGroup(input: NewGroup) {
  const { TargetType = 'instance', Protocol, Port, VpcId } = input;
  if (TargetType !== 'instance' && TargetType !== 'ip')
    throw unsupported(`target groups of the type ${TargetType}`);
  if (Protocol === undefined) throw invalid('A protocol must be specified');
  if (!isServed(Protocol)) throw unsupported(`target groups of the protocol ${Protocol}`);
  if (Port === undefined) throw invalid('A port must be specified');
  if (VpcId === undefined) throw invalid('A VPC ID must be specified');
  if ((input.IpAddressType ?? 'ipv4') !== 'ipv4')
    throw unsupported('target groups of IPv6 addresses');
  if ((input.ProtocolVersion ?? 'HTTP1') !== 'HTTP1')
    throw unsupported(`target groups of the protocol version ${input.ProtocolVersion}`);
  if (input.TargetControlPort !== undefined) throw unsupported('TargetControlPort');
  const targetType: TargetGroup['targetType'] = TargetType;
  const protocol: TargetGroup['protocol'] = Protocol;
  return { targetType, protocol, port: Port, vpcId: VpcId, health: readHealth(protocol, input) };
}

export const createTargetGroup = elbv2(
  'createTargetGroup',
  { resource: newArn },
  async (ctx, input) => {
    const { Name = '' } = input;
    checkName(Name, 'Target group');
    const read = readGroup(input);
    const tags = await newTags(ctx, newArn(ctx, input), 'CreateTargetGroup', input.Tags);
    await inNetwork(ctx, newArn(ctx, input), { vpc: read.vpcId });
    const { accountId, region } = ctx;
    const arn = groupArn(ctx, Name, randomBytes(8).toString('hex'));
    const made = { ...{ arn, accountId, region, name: Name, attributes: {}, tags }, ...read };
    return ctx.transaction(async (tx) => {
      const all = await listGroups(tx, ctx);
      const found = all.find(({ name }) => name === Name);
      if (found) {
        if (settingsOf(found) !== settingsOf(made)) throw duplicateGroup(Name);
        return { TargetGroups: [shown(found, await userOf(tx, found.arn))] };
      }
      if (all.length >= (await ctx.quotas.value(tx, ctx, 'elbv2', GROUPS))) throw tooManyGroups();
      await insertGroup(tx, made);
      return { TargetGroups: [shown(made, undefined)] };
    });
  },
);

const settingsOf = ({ protocol, port, vpcId, targetType, health }: TargetGroup) =>
  JSON.stringify([protocol, port, vpcId, targetType, ...Object.entries(health).sort()]);

function shown(found: TargetGroup, user: string | undefined) {
  const { health, protocol } = found;
  return {
    ...{ TargetGroupArn: found.arn, TargetGroupName: found.name, Protocol: protocol },
    ...{ Port: found.port, VpcId: found.vpcId, TargetType: found.targetType },
    ...{ HealthCheckProtocol: health.protocol, HealthCheckPort: health.port },
    ...{ HealthCheckEnabled: health.enabled, HealthCheckIntervalSeconds: health.interval },
    ...{ HealthCheckTimeoutSeconds: health.timeout, HealthyThresholdCount: health.healthy },
    UnhealthyThresholdCount: health.unhealthy,
    ...(health.path !== undefined && { HealthCheckPath: health.path }),
    ...(health.matcher !== undefined && { Matcher: { HttpCode: health.matcher } }),
    ...(layerOf(protocol) === 'HTTP' && { ProtocolVersion: 'HTTP1' }),
    LoadBalancerArns: user === undefined ? [] : [user],
    IpAddressType: 'ipv4' as const,
  };
}

export const describeTargetGroups = elbv2('describeTargetGroups', {}, async (ctx, input) => {
  const { LoadBalancerArn, TargetGroupArns, Names } = input;
  const said = [LoadBalancerArn, TargetGroupArns?.length, Names?.length].filter(Boolean);
  if (said.length > 1)
    throw invalid(
      'Target group names, ARNs and a load balancer ARN cannot be specified at the same time',
    );
  for (const arn of TargetGroupArns ?? []) group.locate(ctx, arn);
  if (LoadBalancerArn !== undefined) await ownBalancer(ctx, LoadBalancerArn);
  const all = await listGroups(ctx.db, ctx);
  const users = await usersOf(ctx.db, ctx);
  const here = all.filter(({ arn }) => !LoadBalancerArn || users.get(arn) === LoadBalancerArn);
  const byArn = named(here, TargetGroupArns, ({ arn }) => arn, groupNotFound);
  const wanted = named(byArn, Names, ({ name }) => name, groupNotFound);
  const { items, next } = paged(ctx, input, wanted, ({ name }) => name);
  return { TargetGroups: items.map((one) => shown(one, users.get(one.arn))), ...next };
});

/** A balancer of the caller's, named in a question that IAM asks about none. */
export async function ownBalancer(ctx: ServiceContext, arn: string) {
  const located = balancer.locate(ctx, arn);
  const found = located.accountId === ctx.accountId && (await findBalancer(ctx.db, arn));
  if (!found || found.region !== ctx.region) throw balancerNotFound(arn);
  return found;
}

export const modifyTargetGroup = elbv2('modifyTargetGroup', onGroup, async (ctx, input, { arn }) =>
  ctx.transaction(async (tx) => {
    const found = await need(tx, group, group.locate(ctx, arn));
    if (
      input.HealthCheckProtocol !== undefined &&
      input.HealthCheckProtocol !== found.health.protocol &&
      layerOf(found.protocol) === 'TCP'
    )
      throw configuration('The health check protocol of a target group cannot be changed');
    const now = { ...found, health: readHealth(found.protocol, input, found.health) };
    await updateGroup(tx, now);
    const user = await userOf(tx, arn);
    if (user !== undefined) await changed(ctx, tx, user);
    return { TargetGroups: [shown(now, user)] };
  }),
);

export const deleteTargetGroup = elbv2(
  'deleteTargetGroup',
  atGroup,
  async (ctx, _input, { arn }) => {
    await ctx.transaction(async (tx) => {
      if ((await userOf(tx, arn)) !== undefined) throw groupInUse(arn);
      await deleteGroup(tx, arn);
    });
    return {};
  },
);
