import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { parsed } from './parsed.ts';
import { latestExecution } from './pipeline/answers.ts';
import { follow } from './pipeline/follow.ts';
import { clientConfig, failureText, SERVER_OPTIONS, SERVER_USAGE, serverOf } from './server.ts';

const USAGE = `Usage: slipway watch PIPELINE [--execution ID] [--json] [--data DIR]
  Shows an execution until it ends: stages, actions, how long they take, what they wait for, and the end of the log of
  what fails. A terminal is drawn again and again; a pipe gets a line for each thing that happens.
  --execution ID                default: the latest one
  --json                        a JSON object a line
${SERVER_USAGE}
  Exit code: 0 the execution succeeded, 1 it did not, 2 wrong usage.
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  execution: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** `slipway watch`. @returns 0 when the execution succeeded, 1 when it did not or cannot be seen, 2 for wrong usage */
export async function watchCommand(argv: string[], environment = process.env): Promise<number> {
  const { values: options, positionals = [] } =
    parsed({ args: argv, options: OPTIONS, allowPositionals: true }) ?? {};
  if (options?.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [pipeline, ...rest] = positionals;
  if (!options || pipeline === undefined || rest.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const server = serverOf(options, environment);
  if (typeof server === 'string') return failed(server);
  try {
    const client = new CodePipelineClient(clientConfig(server));
    const executionId = options.execution ?? (await latestExecution(client, pipeline));
    if (executionId === undefined) return failed(`the pipeline ${pipeline} has no execution yet`);
    const { json } = options;
    const { status } = await follow(server, { pipeline, executionId, json }, process.stdout);
    return status === 'Succeeded' ? 0 : 1;
  } catch (error) {
    return failed(failureText(error, server));
  }
}

function failed(reason: string): number {
  process.stderr.write(`slipway watch: ${reason}\n`);
  return 1;
}
