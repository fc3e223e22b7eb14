import type { ListWebhookItem, WebhookDefinition } from '@aws-sdk/client-codepipeline';
import type { Tx } from '../../../db/database.ts';
import { page } from '../../../kit/pages.ts';
import { at, authorizeOn, type Named, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagConditions, tagsOf } from '../../../kit/tags.ts';
import { invalid, invalidAuthentication, limitExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Action } from '../model/declaration.ts';
import { MASK } from '../model/secrets.ts';
import { type Webhook, webhookOf } from '../model/webhook.ts';
import { pipeline, pipelineArn, tagList, tagRules } from '../resources/pipeline.ts';
import { webhook, webhookArn } from '../resources/webhook.ts';
import { findPipeline, type PipelineRecord } from '../store/pipelines.ts';
import {
  countWebhooks,
  deleteWebhook as deleteRecord,
  findWebhook,
  listWebhooks as listRecords,
  putWebhook as putRecord,
  type StoredWebhook,
} from '../store/webhooks.ts';
import { hashOf, newAddress, urlOf } from '../webhooks/address.ts';
import { deregister, register } from '../webhooks/github.ts';
import { asked } from './asked.ts';
import { codepipeline } from './declare.ts';

/** One that is there keeps its URL (CP-C44). */
export const putWebhook = codepipeline(
  'putWebhook',
  at(webhook, (input: { webhook: WebhookDefinition | undefined }) => input.webhook?.name),
  async (ctx, input, located) => {
    const given = input.webhook as WebhookDefinition;
    const target = pipeline.locate(ctx, [given.targetPipeline]);
    await authorizeOn(ctx, pipeline, target, 'codepipeline:PutWebhook', tagConditions(input));
    const definition = webhookOf(given);
    checkNewTags(input.tags ?? [], tagRules(located.arn));
    checkTarget(await need(ctx.db, pipeline, target), definition);
    const tags = input.tags && tagList(tagsOf(input.tags));
    const put = await ctx.transaction((tx) => store(ctx, tx, located, { definition, tags }));
    return { webhook: view(ctx, put) };
  },
);

function checkTarget({ declaration }: PipelineRecord, { targetAction }: Webhook): void {
  const [source] = declaration.stages;
  if (!source?.actions.some(({ name }) => name === targetAction))
    throw invalid(
      `The target action '${targetAction}' is not an action of the first stage of the pipeline '${declaration.name}'`,
    );
}

async function store(
  _ctx: ServiceContext,
  tx: Tx,
  { accountId, region, name }: Named,
  { definition, tags }: { definition: Webhook; tags: StoredWebhook['tags'] | undefined },
): Promise<StoredWebhook> {
  const before = await findWebhook(tx, { accountId, region, name });
  if (!before && (await countWebhooks(tx, { accountId, region })) >= limits.webhooks)
    throw limitExceeded(accountId, limits.webhooks, 'webhooks');
  const address = before?.address ?? newAddress();
  const put: StoredWebhook = {
    ...{ accountId, region, name, address, addressHash: hashOf(address) },
    definition: withSecret(definition, before?.definition),
    lastTriggered: before?.lastTriggered ?? null,
    tags: tags ?? before?.tags ?? [],
  };
  await putRecord(tx, put);
  return put;
}

/**
 * A mask that comes back keeps the secret, as in pipelines (CP-A45). Where there is none to keep it would be one that
 * everybody knows: what ListWebhooks told was put again elsewhere.
 */
function withSecret(definition: Webhook, before: Webhook | undefined): Webhook {
  const { SecretToken } = definition.authenticationConfiguration;
  const kept = before?.authenticationConfiguration.SecretToken;
  if (SecretToken !== MASK) return definition;
  if (kept === undefined)
    throw invalidAuthentication(`The SecretToken must be a secret, and not '${MASK}' in its place`);
  return { ...definition, authenticationConfiguration: { SecretToken: kept } };
}

function view(ctx: ServiceContext, hook: StoredWebhook): ListWebhookItem {
  const { definition, address, error, lastTriggered, tags } = hook;
  const { SecretToken } = definition.authenticationConfiguration;
  return {
    definition: {
      ...definition,
      ...(SecretToken !== undefined && { authenticationConfiguration: { SecretToken: MASK } }),
    },
    url: urlOf(ctx, address),
    arn: webhookArn(hook),
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    ...(lastTriggered !== null && { lastTriggered: new Date(lastTriggered) }),
    tags,
  };
}

/** CP-A3: its tokens have capital letters. */
export const listWebhooks = codepipeline(
  'listWebhooks',
  { resource: (ctx) => pipelineArn(ctx, 'webhook:*') },
  async (ctx, { NextToken: nextToken, MaxResults: maxResults }) => {
    const { items, nextToken: NextToken } = await page(
      ctx,
      asked({ nextToken, maxResults }, 100),
      (after: string | undefined, limit) => listRecords(ctx.db, ctx, { after, limit }),
      ({ name }) => name,
    );
    return { webhooks: items.map((hook) => view(ctx, hook)), ...(NextToken && { NextToken }) };
  },
);

/** Deleting what does not exist succeeds (CP-C44). */
export const deleteWebhook = codepipeline(
  'deleteWebhook',
  at(webhook, ({ name }: { name: string | undefined }) => name),
  async (ctx, _input, located) => {
    await ctx.transaction((tx) => deleteRecord(tx, located));
    return {};
  },
);

const atNamed = at(webhook, ({ webhookName }: { webhookName?: string | undefined }) => webhookName);

export const registerWebhookWithThirdParty = codepipeline(
  'registerWebhookWithThirdParty',
  atNamed,
  async (ctx, input, located) => {
    await register(ctx, ...(await atGitHub(ctx, input.webhookName, located)));
    return {};
  },
);

export const deregisterWebhookWithThirdParty = codepipeline(
  'deregisterWebhookWithThirdParty',
  atNamed,
  async (ctx, input, located) => {
    await deregister(ctx, ...(await atGitHub(ctx, input.webhookName, located)));
    return {};
  },
);

/** Only GitHub is asked to call a webhook, and for its source actions alone (CP-C47). */
async function atGitHub(
  ctx: ServiceContext,
  name: string | undefined,
  located: Named,
): Promise<[StoredWebhook, Action]> {
  if (name === undefined) throw invalid('The webhookName must be given');
  const hook = await need(ctx.db, webhook, located);
  const { accountId, region, definition } = hook;
  const { targetPipeline, targetAction } = definition;
  const record = await findPipeline(ctx.db, { accountId, region, name: targetPipeline });
  const action = record?.declaration.stages[0]?.actions.find((a) => a.name === targetAction);
  if (action?.actionTypeId.owner !== 'ThirdParty' || action.actionTypeId.provider !== 'GitHub')
    throw invalid(
      `The webhook '${name}' does not target an action of the provider GitHub: its URL has to be given to the source host by hand`,
    );
  return [hook, action];
}
