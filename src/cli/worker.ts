import {
  type ActionCategory,
  CodePipelineClient,
  PollForJobsCommand,
} from '@aws-sdk/client-codepipeline';
import { passed, systemClock } from '../lib/clock.ts';
import { isRefusal } from '../lib/refusal.ts';
import { parsed } from './parsed.ts';
import { doJob, type WorkerOptions } from './worker/do-job.ts';

const USAGE = `Usage: slipway worker --category CATEGORY --provider PROVIDER --version VERSION --command CMD
                      [--query NAME=VALUE] [--timeout SECONDS] [--once] [--region REGION]
  Works on the jobs of a custom action type of CodePipeline: polls for them, and runs a shell command for each, in a
  directory of its own. Exit code 0 is success. docs/job-workers.md says what the command finds there.
  --category    Source, Build, Deploy, Test, Invoke or Approval
  --query       the value of the type's queryable property, where it has one
  --timeout     how long a command may take; it is ended then, and the job fails
  --once        ends after one job: 0 where it went well, 1 where it failed
Environment: AWS_ENDPOINT_URL (the server: slipway env), AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION.
`;

const OPTIONS = {
  category: { type: 'string' },
  provider: { type: 'string' },
  version: { type: 'string' },
  command: { type: 'string' },
  query: { type: 'string' },
  timeout: { type: 'string' },
  once: { type: 'boolean' },
  region: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** How long it waits for a server that does not answer before it asks again. */
const AGAIN_MS = 5_000;

type Values = NonNullable<
  ReturnType<typeof parsed<{ args: string[]; options: typeof OPTIONS; strict: true }>>
>['values'];

/** `slipway worker`: until SIGTERM or SIGINT, or one job. @returns 0; 1 what it cannot do, or failed; 2 wrong usage */
export async function workerCommand(argv: string[], environment = process.env): Promise<number> {
  const values = parsed({ args: argv, options: OPTIONS, strict: true })?.values;
  if (!values || values.help || !isComplete(values)) {
    const asked = values?.help === true;
    (asked ? process.stdout : process.stderr).write(USAGE);
    return asked ? 0 : 2;
  }
  const region = values.region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  if (region === undefined) {
    process.stderr.write('slipway worker: no region: set AWS_REGION, or say --region\n');
    return 1;
  }
  const endpoint = environment.AWS_ENDPOINT_URL || undefined;
  const stop = new AbortController();
  const end = () => stop.abort();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  try {
    return await work(
      {
        client: new CodePipelineClient({ region, ...(endpoint && { endpoint }) }),
        ...{ region, endpoint: environment.AWS_ENDPOINT_URL_S3 || endpoint },
        command: values.command ?? '',
        timeoutMs: values.timeout === undefined ? undefined : Number(values.timeout) * 1000,
        say: (text) => void process.stderr.write(`${text}\n`),
      },
      values,
      stop.signal,
    );
  } finally {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, end);
  }
}

function isComplete({ category, provider, version, command, query, timeout }: Values): boolean {
  const needed = [category, provider, version, command];
  return (
    needed.every((value) => value !== undefined && value !== '') &&
    (query === undefined || /^[^=]+=./.test(query)) &&
    (timeout === undefined || /^[1-9]\d{0,6}$/.test(timeout))
  );
}

/** One job after another; who wants more at once starts more workers. */
async function work(options: WorkerOptions, values: Values, signal: AbortSignal): Promise<number> {
  const poll = new PollForJobsCommand({
    actionTypeId: {
      category: values.category as ActionCategory,
      owner: 'Custom',
      provider: values.provider,
      version: values.version,
    },
    maxBatchSize: 1,
    queryParam: queryOf(values.query),
  });
  options.say(`Waits for jobs of Custom/${values.category}/${values.provider}/${values.version}`);
  while (!signal.aborted) {
    try {
      const { jobs: [job] = [] } = await options.client.send(poll, { abortSignal: signal });
      const wentWell = job && (await doJob(options, job));
      if (wentWell !== undefined && values.once) return wentWell ? 0 : 1;
    } catch (error) {
      if (signal.aborted) break;
      options.say(`slipway worker: ${(error as Error).name}: ${(error as Error).message}`);
      // What is refused now is refused again; a server that is gone comes back.
      if (error instanceof Error && isRefusal(error)) return 1;
      await passed(systemClock, AGAIN_MS, signal);
    }
  }
  return 0;
}

function queryOf(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const at = text.indexOf('=');
  return { [text.slice(0, at)]: text.slice(at + 1) };
}
