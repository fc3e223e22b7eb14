import { randomUUID } from 'node:crypto';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parseArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import { bring } from '../../../kit/delivery/owed.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Write } from '../model/deployment-state.ts';
import {
  deploymentMessage,
  type Happening,
  happeningOf,
  instanceMessage,
  subjectOf,
  triggersOn,
} from '../model/triggers.ts';
import { groupArn } from '../resources/deployment-group.ts';
import { instanceArn } from '../resources/instance.ts';
import { type Notice, notices } from '../store/notices.ts';
import { countTargets, loadTargets } from '../store/targets.ts';
import { sweeps } from '../sweeps.ts';
import type { Loaded } from './load.ts';
import { SERVICE_PRINCIPAL, TRIGGER } from './names.ts';

type Ctx = Pick<Platform, 'engine' | 'clock'>;

/** Owes topics what the group's triggers tell of these changes, which have just been made. */
export async function tellTriggers(
  tx: Tx,
  ctx: Ctx,
  loaded: Loaded,
  writes: readonly Write[],
): Promise<void> {
  const triggers = loaded.group?.info.triggerConfigurations ?? [];
  if (triggers.length === 0) return;
  for (const write of writes) {
    const happening = happeningOf(write);
    if (!happening || !hasHappened(loaded, happening)) continue;
    for (const trigger of triggersOn(triggers, happening.event))
      await owe(tx, ctx, loaded, { trigger, happening });
  }
}

/** A rollback that could not be made is none. */
const hasHappened = ({ deployment: { rollbackInfo } }: Loaded, { event }: Happening) =>
  event !== 'DeploymentRollback' || rollbackInfo?.rollbackDeploymentId !== undefined;

type Trigger = ReturnType<typeof triggersOn>[number];

async function owe(
  tx: Tx,
  ctx: Ctx,
  { deployment }: Loaded,
  { trigger, happening }: { trigger: Trigger; happening: Happening },
): Promise<void> {
  const { accountId, region, applicationName, groupName, deploymentId } = deployment;
  const id = randomUUID();
  const now = ctx.clock.now();
  const told = await messageOf(tx, deployment, { trigger, happening });
  await notices.save(tx, {
    ...{ id, deploymentId, roleArn: deployment.serviceRoleArn },
    topicArn: trigger.triggerTargetArn ?? '',
    groupArn: groupArn({ partition: 'aws', accountId, region }, applicationName, groupName),
    ...{ subject: subjectOf(told.status, deployment), message: JSON.stringify(told.message) },
    ...{ startedAt: now, dueAt: now, attempts: 0 },
  });
  await ctx.engine.wake(tx, TRIGGER, id);
}

async function messageOf(
  tx: Tx,
  deployment: Loaded['deployment'],
  { trigger, happening: { instance } }: { trigger: Trigger; happening: Happening },
): Promise<{ status: string; message: object }> {
  const { deploymentId, status, accountId, region } = deployment;
  if (instance === undefined) {
    const counts = await countTargets(tx, deploymentId);
    return { status, message: deploymentMessage(trigger, deployment, counts) };
  }
  const [target] = await loadTargets(tx, deploymentId, [instance]);
  if (!target) throw new Error(`Deployment ${deploymentId} has no instance ${instance}.`);
  const arn = instanceArn({ partition: 'aws', accountId, region }, instance);
  return {
    status: target.status,
    message: instanceMessage(trigger, deployment, { ...target, arn }),
  };
}

/** Publishes what a trigger owes, under the group's service role: at least once, again and again for a day (CD-DGF-08). */
export const triggerReconciler = defineReconciler<Platform>({
  name: TRIGGER,
  reconcile: (ctx, id) =>
    bring(ctx, notices, id, {
      send: (notice) => publish(ctx, notice),
      givenUp({ deploymentId: deployment, topicArn: topic }, failure) {
        ctx.log.warn({ deployment, topic, failure }, 'a trigger could not tell its topic of it');
      },
    }),
  sweep: sweeps[TRIGGER],
});

async function publish(
  ctx: Platform,
  { topicArn: TopicArn, roleArn, groupArn: sourceArn, deploymentId, subject, message }: Notice,
): Promise<Failure | undefined> {
  const region = parseArn(TopicArn)?.region ?? '';
  const as = { service: SERVICE_PRINCIPAL, roleArn, sourceArn, region };
  try {
    const sns = ctx.client(SNSClient, { ...as, sessionName: deploymentId });
    await sns.send(new PublishCommand({ TopicArn, Subject: subject, Message: message }));
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
