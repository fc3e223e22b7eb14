import type { Project, UpdateWebhookInput } from '@aws-sdk/client-codebuild';
import type { ForgeApi } from '../../../kit/forges/api.ts';
import { ForgeRefused } from '../../../kit/forges/api.ts';
import { createHook, deleteHook, updateHook } from '../../../kit/forges/hooks.ts';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { providerRefused, webhookExists, webhookNotFound } from '../errors.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { type WebhookRecord, webhookView } from '../model/webhook/record.ts';
import { checkWebhook, type WebhookSettings } from '../model/webhook/rules.ts';
import { ownProject } from '../resources/project.ts';
import * as store from '../store/webhooks.ts';
import { hashOf, newAddress, newSecret, secretSealedFor, urlOf } from '../webhooks/address.ts';
import { forgeApi } from '../webhooks/forge-api.ts';
import { ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

const onProject = on(
  ownProject,
  ({ projectName }: { projectName: string | undefined }) => projectName,
);

/** Registered at the forge where that can be; else the answer says by what, and why, it has to be by hand. */
export const createWebhook = codebuild(
  'createWebhook',
  onProject,
  async (ctx, input, { project }) => {
    const { projectName: _, ...settings } = input;
    const { name = '' } = project;
    if (await store.findWebhook(ctx.db, ctx, name)) throw webhookExists(name);
    const forge = ruled(() => checkWebhook(project, settings));
    const [address, secret] = [newAddress(), newSecret()];
    const payloadUrl = urlOf(ctx, address);
    const api = await apiFor(ctx, project, settings);
    const record: WebhookRecord = {
      ...{ forge, address, secret: ctx.vault.seal(secret, secretSealedFor(ctx, name)), settings },
      lastModifiedSecret: ctx.clock.now().getTime(),
      ...('missing' in api && { byHand: byHand(api.missing) }),
    };
    const { accountId, region } = ctx;
    const stored = {
      accountId,
      region,
      project: name,
      addressHash: hashOf(address),
      webhook: record,
    };
    const inserted = await ctx.transaction((tx) => store.insertWebhook(tx, stored));
    if (!inserted) throw webhookExists(name);
    if ('missing' in api) return { webhook: webhookView(record, payloadUrl, secret) };
    const url = await asked(() => createHook(ctx, api, { payloadUrl, secret })).catch(
      async (error) => {
        await ctx.transaction((tx) => store.deleteWebhook(tx, ctx, name));
        throw error;
      },
    );
    const registered = { ...stored, webhook: { ...record, url } };
    await ctx.transaction((tx) => store.updateWebhook(tx, registered));
    return { webhook: webhookView(registered.webhook, payloadUrl) };
  },
);

export const updateWebhook = codebuild(
  'updateWebhook',
  onProject,
  async (ctx, input, { project }) => {
    const { name = '' } = project;
    const found = await store.findWebhook(ctx.db, ctx, name);
    if (!found) throw webhookNotFound(name);
    const settings = changed(found.webhook.settings, input);
    ruled(() => checkWebhook(project, settings));
    // Bitbucket's is ignored, as AWS has it.
    const rotates = input.rotateSecret === true && found.webhook.forge !== 'BITBUCKET';
    const secret = rotates ? newSecret() : undefined;
    const { url, address } = found.webhook;
    const payloadUrl = urlOf(ctx, address);
    if (secret !== undefined && url !== undefined) {
      const hook = { payloadUrl, secret };
      await change(ctx, project, settings, (api) => updateHook(ctx, api, url, hook));
    }
    const webhook = await ctx.transaction(async (tx) => {
      const current = await store.findWebhook(tx, ctx, name);
      if (!current) throw webhookNotFound(name);
      const updated: WebhookRecord = {
        ...{ ...current.webhook, settings },
        ...(secret !== undefined && {
          secret: ctx.vault.seal(secret, secretSealedFor(ctx, name)),
          lastModifiedSecret: ctx.clock.now().getTime(),
        }),
      };
      await store.updateWebhook(tx, { ...current, webhook: updated });
      return updated;
    });
    return { webhook: webhookView(webhook, payloadUrl, url === undefined ? secret : undefined) };
  },
);

export const deleteWebhook = codebuild(
  'deleteWebhook',
  onProject,
  async (ctx, _input, { project }) => {
    const { name = '' } = project;
    const found = await store.findWebhook(ctx.db, ctx, name);
    if (!found) throw webhookNotFound(name);
    const { url, settings } = found.webhook;
    if (url !== undefined) await change(ctx, project, settings, (api) => deleteHook(ctx, api, url));
    await ctx.transaction((tx) => store.deleteWebhook(tx, ctx, name));
    return {};
  },
);

/** What is absent stays; filters of one kind take the place of those of the other. */
function changed(settings: WebhookSettings, input: UpdateWebhookInput): WebhookSettings {
  const { filterGroups, branchFilter, buildType, pullRequestBuildPolicy } = input;
  return {
    ...settings,
    ...(filterGroups && { filterGroups, branchFilter }),
    ...(branchFilter !== undefined && { branchFilter, filterGroups }),
    ...(buildType && { buildType }),
    ...(pullRequestBuildPolicy && { pullRequestBuildPolicy }),
  };
}

const byHand = (why: string) =>
  `Register payloadUrl and secret at the source provider by hand: ${why}`;

async function apiFor(
  ctx: ServiceContext,
  { name = '', source, serviceRole = '' }: Project,
  { manualCreation, scopeConfiguration }: WebhookSettings,
): Promise<ForgeApi | { missing: string }> {
  if (manualCreation) return { missing: 'manualCreation' };
  if (scopeConfiguration)
    return { missing: 'webhooks of organizations and groups are not made here' };
  const { accountId, region } = ctx;
  const who = { accountId, region, id: `${name}:webhook`, serviceRole };
  return asked(() => forgeApi(ctx, who, source ?? { type: 'NO_SOURCE' }));
}

/** Changes a hook that is registered. @throws OAuthProviderException */
async function change(
  ctx: ServiceContext,
  project: Project,
  settings: WebhookSettings,
  how: (api: ForgeApi) => Promise<void>,
): Promise<void> {
  const api = await apiFor(ctx, project, settings);
  if ('missing' in api) throw providerRefused(`The webhook cannot be changed: ${api.missing}`);
  await asked(() => how(api));
}

/** What the forge does not do is OAuthProviderException. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ForgeRefused || error instanceof PhaseFailure)
      throw providerRefused(`Failed to call the source provider: ${error.message}`);
    throw error;
  }
}
