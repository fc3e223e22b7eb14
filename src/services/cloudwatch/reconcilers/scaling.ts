import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { Platform } from '../../../kit/service.ts';
import { sourcesOf } from '../metrics/read.ts';
import { scalingPolicyIn } from '../model/action-arn.ts';
import { type Alarm, actionsOf, type MetricAlarm } from '../model/alarm.ts';
import { latestOf, prepare } from '../model/judge.ts';
import { type Measured, measuredBy } from '../model/scaling.ts';
import { rangeOf, turnAt } from '../model/wheel.ts';
import type { AlarmAction } from '../store/actions.ts';
import { findAlarm } from '../store/alarms.ts';
import { readEntries } from '../store/chunks.ts';

/** A policy is executed again so often while its alarm stays in the state. */
export const AGAIN_MS = 60_000;

/** Is an alarm still in the state that asked for this, and asks for it? */
export const goesOn = (alarm: Alarm, action: AlarmAction): boolean =>
  alarm.actionsEnabled &&
  actionsOf(alarm, alarm.state.value).includes(action.target) &&
  alarm.state.transitionedAt.getTime() === action.createdAt;

type ActAs = Parameters<Platform['client']>[1];
const MAY = ['autoscaling:DescribePolicies', 'autoscaling:ExecutePolicy'];

/**
 * Executes the scaling policy that an action names, in the account of the alarm. One whose cooldown has not ended waits:
 * it is told again as long as the alarm goes on. @throws what Auto Scaling says
 */
export async function scale(
  ctx: Platform,
  action: AlarmAction,
  itself: Extract<ActAs, { sourceArn: string }>,
): Promise<void> {
  const { AutoScalingClient, ExecutePolicyCommand } = await import('@aws-sdk/client-auto-scaling');
  const client = ctx.client(AutoScalingClient, { ...itself, may: MAY });
  const { group: AutoScalingGroupName } = scalingPolicyIn(action.target) ?? {};
  const named = { AutoScalingGroupName, PolicyName: action.target };
  const measured = (await isStepped(client, named)) ? await measure(ctx, action) : undefined;
  const given = measured
    ? { MetricValue: measured.value, BreachThreshold: measured.threshold }
    : { HonorCooldown: true };
  try {
    await client.send(new ExecutePolicyCommand({ ...named, ...given }));
  } catch (error) {
    if ((error as Error).name !== 'ScalingActivityInProgressFault') throw error;
  }
}

async function isStepped(
  client: AutoScalingClient,
  {
    AutoScalingGroupName,
    PolicyName,
  }: { AutoScalingGroupName?: string | undefined; PolicyName: string },
): Promise<boolean> {
  const { DescribePoliciesCommand } = await import('@aws-sdk/client-auto-scaling');
  const { ScalingPolicies = [] } = await client.send(
    new DescribePoliciesCommand({ AutoScalingGroupName, PolicyNames: [PolicyName] }),
  );
  return ScalingPolicies[0]?.PolicyType === 'StepScaling';
}

/** What made the alarm change; later on, what it measures now. */
async function measure(ctx: Platform, action: AlarmAction): Promise<Measured> {
  const first = JSON.parse(action.message) as Measured;
  if (action.told === undefined && first.value !== undefined) return first;
  const alarm = (await findAlarm(ctx.db, action, action.alarmName))?.alarm;
  if (alarm?.kind !== 'MetricAlarm') return first;
  const value = await latest(ctx, alarm);
  return value === undefined ? measuredBy(alarm) : { value, threshold: alarm.threshold };
}

async function latest(ctx: Platform, alarm: MetricAlarm): Promise<number | undefined> {
  const judged = prepare(alarm);
  const now = ctx.clock.now().getTime();
  const { end } = turnAt(now, AGAIN_MS);
  const { from, to } = rangeOf(alarm, end);
  const entries = await readEntries(ctx.db, judged.metricIds, { from, to });
  return latestOf(judged, entries, {
    ...{ end, now },
    sources: (plan, span) => sourcesOf(alarm, plan, span, now, entries),
  });
}
