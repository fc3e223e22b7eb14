import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parseArn } from '../../../aws/arn.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { invokeFunction } from '../../../kit/delivery/function.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { muteEnd } from '../alarms/transition.ts';
import { ACTION_TRIED_MS } from '../limits.ts';
import { scalingPolicyIn } from '../model/action-arn.ts';
import type { Alarm } from '../model/alarm.ts';
import { type AlarmAction, addAction, deleteAction, findAction } from '../store/actions.ts';
import { findAlarm } from '../store/alarms.ts';
import { addHistory, type HistoryItem } from '../store/history.ts';
import { sweeps } from '../sweeps.ts';
import { ACTION } from './names.ts';
import { AGAIN_MS, goesOn, scale } from './scaling.ts';

/** As what CloudWatch calls others: policies of topics name it. */
const SERVICE = 'cloudwatch.amazonaws.com';
/** As what it calls functions. */
const TO_FUNCTIONS = 'lambda.alarms.cloudwatch.amazonaws.com';

/** Does one thing that an alarm has to do, at least once. */
export const action = defineReconciler<Platform>({
  name: ACTION,
  async reconcile(ctx, id) {
    const found = await findAction(ctx.db, id);
    if (!found) return undefined;
    if (found.nextAt !== undefined && ctx.clock.now().getTime() < found.nextAt)
      return new Date(found.nextAt);
    const held = await whether(ctx, found);
    if (held instanceof Date) return held;
    if (held === 'over') {
      await ctx.transaction((tx) => deleteAction(tx, id));
      return undefined;
    }
    const error = await attempt(ctx, found);
    const now = ctx.clock.now().getTime();
    const told = error === undefined ? 'Succeeded' : `Failed: ${error}`;
    // Scaling goes on as long as the alarm does.
    const nextAt = scalingPolicyIn(found.target) ? now + AGAIN_MS : undefined;
    await ctx.transaction(async (tx) => {
      if (!(await findAction(tx, id))) return;
      await deleteAction(tx, id);
      if (nextAt !== undefined) await addAction(tx, { ...found, told, nextAt });
      if (told !== found.told) await addHistory(tx, found, historyOf(found, error, now));
    });
    return nextAt === undefined ? undefined : new Date(nextAt);
  },
  sweep: sweeps[ACTION],
});

/** May it be done now, later or not any more? */
async function whether(ctx: Platform, found: AlarmAction): Promise<Date | 'due' | 'over'> {
  const scales = scalingPolicyIn(found.target) !== undefined;
  if (!scales && !found.muted) return 'due';
  const alarm = (await findAlarm(ctx.db, found, found.alarmName))?.alarm;
  // Also one that has not got through yet: what scales a group does so while the alarm lasts, and not once it is over.
  if (!alarm || !(scales ? goesOn(alarm, found) : isAsThen(alarm, found))) return 'over';
  const end = await muteEnd(ctx.db, found, found.alarmName, ctx.clock.now().getTime());
  return end === undefined ? 'due' : new Date(end);
}

/** What was muted is done once it is not any more, if nothing has become of the alarm since then. */
const isAsThen = ({ state }: Alarm, { createdAt }: AlarmAction) =>
  state.updatedAt.getTime() === createdAt;

/** What was done, or why not, in the alarm's history. */
function historyOf(found: AlarmAction, error: string | undefined, at: number): HistoryItem {
  const { alarmName, alarmType, target, createdAt, message } = found;
  return {
    ...{ at, alarmName, alarmType, type: 'Action' },
    summary:
      error === undefined
        ? `Successfully executed action ${target}`
        : `Failed to execute action ${target}. Received error: "${error}"`,
    data: JSON.stringify({
      actionState: error === undefined ? 'Succeeded' : 'Failed',
      stateUpdateTimestamp: createdAt,
      notificationResource: target,
      ...(!scalingPolicyIn(target) && { publishedMessage: JSON.stringify({ default: message }) }),
      ...(error !== undefined && { error }),
    }),
  };
}

/** @returns why it cannot be done, ever @throws Error when it may be done later */
async function attempt(ctx: Platform, action: AlarmAction): Promise<string | undefined> {
  try {
    await perform(ctx, action);
    return undefined;
  } catch (error) {
    const tooOld = ctx.clock.now().getTime() - action.createdAt > ACTION_TRIED_MS;
    // Whoever says no, or knows no such thing, will say so again.
    if (!(error instanceof Error) || !(isRefusal(error) || tooOld)) throw error;
    return error.message;
  }
}

async function perform(ctx: Platform, action: AlarmAction): Promise<void> {
  const { target, alarmArn: sourceArn, subject, message } = action;
  const arn = parseArn(target);
  const place = { sourceArn, region: arn?.region ?? action.region };
  if (arn?.service === 'autoscaling') return scale(ctx, action, { service: SERVICE, ...place });
  if (arn?.service === 'lambda') {
    const actAs = { service: TO_FUNCTIONS, ...place };
    return invokeFunction(ctx, { arn, actAs, payload: message });
  }
  const sns = ctx.client(SNSClient, { service: SERVICE, ...place });
  await sns.send(new PublishCommand({ TopicArn: target, Subject: subject, Message: message }));
}
