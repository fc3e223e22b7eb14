import {
  AcknowledgeJobCommand,
  type CodePipelineClient,
  GetJobDetailsCommand,
  type Job,
  type JobData,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
  type PutJobSuccessResultCommandInput,
} from '@aws-sdk/client-codepipeline';
import { setOwn } from '../../lib/own.ts';
import { type Ran, runCommand } from './command.ts';
import {
  makeJobDirectory,
  prepare,
  readResult,
  removeJobDirectory,
  type S3Place,
  upload,
} from './job-files.ts';

export interface WorkerOptions extends S3Place {
  client: CodePipelineClient;
  command: string;
  /** Of one run of the command; undefined: as long as it takes. */
  timeoutMs: number | undefined;
  say(text: string): void;
}

/** AWS's own limit of a failure's message. */
const MESSAGE = 5000;

/**
 * Acknowledges a job, runs the command for it, and tells how it went.
 * @returns whether it went well; undefined where another worker has the job
 */
export async function doJob(options: WorkerOptions, job: Job): Promise<boolean | undefined> {
  const { client, say } = options;
  const { id: jobId, nonce, data = {} } = job;
  try {
    const { status } = await client.send(new AcknowledgeJobCommand({ jobId, nonce }));
    if (status !== 'InProgress') return undefined;
  } catch (error) {
    if ((error as Error).name !== 'InvalidNonceException') throw error;
    return undefined;
  }
  const { pipelineName, action } = data.pipelineContext ?? {};
  say(`Job ${jobId}: action ${action?.name} of the pipeline ${pipelineName}`);
  const directory = await makeJobDirectory();
  try {
    const result = await work(options, job, directory);
    await client.send(new PutJobSuccessResultCommand({ jobId, ...result }));
    say(`Job ${jobId}: ${result.continuationToken === undefined ? 'done' : 'goes on'}`);
    return true;
  } catch (error) {
    const message = (error as Error).message.slice(0, MESSAGE) || 'The job failed';
    say(`Job ${jobId}: ${message}`);
    if (!isOver(error)) await fail(client, jobId, message);
    return false;
  } finally {
    await removeJobDirectory(directory);
  }
}

/** Its action was abandoned, timed out, or is gone with its pipeline: nobody wants to know any more. */
const isOver = (error: unknown) =>
  ['InvalidJobStateException', 'JobNotFoundException'].includes((error as Error).name);

async function fail(client: CodePipelineClient, jobId: string | undefined, message: string) {
  const failureDetails = { type: 'JobFailed' as const, message };
  try {
    await client.send(new PutJobFailureResultCommand({ jobId, failureDetails }));
  } catch (error) {
    if (!isOver(error)) throw error;
  }
}

/** @throws Error with what is told of a job that failed */
async function work(
  options: WorkerOptions,
  { id: jobId = '', data = {} }: Job,
  directory: string,
): Promise<Omit<PutJobSuccessResultCommandInput, 'jobId'>> {
  await prepare(directory, data, options);
  const { command, timeoutMs } = options;
  const variables = variablesOf(jobId, data, directory);
  const ran = await runCommand(command, { directory, variables, timeoutMs });
  if (ran.exitCode !== 0) throw new Error(failureOf(ran, timeoutMs));
  const continuationToken = await readResult(directory, 'continuation');
  const details = { executionDetails: await detailsIn(directory) };
  if (continuationToken !== undefined) return { ...details, continuationToken };
  // A session lasts an hour, and the command may have taken longer.
  const { jobDetails } = await options.client.send(new GetJobDetailsCommand({ jobId }));
  await upload(directory, jobDetails?.data ?? data, options);
  const revision = await readResult(directory, 'revision');
  return {
    ...details,
    outputVariables: await outputVariablesIn(directory),
    ...(revision !== undefined && {
      currentRevision: { revision, changeIdentifier: revision.slice(0, 100) },
    }),
  };
}

function failureOf({ exitCode, timedOut, tail }: Ran, timeoutMs = 0): string {
  const how = timedOut
    ? `The command did not end within ${timeoutMs / 1000} seconds`
    : exitCode === undefined
      ? 'The command was ended by a signal'
      : `The command ended with exit code ${exitCode}`;
  return tail ? `${how}: ${tail}` : how;
}

/** What the command finds in its environment; docs/job-workers.md lists it. */
function variablesOf(jobId: string, data: JobData, directory: string): Record<string, string> {
  const { pipelineName, pipelineExecutionId, stage, action } = data.pipelineContext ?? {};
  const variables: Record<string, string | undefined> = {
    SLIPWAY_JOB_ID: jobId,
    SLIPWAY_JOB_DIR: directory,
    SLIPWAY_PIPELINE: pipelineName,
    SLIPWAY_PIPELINE_EXECUTION_ID: pipelineExecutionId,
    SLIPWAY_STAGE: stage?.name,
    SLIPWAY_ACTION: action?.name,
    SLIPWAY_ACTION_EXECUTION_ID: action?.actionExecutionId,
    SLIPWAY_CONTINUATION_TOKEN: data.continuationToken,
  };
  for (const [name, value] of Object.entries(data.actionConfiguration?.configuration ?? {}))
    variables[`SLIPWAY_CONFIG_${variableName(name)}`] = value;
  for (const { name = '' } of data.inputArtifacts ?? [])
    variables[`SLIPWAY_INPUT_${variableName(name)}`] = `${directory}/inputs/${name}`;
  for (const { name = '' } of data.outputArtifacts ?? [])
    variables[`SLIPWAY_OUTPUT_${variableName(name)}`] = `${directory}/outputs/${name}`;
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value ?? '']));
}

const variableName = (name: string) => name.replace(/[^A-Za-z0-9_]/g, '_');

async function detailsIn(directory: string) {
  const summary = await readResult(directory, 'summary');
  const externalExecutionId = await readResult(directory, 'externalExecutionId');
  const percent = await readResult(directory, 'percentComplete');
  return {
    ...(summary !== undefined && { summary: summary.slice(0, 2048) }),
    ...(externalExecutionId !== undefined && { externalExecutionId }),
    ...(percent !== undefined && { percentComplete: Number(percent) }),
  };
}

/** Lines `NAME=VALUE`. @throws Error for a line that is none */
async function outputVariablesIn(directory: string): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const line of ((await readResult(directory, 'variables')) ?? '').split('\n')) {
    if (line === '') continue;
    const [, name, value] = /^([A-Za-z0-9@_-]+)=(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`The file variables has a line without NAME=: ${line}`);
    setOwn(variables, name, value ?? '');
  }
  return variables;
}
