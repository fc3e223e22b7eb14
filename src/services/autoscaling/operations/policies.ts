import { randomUUID } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-auto-scaling';
import { unsupported } from '../../../aws/errors.ts';
import { coolsDown, invalid, limit, noPolicy } from '../errors.ts';
import { MAX_POLICIES, MAX_STEPS } from '../limits.ts';
import { execute } from '../model/execute.ts';
import type { Group, Policy } from '../model/group.ts';
import { type Breach, stepsProblem } from '../model/policy.ts';
import { onGroup } from '../resources/group.ts';
import { listGroups } from '../store/groups.ts';
import { autoscaling, changed, needGroup, paged } from './declare.ts';
import { ADJUSTMENT_TYPES } from './types.ts';

const TYPES = ['SimpleScaling', 'StepScaling'] as const;

const policyArn = ({ accountId, region, name }: Group, policy: Policy): string =>
  `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${policy.id}:autoScalingGroupName/${name}:policyName/${policy.name}`;

function read(input: sdk.PutScalingPolicyCommandInput): Omit<Policy, 'id'> {
  const { PolicyName: name = '', PolicyType = 'SimpleScaling' } = input;
  if (PolicyType === 'PredictiveScaling' || input.PredictiveScalingConfiguration)
    throw unsupported('predictive scaling');
  if (PolicyType === 'TargetTrackingScaling' || input.TargetTrackingConfiguration)
    throw unsupported('target tracking: there are no metrics of instances here to track');
  const type = TYPES.find((one) => one === PolicyType);
  if (!type) throw invalid(`Invalid policy type: ${PolicyType}`);
  const { AdjustmentType: adjustmentType } = input;
  if (!adjustmentType) throw invalid(`AdjustmentType must be specified for policy type ${type}`);
  if (!ADJUSTMENT_TYPES.includes(adjustmentType))
    throw invalid(`Invalid adjustment type: ${adjustmentType}`);
  const minMagnitude = input.MinAdjustmentMagnitude ?? input.MinAdjustmentStep;
  if (minMagnitude !== undefined && adjustmentType !== 'PercentChangeInCapacity')
    throw invalid('MinAdjustmentMagnitude is for PercentChangeInCapacity alone.');
  const common = {
    ...{ name, type, adjustmentType, enabled: input.Enabled ?? true },
    ...(minMagnitude !== undefined && { minMagnitude }),
  };
  return type === 'SimpleScaling'
    ? { ...common, ...simple(input) }
    : { ...common, ...stepped(input) };
}

function simple(input: sdk.PutScalingPolicyCommandInput) {
  const { ScalingAdjustment: adjustment, Cooldown: cooldown } = input;
  if (adjustment === undefined)
    throw invalid('ScalingAdjustment must be specified for policy type SimpleScaling');
  if (input.StepAdjustments?.length || input.MetricAggregationType || input.EstimatedInstanceWarmup)
    throw invalid(
      'StepAdjustments, MetricAggregationType and EstimatedInstanceWarmup are not for the policy type SimpleScaling',
    );
  if (cooldown !== undefined && cooldown < 0) throw invalid('Cooldown is 0 seconds or more.');
  return { adjustment, ...(cooldown !== undefined && { cooldown }) };
}

function stepped(input: sdk.PutScalingPolicyCommandInput) {
  const { StepAdjustments: given = [], MetricAggregationType: aggregation = 'Average' } = input;
  if (given.length === 0)
    throw invalid('StepAdjustments must be specified for policy type StepScaling');
  if (given.length > MAX_STEPS)
    throw invalid(`A policy has ${MAX_STEPS} step adjustments at most.`);
  if (input.ScalingAdjustment !== undefined || input.Cooldown !== undefined)
    throw invalid('ScalingAdjustment and Cooldown are not for the policy type StepScaling');
  if (!['Minimum', 'Maximum', 'Average'].includes(aggregation))
    throw invalid(`Invalid metric aggregation type: ${aggregation}`);
  const steps = given.map((step) => ({
    ...(step.MetricIntervalLowerBound !== undefined && { lower: step.MetricIntervalLowerBound }),
    ...(step.MetricIntervalUpperBound !== undefined && { upper: step.MetricIntervalUpperBound }),
    adjustment: step.ScalingAdjustment ?? 0,
  }));
  const problem = stepsProblem(steps);
  if (problem !== undefined) throw invalid(problem);
  const { EstimatedInstanceWarmup: warmup } = input;
  if (warmup !== undefined && (warmup < 0 || warmup > 86_400))
    throw invalid('EstimatedInstanceWarmup is between 0 and 86400 seconds.');
  return { steps, aggregation, ...(warmup !== undefined && { warmup }) };
}

