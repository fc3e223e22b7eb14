import { parseArn } from '../../../aws/arn.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import { lookEvery } from '../../../lib/look-every.ts';
import { approvalLink } from '../approvals/link.ts';
import { handToWorkers } from '../jobs/handing.ts';
import { takeJob } from '../jobs/invoking.ts';
import { findActionType } from '../model/action-type.ts';
import { type ActionTypeId, artifactStoreOf } from '../model/declaration.ts';
import { type Outcome, report } from '../model/outcome.ts';
import type { ActionRun, PipelineState } from '../model/state.ts';
import { ActionEndedError, type ActionType, type Job, roleOf } from '../providers/action-type.ts';
import { bringInputs } from '../providers/bring-inputs.ts';
import { ActionFailure, failureOf } from '../providers/failure.ts';
import { jobWorker } from '../providers/job-worker.ts';
import { actAs, SERVICE_PRINCIPAL } from '../providers/role.ts';
import { findMadeFacts } from '../store/action-types.ts';
import { findAction } from '../store/executions.ts';
import { findPipelineById } from '../store/pipelines.ts';
import { sweeps } from '../sweeps.ts';
import { ACTION_RECONCILER } from './names.ts';
import { settle } from './pipeline.ts';

/** How often a provider is asked though no event has come. */
const SAFETY_LOOK_MS = 60_000;
/** How often one is asked that tells of nothing itself: a tenth of the time that it has taken so far, within these. */
const POLL_MS = { least: 2_000, most: 30_000 };
/** How often it is looked whether an action goes on, while its provider is called. */
const LOOK_AT_CALL_MS = 1_000;
/** Tries to reach a provider before the action fails. */
const MAX_TRIES = 6;
const FIRST_PAUSE_MS = 500;

/**
 * Does one action execution's work with its provider: starts it, or finds out how it goes. The key is the
 * action execution's id, which was committed before and is the provider's idempotency token.
 */
export const actionReconciler = (types: readonly ActionType[]) =>
  defineReconciler<Platform>({
    name: ACTION_RECONCILER,
    concurrency: 64,
    async reconcile(ctx, key, signal) {
      const task = await findTask(ctx, types, key);
      return task && work(ctx, task, signal);
    },
    sweep: sweeps[ACTION_RECONCILER],
  });

/**
 * Finds out how a started action goes, without the lease that a start needs: an event says that it has ended,
 * and the word of a provider is taken once, whoever brings it first.
 */
export async function lookAtAction(
  ctx: Platform,
  types: readonly ActionType[],
  key: string,
): Promise<void> {
  const task = await findTask(ctx, types, key);
  if (!task?.run.progress.externalExecutionId) return;
  await work(ctx, task, new AbortController().signal);
}

async function findTask(
  ctx: Platform,
  types: readonly ActionType[],
  key: string,
): Promise<Task | undefined> {
  const found = await findAction(ctx.db, key);
  if (found?.run.status !== 'InProgress') return undefined;
  // By the structure that its execution runs by.
  const { pipelineVersion } = found.run;
  const pipeline = await findPipelineById(ctx.db, found.pipelineId, pipelineVersion);
  if (!pipeline) return undefined;
  const type = await typeOf(ctx, types, pipeline, found.run.input.actionTypeId);
  return type && { pipeline, run: found.run, type };
}

/** One of Slipway's, or one that somebody made. */
async function typeOf(
  ctx: Platform,
  types: readonly ActionType[],
  pipeline: PipelineState,
  id: ActionTypeId,
): Promise<ActionType | undefined> {
  const known = findActionType(types, id);
  if (known) return known;
  const [made] = await findMadeFacts(ctx.db, pipeline, [id]);
  return made && jobWorker(made);
}

interface Task {
  pipeline: PipelineState;
  run: ActionRun;
  type: ActionType;
}

async function work(
  ctx: Platform,
  task: Task,
  signal: AbortSignal,
): Promise<Date | 'now' | undefined> {
  const { run, type } = task;
  const { externalExecutionId, token, jobId } = run.progress;
  const started = externalExecutionId ?? token ?? jobId;
  if (started !== undefined && !type.look) return undefined;
  if (!started && type.marksStart && run.progress.tries === undefined) {
    await tell(ctx, task, { state: 'running', progress: { tries: 0 } });
  }
  const outcome = await attempt(ctx, task, started !== undefined, signal);
  if (!outcome) return 'now';
  if (outcome.state !== 'running' || changes(run, outcome)) await tell(ctx, task, outcome);
  if (outcome.state !== 'running') return undefined;
  const { tries } = outcome.progress;
  const now = ctx.clock.now().getTime();
  if (tries) return new Date(now + FIRST_PAUSE_MS * 2 ** tries);
  if (!type.look) return undefined;
  // Its end may have come between the start and the commit of its id, when no event could find it: look at once.
  if (started === undefined && !type.polls) return 'now';
  return new Date(now + (type.polls ? pollMs(run, now) : SAFETY_LOOK_MS));
}

