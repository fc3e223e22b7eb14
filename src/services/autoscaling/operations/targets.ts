import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid } from '../errors.ts';
import { MAX_TARGET_GROUPS } from '../limits.ts';
import type { Group, Member } from '../model/group.ts';
import { onGroup } from '../resources/group.ts';
import { membersOf } from '../store/members.ts';
import { autoscaling, changed, needGroup, paged } from './declare.ts';
import { checkTargetGroups } from './group-input.ts';
import { targetsSaid } from './target-input.ts';

async function attach(ctx: ServiceContext, group: Group, arns: string[]): Promise<void> {
  await checkTargetGroups(ctx, arns);
  await changed(ctx, group, ({ body }) => {
    const all = [...new Set([...body.targetGroups, ...arns])];
    if (all.length > MAX_TARGET_GROUPS)
      throw invalid(`No more than ${MAX_TARGET_GROUPS} target groups are attached to a group.`);
    body.targetGroups = all;
  });
}

/** Instances leave it once their connections have ended. */
async function detach(ctx: ServiceContext, group: Group, arns: string[]): Promise<void> {
  await changed(ctx, group, ({ body }) => {
    const absent = arns.find((arn) => !body.targetGroups.includes(arn));
    if (absent !== undefined)
      throw invalid(`The target group ${absent} is not attached to the group ${group.name}.`);
    body.targetGroups = body.targetGroups.filter((arn) => !arns.includes(arn));
  });
}

export const attachLoadBalancerTargetGroups = autoscaling(
  'attachLoadBalancerTargetGroups',
  onGroup,
  async (ctx, { TargetGroupARNs = [] }, group) => {
    await attach(ctx, group, targetsSaid(TargetGroupARNs));
    return {};
  },
);

export const detachLoadBalancerTargetGroups = autoscaling(
  'detachLoadBalancerTargetGroups',
  onGroup,
  async (ctx, { TargetGroupARNs = [] }, group) => {
    await detach(ctx, group, targetsSaid(TargetGroupARNs));
    return {};
  },
);

export const attachTrafficSources = autoscaling(
  'attachTrafficSources',
  onGroup,
  async (ctx, { TrafficSources = [], SkipZonalShiftValidation }, group) => {
    if (SkipZonalShiftValidation) throw unsupported('SkipZonalShiftValidation');
    await attach(ctx, group, targetsSaid([], TrafficSources));
    return {};
  },
);

export const detachTrafficSources = autoscaling(
  'detachTrafficSources',
  onGroup,
  async (ctx, { TrafficSources = [] }, group) => {
    await detach(ctx, group, targetsSaid([], TrafficSources));
    return {};
  },
);

/** Of those that are attached, and of those that instances are still leaving. */
function states(group: Group, members: readonly Member[]): { arn: string; state: string }[] {
  const { targetGroups, health } = group.body;
  const inService = members.filter(({ body }) => body.phase === 'in-service');
  const here = targetGroups.map((arn) => {
    const added = inService.every(({ body }) => body.registered.includes(arn));
    const serves = health === 'ELB' && inService.some(({ body }) => body.healthy);
    return { arn, state: added ? (serves ? 'InService' : 'Added') : 'Adding' };
  });
  const left = new Set(inService.flatMap(({ body }) => body.registered));
  const leaving = [...left].filter((arn) => !targetGroups.includes(arn));
  return [...here, ...leaving.map((arn) => ({ arn, state: 'Removing' }))];
}

export const describeLoadBalancerTargetGroups = autoscaling(
  'describeLoadBalancerTargetGroups',
  {},
  async (ctx, input) => {
    const group = await needGroup(ctx, input.AutoScalingGroupName ?? '');
    const all = states(group, await membersOf(ctx.db, ctx, group.name));
    const { items, next } = paged(ctx, input, all, ({ arn }) => arn);
    const LoadBalancerTargetGroups = items.map(({ arn, state }) => ({
      ...{ LoadBalancerTargetGroupARN: arn, State: state },
    }));
    return { LoadBalancerTargetGroups, ...next };
  },
);

export const describeTrafficSources = autoscaling(
  'describeTrafficSources',
  {},
  async (ctx, input) => {
    const group = await needGroup(ctx, input.AutoScalingGroupName ?? '');
    const wanted = input.TrafficSourceType === undefined || input.TrafficSourceType === 'elbv2';
    const all = wanted ? states(group, await membersOf(ctx.db, ctx, group.name)) : [];
    const { items, next } = paged(ctx, input, all, ({ arn }) => arn);
    const TrafficSources = items.map(({ arn, state }) => ({
      ...{ TrafficSource: arn, Identifier: arn, Type: 'elbv2', State: state },
    }));
    return { TrafficSources, ...next };
  },
);

/** There are none: classic load balancers are refused where they are named. */
export const describeLoadBalancers = autoscaling(
  'describeLoadBalancers',
  {},
  async (ctx, input) => {
    const { MaxRecords: _, NextToken: __ } = input;
    await needGroup(ctx, input.AutoScalingGroupName ?? '');
    return { LoadBalancers: [] };
  },
);
