import type { ExecutionDetails, FailureDetails } from '@aws-sdk/client-codepipeline';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { invalid, invalidJobState, jobNotFound, outputVariablesTooLarge } from '../errors.ts';
import { limits } from '../limits.ts';
import { linkPath } from '../model/console.ts';
import { type FailureCode, type Outcome, report } from '../model/outcome.ts';
import type { ActionProgress, SourceRevision } from '../model/state.ts';
import { ACTION_RECONCILER, JOB_RECONCILER } from '../reconcilers/names.ts';
import { settle } from '../reconcilers/pipeline.ts';
import { changeJob, findJob, type JobStatus } from '../store/jobs.ts';
import { isOpen, type KnownJob } from './data.ts';
import { addJob } from './handing.ts';

type Ctx = Pick<Platform, 'clock' | 'db' | 'engine' | 'events' | 'serverEndpoint' | 'transaction'>;

/** What a worker may say of a job that went well. */
export interface SuccessReport {
  currentRevision?:
    | {
        revision: string | undefined;
        changeIdentifier: string | undefined;
        created?: Date | undefined;
        revisionSummary?: string | undefined;
      }
    | undefined;
  continuationToken?: string | undefined;
  executionDetails?: ExecutionDetails | undefined;
  outputVariables?: Record<string, string> | undefined;
}

/** A worker has a job that nobody else may take. The same worker may say it again. @returns how the job is now */
export async function acknowledge(ctx: Ctx, { job, run, type }: KnownJob): Promise<JobStatus> {
  return ctx.transaction(async (tx) => {
    const now = await findJob(tx, job.jobId);
    if (now?.status !== 'Dispatched' || now.nonce !== job.nonce) return now?.status ?? 'TimedOut';
    if (run.status !== 'InProgress') return 'TimedOut';
    const seconds = type.worker?.jobSeconds;
    const deadline = seconds === undefined ? null : ctx.clock.now().getTime() + seconds * 1000;
    await changeJob(tx, job.jobId, { status: 'InProgress', deadline });
    if (deadline !== null) await ctx.engine.wake(tx, JOB_RECONCILER, job.jobId, new Date(deadline));
    return 'InProgress';
  });
}

/**
 * A job went well: with a continuation token a further job begins, without one the action has succeeded (CP-C52).
 * @throws ValidationException, InvalidJobStateException, OutputVariablesSizeExceededException
 */
export async function succeed(ctx: Ctx, known: KnownJob, said: SuccessReport): Promise<void> {
  const { continuationToken, outputVariables = {} } = said;
  if (continuationToken !== undefined && Object.keys(outputVariables).length > 0)
    throw invalid('outputVariables can be included only where there is no continuationToken');
  if (Buffer.byteLength(JSON.stringify(outputVariables)) > limits.outputVariableBytes)
    throw outputVariablesTooLarge();
  const progress = progressOf(said.executionDetails);
  await end(ctx, known, 'Succeeded', async (tx, { number }) => {
    if (continuationToken === undefined) {
      const revision = revisionOf(known, said, progress);
      return { state: 'succeeded', progress, outputVariables, ...(revision && { revision }) };
    }
    // Who is told of jobs, and does not poll, is told of this one a little later.
    const isTold = known.type.jobSeconds !== undefined;
    const laterMs = isTold ? limits.continueMs : 0;
    const next = { number: number + 1, continuationToken, laterMs };
    const jobId = await addJob(ctx, tx, known, next);
    const at = new Date(ctx.clock.now().getTime() + laterMs);
    if (isTold) await ctx.engine.wake(tx, ACTION_RECONCILER, known.run.actionExecutionId, at);
    return { state: 'running', progress: { ...progress, jobId } };
  });
}

/** A job failed, and its action with it. @throws InvalidJobStateException */
export async function failed(ctx: Ctx, known: KnownJob, details: FailureDetails): Promise<void> {
  const { type, message = '', externalExecutionId } = details;
  await end(ctx, known, 'Failed', async () => ({
    state: 'failed',
    code: type as FailureCode,
    message,
    progress: { ...(externalExecutionId !== undefined && { externalExecutionId }) },
  }));
}

/** A job that its worker did not end in time (`jobTimeout` of its type). */
export async function timeOut(ctx: Ctx, known: KnownJob): Promise<void> {
  const seconds = known.type.worker?.jobSeconds ?? known.type.jobSeconds;
  await end(ctx, known, 'TimedOut', async () => ({
    state: 'failed',
    code: 'JobTimedOut',
    message: `The job did not complete within its time-out of ${seconds} seconds`,
  }));
}

/** Ends a job and moves its action on, in one transaction: a crash leaves both or neither. */
async function end(
  ctx: Ctx,
  known: KnownJob,
  status: JobStatus,
  outcome: (tx: Tx, job: { number: number }) => Promise<Outcome>,
): Promise<void> {
  const { pipeline, run } = known;
  await ctx.transaction(async (tx) => {
    const job = await findJob(tx, known.job.jobId);
    if (!job) throw jobNotFound(known.job.jobId);
    if (job.status !== 'InProgress' || !isOpen({ job, run })) throw invalidJobState(job.jobId);
    await changeJob(tx, job.jobId, { status });
    const result = await outcome(tx, job);
    const settled = await settle(ctx, tx, pipeline.pipelineId, (draft) =>
      report(draft, run.actionExecutionId, result),
    );
    if (!settled?.result) throw invalidJobState(job.jobId);
  });
}

function progressOf(details: ExecutionDetails = {}): ActionProgress {
  const { summary, externalExecutionId, percentComplete } = details;
  return {
    ...(summary !== undefined && { summary }),
    ...(externalExecutionId !== undefined && { externalExecutionId }),
    ...(percentComplete !== undefined && { percentComplete }),
  };
}

function revisionOf(
  { run, type }: KnownJob,
  { currentRevision: said }: SuccessReport,
  { externalExecutionId = run.progress.externalExecutionId }: ActionProgress,
): Omit<SourceRevision, 'name' | 'actionName'> | undefined {
  if (said?.revision === undefined) return undefined;
  const { region, resolvedConfiguration: configuration } = run.input;
  const place = { region, configuration, revisionId: said.revision };
  const revisionUrl = linkPath(type.links?.revision, place, externalExecutionId);
  return {
    revisionId: said.revision,
    ...(said.changeIdentifier !== undefined && { revisionChangeIdentifier: said.changeIdentifier }),
    ...(said.revisionSummary !== undefined && { revisionSummary: said.revisionSummary }),
    ...(said.created && { created: said.created.getTime() }),
    ...(revisionUrl !== undefined && { revisionUrl }),
  };
}
