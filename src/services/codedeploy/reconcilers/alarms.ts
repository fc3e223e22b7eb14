import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Subscription } from '../../../engine/events.ts';
import { failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import { type AlarmTrouble, isTerminal } from '../model/deployment-state.ts';
import * as messages from '../model/messages.ts';
import {
  deploymentsWithAlarm,
  loadDeployment,
  type PlacedDeployment,
  watchesAlarms,
} from '../store/deployments.ts';
import { sweeps } from '../sweeps.ts';
import { asRoleOf } from './as-role.ts';
import { settle } from './deployment.ts';
import { ALARMS } from './names.ts';

/** How often the alarms of a deployment are looked at; a change that is heard of is looked at at once. */
const LOOK_MS = 10_000;

/** Looks at the alarms of a deployment under its service role, from before it starts until it ends (CD-DGF-07). */
export const alarmsReconciler = defineReconciler<Platform>({
  name: ALARMS,
  async reconcile(ctx, deploymentId) {
    const deployment = await loadDeployment(ctx.db, deploymentId);
    if (!deployment || isTerminal(deployment.status) || !watchesAlarms(deployment))
      return undefined;
    const { alarms } = deployment;
    if (alarms !== 'asked' && alarms !== 'quiet') return undefined;
    const answer = await look(ctx, deployment);
    if (alarms === 'asked' || answer !== 'quiet')
      await ctx.transaction((tx) =>
        settle(ctx, tx, deploymentId, (draft) => draft.answerAlarms(answer)),
      );
    return answer === 'quiet' ? new Date(ctx.clock.now().getTime() + LOOK_MS) : undefined;
  },
  sweep: sweeps[ALARMS],
});

async function look(ctx: Platform, deployment: PlacedDeployment): Promise<'quiet' | AlarmTrouble> {
  const { alarms = [], ignorePollAlarmFailure } = deployment.alarmConfiguration ?? {};
  const names = alarms.map(({ name = '' }) => name);
  const cloudwatch = ctx.client(CloudWatchClient, asRoleOf(deployment));
  const unknown = (reason: string, code: AlarmTrouble['code'] = 'ALARM_ACTIVE') =>
    ignorePollAlarmFailure ? 'quiet' : { code, message: messages.alarmsUnknown(reason) };
  try {
    const found = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      }),
    );
    const all = [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])];
    const active = all.filter(({ StateValue }) => StateValue === 'ALARM');
    if (active.length > 0)
      return {
        code: 'ALARM_ACTIVE',
        message: messages.alarmsActive(active.map(({ AlarmName = '' }) => AlarmName)),
      };
    const missing = names.filter((name) => !all.some(({ AlarmName }) => AlarmName === name));
    return missing.length > 0 ? unknown(`there is no alarm ${missing.join(', ')}`) : 'quiet';
  } catch (error) {
    const { code, message, again } = failureOf(error);
    // Who is away for a moment is asked again, with the engine's patience.
    if (again) throw error;
    return unknown(message, code === 'NO_PERMISSIONS' ? 'IAM_ROLE_PERMISSIONS' : undefined);
  }
}

/** An alarm that goes off stops deployments at once. */
export const alarmChanged: Subscription<Platform> = {
  name: 'codedeploy/alarm-changed',
  pattern: {
    source: ['aws.cloudwatch'],
    'detail-type': ['CloudWatch Alarm State Change'],
  },
  async deliver(ctx, { account, region, detail }) {
    if ((detail.state as { value?: string }).value !== 'ALARM') return;
    const place = { accountId: account, region };
    await ctx.transaction(async (tx) => {
      for (const id of await deploymentsWithAlarm(tx, place, String(detail.alarmName)))
        await ctx.engine.wake(tx, ALARMS, id);
    });
  },
};
