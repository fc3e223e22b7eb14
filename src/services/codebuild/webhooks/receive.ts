import { createHash } from 'node:crypto';
import {
  CodeBuildClient,
  type Project,
  StartBuildBatchCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { isAwsError } from '../../../aws/errors.ts';
import { HttpError } from '../../../aws/http-error.ts';
import type { Headers } from '../../../kit/forges/payload.ts';
import {
  forgeRepository,
  kindOf,
  publicHost,
  WEBHOOK_LOCATION,
} from '../../../kit/forges/repository.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { wants } from '../model/webhook/filters.ts';
import { withoutWaiting, withWaiting } from '../model/webhook/record.ts';
import { initiatorOf, startOf } from '../model/webhook/start.ts';
import { type Approval, type ForgeEvent, readTold } from '../model/webhook/told.ts';
import { SERVICE_PRINCIPAL, sourceArnOf } from '../run/service-role.ts';
import { tellRefused } from '../statuses/want.ts';
import { findProject } from '../store/projects.ts';
import { findWebhook, type StoredWebhook, updateWebhook } from '../store/webhooks.ts';
import { isApprover, needsApproval } from './approval.ts';
import type { Hooked } from './hooked.ts';
import { lookup } from './lookup.ts';

/** What a forge sent, once it is known that it was the forge. */
export interface Received {
  headers: Headers;
  body: unknown;
  bytes: Buffer;
}

/** Does what follows from what a forge told. @returns what is said to it @throws HttpError */
export async function receive(
  platform: Platform,
  hook: StoredWebhook,
  received: Received,
): Promise<string> {
  const found = await findProject(platform.db, hook, hook.project);
  const { forge } = hook.webhook;
  if (!found || found.project.source?.type !== forge)
    throw new HttpError(409, 'The project has no source of the forge of its webhook any more.');
  const told = readTold(kindOf(forge), received.headers, received.body);
  if (!told) return 'Nothing follows from this.';
  const its = told.kind === 'event' ? told.event : told.approval;
  const location = locationOf(hook, found.project, its.repository);
  if (location === undefined) throw new HttpError(403, 'This is about another repository.');
  const hooked = { hook, project: found.project, location };
  return told.kind === 'approval'
    ? approve(platform, hooked, told.approval, received)
    : heed(platform, hooked, told.event, received);
}

/** The clone URL of the repository; undefined where it is not the webhook's. */
function locationOf(
  { webhook }: StoredWebhook,
  { source }: Project,
  repository: string,
): string | undefined {
  const { location = '' } = source ?? {};
  const name = repository.toLowerCase();
  const scope = webhook.settings.scopeConfiguration;
  if (location !== WEBHOOK_LOCATION) {
    const own = forgeRepository(webhook.forge, location).name.toLowerCase();
    return own === name ? location : undefined;
  }
  const isBelow = name.startsWith(`${(scope?.name ?? '').toLowerCase()}/`);
  if (scope?.scope !== 'GITHUB_GLOBAL' && !isBelow) return undefined;
  const host = publicHost(webhook.forge) ?? scope?.domain ?? '';
  return `${/^https?:/.test(host) ? '' : 'https://'}${host}/${repository}.git`;
}

async function heed(
  platform: Platform,
  hooked: Hooked,
  event: ForgeEvent,
  received: Received,
): Promise<string> {
  const { hook } = hooked;
  if (!(await wants(hook.webhook.settings, event, lookup(platform, hooked, event))))
    return 'No filter group of the webhook wants this.';
  if (await needsApproval(platform, hooked, event)) {
    await platform.transaction(async (tx) => {
      const now = await findWebhook(tx, hook, hook.project);
      if (now) await updateWebhook(tx, { ...now, webhook: withWaiting(now.webhook, event) });
      await tellRefused(platform, tx, hooked, event);
    });
    return 'Pull request approval required for starting a build';
  }
  return start(platform, hooked, event, received);
}

/** A comment of who may: the commit that it names has to be the last that was told of. */
async function approve(
  platform: Platform,
  hooked: Hooked,
  approval: Approval,
  received: Received,
): Promise<string> {
  const { hook } = hooked;
  const waiting = hook.webhook.waiting?.find(([number]) => number === approval.number)?.[1];
  if (!waiting) return 'No build of this pull request waits for approval.';
  if (waiting.commit !== approval.commit) return 'This is not the last commit of the pull request.';
  if (!(await isApprover(platform, hooked, approval.actor)))
    return 'Who says this may not approve builds.';
  const answer = await start(platform, hooked, waiting, received);
  await platform.transaction(async (tx) => {
    const now = await findWebhook(tx, hook, hook.project);
    if (now)
      await updateWebhook(tx, { ...now, webhook: withoutWaiting(now.webhook, approval.number) });
  });
  return answer;
}

/** The same delivery starts the same build, however often it comes. */
async function start(
  platform: Platform,
  { hook, location }: Hooked,
  event: ForgeEvent,
  { headers, bytes }: Received,
): Promise<string> {
  const { forge, settings } = hook.webhook;
  const its = startOf(forge, event);
  if (!its) return 'Pull requests of forks are not built: this forge does not have their commits.';
  const input = {
    ...{ projectName: hook.project, sourceVersion: its.sourceVersion },
    ...(settings.scopeConfiguration && { sourceLocationOverride: location }),
    environmentVariablesOverride: [
      ...its.variables,
      {
        ...{ name: 'CODEBUILD_INITIATOR', value: initiatorOf(forge, headers) },
        type: 'PLAINTEXT' as const,
      },
    ],
    idempotencyToken: deliveryOf(headers, bytes),
  };
  const client = platform.client(CodeBuildClient, {
    ...{ service: SERVICE_PRINCIPAL, region: hook.region },
    sourceArn: sourceArnOf({ ...hook, id: hook.project }),
    may: ['codebuild:StartBuild', 'codebuild:StartBuildBatch'],
  });
  try {
    if (settings.buildType === 'BUILD_BATCH') {
      const { buildBatch } = await client.send(new StartBuildBatchCommand(input));
      return `Started ${buildBatch?.id}`;
    }
    const { build } = await client.send(new StartBuildCommand(input));
    return `Started ${build?.id}`;
  } catch (error) {
    if (isAwsError(error, 'AccountLimitExceededException'))
      throw new HttpError(429, (error as Error).message);
    if (isRefusal(error)) throw new HttpError(400, (error as Error).message);
    throw error;
  }
}

/** What was signed tells deliveries apart; GitLab, which signs nothing, says two alike by a header. */
function deliveryOf(headers: Headers, bytes: Buffer): string {
  const hash = createHash('sha256').update(bytes);
  if (headers['x-gitlab-token'] !== undefined) hash.update(headers['x-gitlab-event-uuid'] ?? '');
  return `webhook-${hash.digest('hex').slice(0, 48)}`;
}
