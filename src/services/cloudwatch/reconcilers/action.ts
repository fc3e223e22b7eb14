import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parseArn } from '../../../aws/arn.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { invokeFunction } from '../../../kit/delivery/function.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { muteEnd } from '../alarms/transition.ts';
import { ACTION_TRIED_MS } from '../limits.ts';
import { type AlarmAction, deleteAction, findAction } from '../store/actions.ts';
import { findAlarm } from '../store/alarms.ts';
import { addHistory } from '../store/history.ts';
import { sweeps } from '../sweeps.ts';
import { ACTION } from './names.ts';

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
    const held = found.muted ? await heldBack(ctx, found) : 'due';
    if (held instanceof Date) return held;
    if (held === 'over') {
      await ctx.transaction((tx) => deleteAction(tx, id));
      return undefined;
    }
    const error = await attempt(ctx, found);
    await ctx.transaction(async (tx) => {
      if (!(await findAction(tx, id))) return;
      await deleteAction(tx, id);
      await addHistory(tx, found, {
        at: ctx.clock.now().getTime(),
        ...{ alarmName: found.alarmName, alarmType: found.alarmType, type: 'Action' },
        summary:
          error === undefined
            ? `Successfully executed action ${found.target}`
            : `Failed to execute action ${found.target}. Received error: "${error}"`,
        data: JSON.stringify({
          actionState: error === undefined ? 'Succeeded' : 'Failed',
          stateUpdateTimestamp: found.createdAt,
          notificationResource: found.target,
          publishedMessage: JSON.stringify({ default: found.message }),
          ...(error !== undefined && { error }),
        }),
      });
    });
    return undefined;
  },
  sweep: sweeps[ACTION],
});

/** What was muted is done once it is not any more, if the alarm still is in that state. */
async function heldBack(ctx: Platform, action: AlarmAction): Promise<Date | 'due' | 'over'> {
  const stored = await findAlarm(ctx.db, action, action.alarmName);
  if (stored?.alarm.state.updatedAt.getTime() !== action.createdAt) return 'over';
  const end = await muteEnd(ctx.db, action, action.alarmName, ctx.clock.now().getTime());
  return end === undefined ? 'due' : new Date(end);
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
  if (arn?.service === 'lambda') {
    const actAs = { service: TO_FUNCTIONS, ...place };
    return invokeFunction(ctx, { arn, actAs, payload: message });
  }
  const sns = ctx.client(SNSClient, { service: SERVICE, ...place });
  await sns.send(new PublishCommand({ TopicArn: target, Subject: subject, Message: message }));
}