function pollMs({ startTime }: ActionRun, now: number): number {
  return Math.min(POLL_MS.most, Math.max(POLL_MS.least, (now - startTime) / 10));
}

/**
 * One call of the provider; what goes wrong in it becomes an outcome. None when it was told to stop half-way;
 * an answer that has come is kept also then.
 */
async function attempt(
  ctx: Platform,
  task: Task,
  started: boolean,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { run, type } = task;
  const { region } = run.input;
  const job = jobOf(ctx, task);
  const ended = new AbortController();
  const forget = watch(ctx, run.actionExecutionId, ended);
  const told = AbortSignal.any([signal, ended.signal]);
  try {
    if (started && type.look) return tidied(task, await type.look(job, told));
    const client: Job['client'] = (Client) =>
      ctx.client(Client, actAs(task.pipeline, { input: { region } }));
    await bringInputs(job, client, told);
    return tidied(task, await type.start(job, told));
  } catch (error) {
    if (told.aborted) return undefined;
    const failure = failureOf(error);
    if (failure) return { state: 'failed', code: failure.code, message: failure.message };
    const tries = (run.progress.tries ?? 0) + 1;
    ctx.log.warn(
      { err: error, actionExecutionId: run.actionExecutionId, tries },
      'an action will be tried again',
    );
    if (tries < MAX_TRIES) return { state: 'running', progress: { tries } };
    const message = 'The service that the action needs did not answer. Try again later';
    return { state: 'failed', code: 'SystemUnavailable', message };
  } finally {
    forget();
  }
}

/** An outcome as it is kept: with the output variables that the type declares, and no tries that failed. */
function tidied({ run, type }: Task, outcome: Outcome): Outcome {
  const answered = run.progress.tries
    ? { ...outcome, progress: { ...outcome.progress, tries: 0 } }
    : outcome;
  const { outputVariables: names = [] } = type;
  if (answered.state !== 'succeeded' || names === 'any') return answered;
  const own = Object.entries(answered.outputVariables ?? {});
  const outputVariables = Object.fromEntries(own.filter(([name]) => names.includes(name)));
  return { ...answered, outputVariables };
}

/** Looks, while a provider is called, whether somebody has ended the action: it was abandoned, or is gone. @returns what ends that */
function watch(ctx: Platform, actionExecutionId: string, ended: AbortController): () => void {
  return lookEvery(ctx.clock, LOOK_AT_CALL_MS, async () => {
    const goesOn = (await findAction(ctx.db, actionExecutionId))?.run.status === 'InProgress';
    if (!goesOn) ended.abort(new ActionEndedError());
    return goesOn;
  });
}

/** What a provider gets to see. */
export function jobOf(ctx: Platform, { pipeline, run, type }: Task): Job {
  const { declaration } = pipeline;
  const { region } = run.input;
  const store =
    artifactStoreOf(declaration, region) ?? artifactStoreOf(declaration, pipeline.region);
  if (!store) throw new Error(`Pipeline ${pipeline.name} has no artifact store`);
  return {
    type,
    pipeline,
    run,
    store,
    again: run.progress.tries !== undefined,
    client: (Client) => ctx.client(Client, actAs(pipeline, run)),
    itself: (Client, may) => {
      const { arn: sourceArn } = pipeline;
      return ctx.client(Client, { service: SERVICE_PRINCIPAL, sourceArn, region, may });
    },
    async passRole(roleArn, service) {
      if (parseArn(roleArn)?.accountId !== parseArn(roleOf({ run, pipeline }))?.accountId)
        throw new ActionFailure('PermissionError', 'Cross-account pass role is not allowed.');
      const conditions = { 'iam:passedtoservice': service };
      await ctx.authorizeAs(actAs(pipeline, run), 'iam:PassRole', roleArn, { conditions });
    },
    now: () => ctx.clock.now().getTime(),
    base: publicUrl(ctx),
    queue: () => handToWorkers(ctx, { pipeline, run, type }),
    takeJob: () => takeJob(ctx, { pipeline, run, type }),
    approvalLink: () => approvalLink(ctx, pipeline, run),
  };
}

function changes(run: ActionRun, outcome: Outcome): boolean {
  const known = run.progress as Record<string, unknown>;
  return Object.entries(outcome.progress ?? {}).some(([name, value]) => known[name] !== value);
}

async function tell(ctx: Platform, { pipeline, run }: Task, outcome: Outcome): Promise<void> {
  await ctx.transaction((tx) =>
    settle(ctx, tx, pipeline.pipelineId, (draft) => report(draft, run.actionExecutionId, outcome), {
      of: run.executionId,
    }),
  );
}
