import type { QuotaCatalogue } from '../../kit/quotas.ts';

/** CP-A22 */
export const PIPELINES = { code: 'L-78D200AD', name: 'Total pipelines', value: 1000 };
export const quotas: QuotaCatalogue = { serviceName: 'AWS CodePipeline', quotas: [PIPELINES] };

/** Quotas and defaults of CodePipeline, each with its row in the reference sheet. */
export const limits = {
  /** CP-A21 */
  minStages: 2,
  maxStages: 50,
  maxActionsPerStage: 50,
  maxActionsPerPipeline: 500,
  /** CP-A24: bytes of one action's output variables */
  outputVariableBytes: 122_880,
  /** CP-A41 */
  tags: 50,
  /** CP-A23: bytes of a source object in S3 */
  s3SourceBytes: 5 * 1024 ** 3,
  /** CP-A23: files in an artifact */
  artifactFiles: 100_000,
  /** Of a template or a list of images that is read out of an artifact: CloudFormation takes 1 MB of a template. */
  artifactTextBytes: 4 * 1024 ** 2,
  /** Files that the filters of a trigger look through: more than these are taken for any. */
  changedFiles: 20_000,
  /** CP-A22 */
  customActionTypes: 50,
  webhooks: 300,
  /** Jobs in one answer, however many are asked for: each has a session of its own. */
  jobsPerPoll: 10,
  /** How long PollForJobs waits for a job. AWS's SDKs give up after 60 s. */
  pollMs: 20_000,
  /** Between a continuation token and the next call of its function. AWS does not say how long it waits. */
  continueMs: 10_000,
  /** A job that was handed out and not acknowledged is handed out again after this. */
  jobAgainMs: 60_000,
  /** Bytes of what a webhook is sent: pushes of a thousand commits have about one million. */
  webhookBytes: 5 * 1024 ** 2,
  webhookArrivesMs: 20_000,
  /** CP-C14: a waiting execution enters by itself only when its transition was closed for less than this. */
  parkedAfterMs: 30 * 24 * 60 * 60 * 1000,
  /** CP-A50: for so long sources of a pipeline are polled in which nothing else goes on. */
  polledForMs: 30 * 24 * 60 * 60 * 1000,
} as const;