export const putScalingPolicy = autoscaling(
  'putScalingPolicy',
  onGroup,
  async (ctx, input, group) => {
    const said = read(input);
    const id = randomUUID();
    return changed(ctx, group, ({ body }) => {
      const before = body.scaling.find(({ name }) => name === said.name);
      const others = body.scaling.filter(({ name }) => name !== said.name);
      if (others.length >= MAX_POLICIES) throw limit('scaling policies of a group', MAX_POLICIES);
      const policy = { id: before?.id ?? id, ...said };
      body.scaling = [...others, policy];
      return { PolicyARN: policyArn(group, policy), Alarms: [] };
    });
  },
);

/** By its name, or its ARN. */
const isNamed = (group: Group, named: string) => (policy: Policy) =>
  policy.name === named || policyArn(group, policy) === named;

/** A group may be left out where the policy is named by its ARN. */
const groupNamed =
  /^arn:[^:]+:autoscaling:[^:]*:\d*:scalingPolicy:[^:]*:autoScalingGroupName\/(.+):policyName\//s;
interface NamesPolicy {
  AutoScalingGroupName?: string | undefined;
  PolicyName?: string | undefined;
}
const located = ({ AutoScalingGroupName, PolicyName = '' }: NamesPolicy) => ({
  AutoScalingGroupName: AutoScalingGroupName ?? groupNamed.exec(PolicyName)?.[1] ?? '',
});

const onPolicy = {
  ...onGroup,
  ask: (...asked: Parameters<typeof onGroup.ask>): ReturnType<typeof onGroup.ask> => {
    const ask = onGroup.ask(...asked);
    return typeof ask === 'string' ? ask : (ctx, input) => ask(ctx, located(input as NamesPolicy));
  },
};

export const deletePolicy = autoscaling(
  'deletePolicy',
  onPolicy,
  async (ctx, { PolicyName: named = '' }, group) => {
    await changed(ctx, group, ({ body }) => {
      if (!body.scaling.some(isNamed(group, named))) throw noPolicy(named);
      body.scaling = body.scaling.filter((policy) => !isNamed(group, named)(policy));
    });
    return {};
  },
);

export const executePolicy = autoscaling('executePolicy', onPolicy, async (ctx, input, group) => {
  const { PolicyName: named = '', HonorCooldown = false, MetricValue, BreachThreshold } = input;
  await changed(ctx, group, (draft) => {
    const policy = draft.body.scaling.find(isNamed(group, named));
    if (!policy) throw noPolicy(named);
    if (
      policy.type === 'StepScaling' &&
      (MetricValue === undefined || BreachThreshold === undefined)
    )
      throw invalid(
        'MetricValue and BreachThreshold are required for policies of the type StepScaling',
      );
    if (
      policy.type !== 'StepScaling' &&
      (MetricValue !== undefined || BreachThreshold !== undefined)
    )
      throw invalid(
        'MetricValue and BreachThreshold are for policies of the type StepScaling alone',
      );
    const breach: Breach | undefined =
      MetricValue === undefined || BreachThreshold === undefined
        ? undefined
        : { value: MetricValue, threshold: BreachThreshold };
    if (!execute(draft, policy, { breach, HonorCooldown })) throw coolsDown(group.name);
  });
  return {};
});

const shape = (group: Group, policy: Policy): sdk.ScalingPolicy => ({
  ...{ AutoScalingGroupName: group.name, PolicyName: policy.name, PolicyType: policy.type },
  PolicyARN: policyArn(group, policy),
  ...(policy.adjustmentType && { AdjustmentType: policy.adjustmentType }),
  ...(policy.minMagnitude !== undefined && { MinAdjustmentMagnitude: policy.minMagnitude }),
  ...(policy.adjustment !== undefined && { ScalingAdjustment: policy.adjustment }),
  ...(policy.cooldown !== undefined && { Cooldown: policy.cooldown }),
  StepAdjustments: (policy.steps ?? []).map(({ lower, upper, adjustment }) => ({
    ...(lower !== undefined && { MetricIntervalLowerBound: lower }),
    ...(upper !== undefined && { MetricIntervalUpperBound: upper }),
    ScalingAdjustment: adjustment,
  })),
  ...(policy.warmup !== undefined && { EstimatedInstanceWarmup: policy.warmup }),
  ...(policy.aggregation && { MetricAggregationType: policy.aggregation }),
  ...{ Alarms: [], Enabled: policy.enabled },
});

export const describePolicies = autoscaling('describePolicies', {}, async (ctx, input) => {
  const { AutoScalingGroupName: named, PolicyNames: names = [], PolicyTypes: types = [] } = input;
  const { IncludeManagedResources: _ } = input;
  const groups =
    named === undefined ? await listGroups(ctx.db, ctx) : [await needGroup(ctx, named)];
  const all = groups
    .flatMap((group) => group.body.scaling.map((policy) => ({ group, policy })))
    .filter(
      ({ group, policy }) =>
        (names.length === 0 || names.some((one) => isNamed(group, one)(policy))) &&
        (types.length === 0 || types.includes(policy.type)),
    );
  const { items, next } = paged(ctx, input, all, ({ group, policy }) => [group.name, policy.name]);
  return { ScalingPolicies: items.map(({ group, policy }) => shape(group, policy)), ...next };
});
