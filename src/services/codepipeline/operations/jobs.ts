import type { Job } from '@aws-sdk/client-codepipeline';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, invalidNonce, jobNotFound } from '../errors.ts';
import { jobData, type KnownJob, knownJob } from '../jobs/data.ts';
import { typeKeyOf } from '../jobs/handing.ts';
import { poll, withData } from '../jobs/poll.ts';
import { acknowledge, failed, succeed } from '../jobs/results.ts';
import { factsOf, queryableOf } from '../model/made-type.ts';
import { customActionType, type NamedType } from '../resources/custom-action-type.ts';
import { findJob } from '../store/jobs.ts';
import { codepipeline } from './declare.ts';

/** How job workers name the type that they work for. */
export const typeIn = ({ actionTypeId }: { actionTypeId: NamedType | undefined }): NamedType => ({
  ...{ category: undefined, owner: undefined, provider: undefined, version: undefined },
  ...actionTypeId,
});

/** Held until there is a job, for 20 seconds at most (CP-C50). */
export const pollForJobs = codepipeline(
  'pollForJobs',
  on(customActionType, typeIn),
  async (ctx, { maxBatchSize = 1, queryParam = {} }, type) => {
    const { accountId, region, id } = type;
    if (id.owner !== 'Custom') throw notCustom();
    const queryValue = queryValueIn(queryParam, queryableOf(factsOf(type))?.name);
    const wanted = { region, typeKey: typeKeyOf(accountId, id), queryValue };
    const jobs = await withData(ctx, await poll(ctx, wanted, maxBatchSize));
    return {
      jobs: jobs.map(
        ({ known: { job }, data }): Job => ({
          ...{ id: job.jobId, nonce: job.nonce ?? '', accountId: job.accountId, data },
        }),
      ),
    };
  },
);

const notCustom = () =>
  invalid("PollForJobs is valid only for action types with 'Custom' in the owner field");

/** What is asked for of the type's queryable property: there must be just that. @throws ValidationException */
function queryValueIn(
  queryParam: Record<string, string>,
  queryable: string | undefined,
): string | undefined {
  const [[name, value] = [], ...more] = Object.entries(queryParam);
  if (name !== queryable || more.length > 0)
    throw invalid(
      queryable === undefined
        ? 'The action type has no queryable configuration property: queryParam must be empty'
        : `queryParam must have the queryable configuration property '${queryable}' of the action type`,
    );
  return value;
}

/** CP-C51 */
export const acknowledgeJob = codepipeline('acknowledgeJob', {}, async (ctx, input) => {
  const known = await customJob(ctx, input.jobId);
  if (known.job.nonce === null || input.nonce !== known.job.nonce)
    throw invalidNonce(known.job.jobId);
  return { status: await acknowledge(ctx, known) };
});

export const getJobDetails = codepipeline('getJobDetails', {}, async (ctx, input) => {
  const known = await customJob(ctx, input.jobId);
  const { jobId: id, accountId } = known.job;
  return { jobDetails: { id, accountId, data: await jobData(ctx, known) } };
});

export const putJobSuccessResult = codepipeline('putJobSuccessResult', {}, async (ctx, input) => {
  await succeed(ctx, await customJob(ctx, input.jobId), input);
  return {};
});

export const putJobFailureResult = codepipeline('putJobFailureResult', {}, async (ctx, input) => {
  await failed(ctx, await customJob(ctx, input.jobId), input.failureDetails ?? missing);
  return {};
});

/** The contract has made sure of them. */
const missing = { type: undefined, message: undefined };

/** A job of the caller's account and region. @throws JobNotFoundException */
async function customJob(ctx: ServiceContext, jobId = ''): Promise<KnownJob> {
  const job = await findJob(ctx.db, jobId);
  const here = job?.accountId === ctx.accountId && job.region === ctx.region;
  const known = here ? await knownJob(ctx, job) : undefined;
  const isTold = known?.type.jobSeconds !== undefined;
  if (known?.run.input.actionTypeId.owner !== 'Custom' && !isTold) throw jobNotFound(jobId);
  return known;
}
