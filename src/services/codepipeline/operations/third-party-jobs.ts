import { createHash, timingSafeEqual } from 'node:crypto';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import {
  actionTypeNotFound,
  invalid,
  invalidClientToken,
  invalidJob,
  invalidNonce,
  jobNotFound,
} from '../errors.ts';
import { isOpen, jobData, type KnownJob, knownJob } from '../jobs/data.ts';
import { typeKeyOf } from '../jobs/handing.ts';
import { poll } from '../jobs/poll.ts';
import { acknowledge, failed, succeed } from '../jobs/results.ts';
import type { Worker } from '../model/action-type.ts';
import { uuidOf } from '../model/ids.ts';
import { CLIENT_ID, CLIENT_TOKEN, factsOf } from '../model/made-type.ts';
import { polledType } from '../resources/custom-action-type.ts';
import { findJob } from '../store/jobs.ts';
import { codepipeline } from './declare.ts';
import { typeIn } from './jobs.ts';

/** What there is to do, and for whom; GetThirdPartyJobDetails has the rest for who knows the token (CP-C54). */
export const pollForThirdPartyJobs = codepipeline(
  'pollForThirdPartyJobs',
  on(polledType, typeIn),
  async (ctx, { maxBatchSize = 1 }, type) => {
    const { accountId, region, id } = type;
    if (id.owner !== 'ThirdParty')
      throw invalid(
        "PollForThirdPartyJobs is valid only for action types with 'ThirdParty' in the owner field",
      );
    if (!mayPoll(ctx, factsOf(type).worker)) throw actionTypeNotFound(id);
    const wanted = { region, typeKey: typeKeyOf(accountId, id) };
    const jobs = await poll(ctx, wanted, maxBatchSize);
    return { jobs: jobs.map((known) => ({ clientId: clientIdOf(known), jobId: known.job.jobId })) };
  },
);

/** Its maker's account, and those that it names. */
function mayPoll(ctx: ServiceContext, worker: Worker | undefined): boolean {
  if (!worker) return false;
  const service = ctx.invokedFor?.service ?? '';
  return (
    [worker.accountId, ...worker.pollingAccounts].includes(ctx.accountId) ||
    worker.pollingServicePrincipals.includes(service)
  );
}

/** Stands for the customer: the action's own, or one of its account. */
function clientIdOf({ job, run }: KnownJob): string {
  const own = ownValue(run.input.resolvedConfiguration, CLIENT_ID);
  return own !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(own)
    ? own
    : uuidOf('client', job.accountId, job.typeKey);
}

export const acknowledgeThirdPartyJob = codepipeline(
  'acknowledgeThirdPartyJob',
  {},
  async (ctx, input) => {
    const known = await thirdPartyJob(ctx, input);
    if (known.job.nonce === null || input.nonce !== known.job.nonce)
      throw invalidNonce(known.job.jobId);
    return { status: await acknowledge(ctx, known) };
  },
);

export const getThirdPartyJobDetails = codepipeline(
  'getThirdPartyJobDetails',
  {},
  async (ctx, input) => {
    const known = await thirdPartyJob(ctx, input);
    const { jobId: id, nonce } = known.job;
    if (!isOpen(known) || nonce === null) throw invalidJob(id);
    return { jobDetails: { id, nonce, data: await jobData(ctx, known) } };
  },
);

export const putThirdPartyJobSuccessResult = codepipeline(
  'putThirdPartyJobSuccessResult',
  {},
  async (ctx, input) => {
    await succeed(ctx, await thirdPartyJob(ctx, input), input);
    return {};
  },
);

export const putThirdPartyJobFailureResult = codepipeline(
  'putThirdPartyJobFailureResult',
  {},
  async (ctx, input) => {
    const { failureDetails = { type: undefined, message: undefined } } = input;
    await failed(ctx, await thirdPartyJob(ctx, input), failureDetails);
    return {};
  },
);

/** A job that the caller may poll for, and whose customer's token he knows. @throws JobNotFoundException, InvalidClientTokenException */
async function thirdPartyJob(
  ctx: ServiceContext,
  { jobId = '', clientToken = '' }: { jobId: string | undefined; clientToken: string | undefined },
): Promise<KnownJob> {
  const job = await findJob(ctx.db, jobId);
  const known = job?.region === ctx.region ? await knownJob(ctx, job) : undefined;
  const isTheirs = known?.run.input.actionTypeId.owner === 'ThirdParty';
  if (!known || !isTheirs || !mayPoll(ctx, known.type.worker)) throw jobNotFound(jobId);
  const token = ownValue(known.run.input.resolvedConfiguration, CLIENT_TOKEN);
  if (token === undefined || !isSame(token, clientToken)) throw invalidClientToken();
  return known;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
/** In a time that tells nothing of where they differ. */
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));
