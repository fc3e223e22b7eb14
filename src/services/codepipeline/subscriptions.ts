import { randomUUID } from 'node:crypto';
import { CodeDeployClient, GetDeploymentCommand } from '@aws-sdk/client-codedeploy';
import { ValidationException } from '@aws-sdk/client-codepipeline';
import type { AwsEvent, Subscription } from '../../engine/events.ts';
import type { Platform } from '../../kit/service.ts';
import { start } from './model/commands.ts';
import { report } from './model/outcome.ts';
import type { ActionRun, PipelineState, SourceOverride } from './model/state.ts';
import { deploymentDescription } from './providers/codedeploy.ts';
import { failureOf } from './providers/failure.ts';
import type { Providers } from './providers/index.ts';
import { lookAtAction } from './reconcilers/action.ts';
import { ACTION_RECONCILER } from './reconcilers/names.ts';
import { settle } from './reconcilers/pipeline.ts';
import { actAs } from './role.ts';
import { findPipelineById, type WatchedSource } from './store.ts';
import {
  findExecutionByToken,
  findRunningByExternalId,
  listUnstartedActions,
} from './store-executions.ts';
import { wants, watchersOfBranch, watchersOfObject } from './wants.ts';

type Detail = Record<string, unknown>;
const text = (value: unknown) => (typeof value === 'string' ? value : '');
const object = (value: unknown) => (value ?? {}) as Detail;

/** A build has ended: whoever waits for it looks. */
const buildEnded = (providers: Providers): Subscription<Platform> => ({
  name: 'codepipeline/build-ended',
  pattern: {
    'detail-type': ['CodeBuild Build State Change'],
    detail: { 'build-status': ['SUCCEEDED', 'FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'] },
  },
  deliver: (ctx, event) => {
    // The ARN's resource is `build/PROJECT:UUID`.
    const id = text(event.detail['build-id']).replace(/^.*:build\//, '');
    return lookForWaiting(ctx, providers, 'CodeBuild', id);
  },
});

const deploymentEnded = (providers: Providers): Subscription<Platform> => ({
  name: 'codepipeline/deployment-ended',
  pattern: {
    'detail-type': ['CodeDeploy Deployment State-change Notification'],
    detail: { state: ['SUCCESS', 'FAILURE', 'STOP'] },
  },
  deliver: (ctx, event) =>
    lookForWaiting(ctx, providers, 'CodeDeploy', text(event.detail.deploymentId)),
});

/**
 * A deployment has begun: an action that does not know what it created, because the server went down right
 * after, knows it by its description.
 */
const deploymentStarted: Subscription<Platform> = {
  name: 'codepipeline/deployment-started',
  pattern: {
    'detail-type': ['CodeDeploy Deployment State-change Notification'],
    detail: { state: ['START'] },
  },
  async deliver(ctx, event) {
    const deploymentId = text(event.detail.deploymentId);
    for (const { pipelineId, run } of await listUnstartedActions(ctx.db, 'CodeDeploy', event)) {
      const pipeline = await findPipelineById(ctx.db, pipelineId);
      if (pipeline) await adopt(ctx, pipeline, run, deploymentId);
    }
  },
};

async function adopt(
  ctx: Platform,
  pipeline: PipelineState,
  run: ActionRun,
  deploymentId: string,
): Promise<void> {
  const client = ctx.client(CodeDeployClient, actAs(pipeline, run));
  const answer = await client.send(new GetDeploymentCommand({ deploymentId })).catch((error) => {
    // Another pipeline's deployment, which this one's role may not see.
    if (failureOf(error)) return undefined;
    throw error;
  });
  const wanted = deploymentDescription(pipeline.name, run.actionExecutionId);
  if (answer?.deploymentInfo?.description !== wanted) return;
  await ctx.transaction(async (tx) => {
    await settle(ctx, tx, pipeline.pipelineId, (draft) =>
      report(draft, run.actionExecutionId, {
        state: 'running',
        progress: { externalExecutionId: deploymentId },
      }),
    );
    await ctx.engine.wake(tx, ACTION_RECONCILER, run.actionExecutionId);
  });
}

/** At once, not by a wake-up: what comes next in the pipeline waits for it. */
async function lookForWaiting(
  ctx: Platform,
  providers: Providers,
  provider: string,
  externalId: string,
): Promise<void> {
  for (const id of await findRunningByExternalId(ctx.db, provider, externalId)) {
    await lookAtAction(ctx, providers, id);
  }
}

/** A branch has moved: pipelines that watch it start with its commit (CP-C7, CP-C39). */
const branchMoved: Subscription<Platform> = {
  name: 'codepipeline/branch-moved',
  pattern: {
    'detail-type': ['CodeCommit Repository State Change'],
    detail: { event: ['referenceCreated', 'referenceUpdated'], referenceType: ['branch'] },
  },
  wants: wants['codepipeline/branch-moved'],
  async deliver(ctx, event) {
    const revisionValue = text(event.detail.commitId);
    for (const watcher of await watchersOfBranch(ctx.db, event))
      await startFor(ctx, event, watcher, { revisionType: 'COMMIT_ID', revisionValue });
  },
};

const objectCreated: Subscription<Platform> = {
  name: 'codepipeline/object-created',
  pattern: { source: ['aws.s3'], 'detail-type': ['Object Created'] },
  wants: wants['codepipeline/object-created'],
  async deliver(ctx, event) {
    const { 'version-id': versionId } = object(event.detail.object);
    for (const watcher of await watchersOfObject(ctx.db, event)) {
      await startFor(
        ctx,
        event,
        watcher,
        versionId
          ? { revisionType: 'S3_OBJECT_VERSION_ID', revisionValue: text(versionId) }
          : undefined,
      );
    }
  },
};

/** Starts an execution once for an event, however often it is delivered. */
async function startFor(
  ctx: Platform,
  event: AwsEvent,
  { pipelineId, actionName }: WatchedSource,
  revision: Omit<SourceOverride, 'actionName'> | undefined,
): Promise<void> {
  // A colon cannot be in a clientRequestToken, so the two kinds of tokens never meet.
  const token = `event:${event.id}:${actionName}`;
  const executionId = randomUUID();
  const request = {
    executionId,
    trigger: { triggerType: 'PollForSourceChanges' as const },
    sourceOverrides: revision ? [{ actionName, ...revision }] : [],
  };
  try {
    await ctx.transaction(async (tx) => {
      if (await findExecutionByToken(tx, pipelineId, token)) return;
      await settle(ctx, tx, pipelineId, (draft) => start(draft, request), {
        request: { executionId, token },
      });
    });
  } catch (error) {
    // A variable without a default: only a person can start this pipeline.
    if (!(error instanceof ValidationException)) throw error;
    ctx.log.info(
      { pipelineId, reason: error.message },
      'a source change could not start a pipeline',
    );
  }
}

export const subscriptions = (providers: Providers): Subscription<Platform>[] => [
  buildEnded(providers),
  deploymentStarted,
  deploymentEnded(providers),
  branchMoved,
  objectCreated,
];
