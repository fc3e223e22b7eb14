import { randomUUID } from 'node:crypto';
import { isAwsError } from '../../../aws/errors.ts';
import { HttpError } from '../../../aws/http-error.ts';
import type { Platform } from '../../../kit/service.ts';
import { findActionType, type Setting, settingsOf } from '../model/action-type.ts';
import { start } from '../model/commands.ts';
import type { Action } from '../model/declaration.ts';
import { matches } from '../model/webhook.ts';
import { knownTypes } from '../providers/made-types.ts';
import { settle } from '../reconcilers/pipeline.ts';
import { webhookArn } from '../resources/webhook.ts';
import { findPipeline, type PipelineRecord } from '../store/pipelines.ts';
import { findWebhook, putWebhook, type StoredWebhook } from '../store/webhooks.ts';

/**
 * Does what a request to a webhook asks for, once it is known whose it is.
 * @returns the execution that it started; undefined where the filters do not match (CP-C46)
 * @throws HttpError for what can start nothing; the webhook keeps it
 */
export async function receive(
  ctx: Platform,
  hook: StoredWebhook,
  body: unknown,
): Promise<string | undefined> {
  const { accountId, region, definition } = hook;
  const pipeline = await findPipeline(ctx.db, {
    accountId,
    region,
    name: definition.targetPipeline,
  });
  const action = pipeline?.declaration.stages[0]?.actions.find(
    ({ name }) => name === definition.targetAction,
  );
  if (!pipeline || !action)
    throw new HttpError(404, 'The pipeline has no such source action any more.');
  const setting = await settingIn(ctx, pipeline, action);
  if (!matches(definition.filters, body, setting)) return undefined;
  return startFor(ctx, hook, pipeline);
}

/** The action's configuration without its secrets: whoever puts a webhook could find them out by its filters. */
async function settingIn(
  ctx: Platform,
  pipeline: PipelineRecord,
  { actionTypeId, configuration }: Action,
): Promise<Setting> {
  const types = await knownTypes(ctx.db, pipeline, [actionTypeId]);
  const type = findActionType(types, actionTypeId);
  if (!type) return () => undefined;
  const secrets = new Set(type.configuration.filter((key) => key.secret).map((key) => key.name));
  const setting = settingsOf(type, configuration);
  return (name) => (secrets.has(name) ? undefined : setting(name));
}

async function startFor(
  ctx: Platform,
  hook: StoredWebhook,
  { pipelineId }: PipelineRecord,
): Promise<string> {
  const executionId = randomUUID();
  const triggerDetail = webhookArn(hook);
  const trigger = { triggerType: 'Webhook', triggerDetail } as const;
  try {
    await ctx.transaction(async (tx) => {
      await settle(ctx, tx, pipelineId, (draft) => start(draft, { executionId, trigger }));
      const now = await findWebhook(tx, hook);
      const lastTriggered = ctx.clock.now().getTime();
      if (now) await putWebhook(tx, { ...now, lastTriggered, error: undefined });
    });
    return executionId;
  } catch (error) {
    // Variables without defaults: only a person can start this pipeline. Or as many run as may.
    const refusals = [
      'ValidationException',
      'ConcurrentPipelineExecutionsLimitExceededException',
    ] as const;
    if (!isAwsError(error, ...refusals)) throw error;
    throw new HttpError(400, (error as Error).message);
  }
}
