import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { on } from './pipelines.ts';

/** SQL about the jobs by which workers get the actions of made types. */

export type JobStatus =
  | 'Queued'
  | 'Dispatched'
  | 'InProgress'
  | 'TimedOut'
  | 'Succeeded'
  | 'Failed';

/** One piece of work for a worker. An action execution has one, and a further one for each continuation token. */
export interface WorkerJob {
  jobId: string;
  actionExecutionId: string;
  /** The pipeline's. */
  accountId: string;
  region: string;
  typeKey: string;
  queryValue: string | null;
  number: number;
  status: JobStatus;
  nonce: string | null;
  deadline: number | null;
  /** When it may be taken; null where it is. */
  availableAt: number | null;
  continuationToken?: string | undefined;
}

/** Makes a job that waits for a worker; nothing where it is there already. */
export async function insertJob(
  tx: Tx,
  job: Omit<WorkerJob, 'status' | 'nonce' | 'deadline' | 'availableAt'>,
  availableAt: number,
): Promise<void> {
  await on(tx)
    .insertInto('codepipeline_job')
    .values({
      job_id: job.jobId,
      action_execution_id: job.actionExecutionId,
      account_id: job.accountId,
      region: job.region,
      type_key: job.typeKey,
      query_value: job.queryValue,
      number: job.number,
      status: 'Queued',
      available_at: availableAt,
      deadline: null,
      nonce: null,
      data: encodeJson({ continuationToken: job.continuationToken }),
    })
    .onConflict((c) => c.column('job_id').doNothing())
    .execute();
}

export async function findJob(tx: Tx, jobId: string): Promise<WorkerJob | undefined> {
  const row = await select(tx).where('job_id', '=', jobId).executeTakeFirst();
  return row && jobOf(row);
}

/** The job that an action has now: the last one of those that continuation tokens have brought. */
export async function findLatestJob(
  tx: Tx,
  actionExecutionId: string,
): Promise<WorkerJob | undefined> {
  const row = await select(tx)
    .where('action_execution_id', '=', actionExecutionId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && jobOf(row);
}

/** What a worker polls for. */
export interface Wanted {
  region: string;
  typeKey: string;
  /** Of the type's queryable property, where it has one. */
  queryValue?: string | undefined;
}

/** Jobs that a poll may take at `now`, those that wait longest first. */
export async function listAvailable(
  tx: Tx,
  { region, typeKey, queryValue }: Wanted,
  { now, limit }: { now: number; limit: number },
): Promise<WorkerJob[]> {
  const rows = await select(tx)
    .where('region', '=', region)
    .where('type_key', '=', typeKey)
    .where('available_at', '<=', now)
    .$if(queryValue !== undefined, (q) => q.where('query_value', '=', queryValue ?? ''))
    .orderBy('available_at')
    .limit(limit)
    .execute();
  return rows.map(jobOf);
}

/** When the next of the jobs that were handed out may be taken again. */
export async function nextAvailable(
  tx: Tx,
  { region, typeKey, queryValue }: Wanted,
): Promise<number | undefined> {
  const row = await on(tx)
    .selectFrom('codepipeline_job')
    .select('available_at')
    .where('region', '=', region)
    .where('type_key', '=', typeKey)
    .where('available_at', 'is not', null)
    .$if(queryValue !== undefined, (q) => q.where('query_value', '=', queryValue ?? ''))
    .orderBy('available_at')
    .limit(1)
    .executeTakeFirst();
  return row?.available_at ?? undefined;
}

export interface JobChange {
  status: JobStatus;
  nonce?: string;
  availableAt?: number | null;
  deadline?: number | null;
}

export async function changeJob(
  tx: Tx,
  jobId: string,
  { status, nonce, availableAt = null, deadline = null }: JobChange,
): Promise<void> {
  await on(tx)
    .updateTable('codepipeline_job')
    .set({ status, available_at: availableAt, deadline, ...(nonce !== undefined && { nonce }) })
    .where('job_id', '=', jobId)
    .execute();
}

/** Jobs whose time was up before `now`. */
export async function listOverdueJobs(tx: Tx, now: number): Promise<string[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_job')
    .select('job_id')
    .where('deadline', '<=', now)
    .execute();
  return rows.map((row) => row.job_id);
}

const select = (tx: Tx) => on(tx).selectFrom('codepipeline_job').selectAll();

function jobOf(row: Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number]): WorkerJob {
  return {
    jobId: row.job_id,
    actionExecutionId: row.action_execution_id,
    accountId: row.account_id,
    region: row.region,
    typeKey: row.type_key,
    queryValue: row.query_value,
    number: row.number,
    status: row.status as JobStatus,
    nonce: row.nonce,
    deadline: row.deadline,
    availableAt: row.available_at,
    ...decodeJson<{ continuationToken?: string }>(row.data),
  };
}
