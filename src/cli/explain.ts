import { existsSync } from 'node:fs';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { NotReadable } from '../lib/located.ts';
import { explainBuild } from './explain/build.ts';
import { type Explainer, explainer } from './explain/denials.ts';
import { explainDeployment } from './explain/deployment.ts';
import { explainExecution, pipelineOf } from './explain/execution.ts';
import { type Report, reportText } from './explain/report.ts';
import { parsed } from './parsed.ts';
import { latestExecution } from './pipeline/answers.ts';
import { callerOf } from './run/clients.ts';
import {
  clientConfig,
  failureText,
  SERVER_OPTIONS,
  SERVER_USAGE,
  type Server,
  serverOf,
} from './server.ts';

const USAGE = `Usage: slipway explain EXECUTION|PIPELINE|BUILD|DEPLOYMENT [--pipeline NAME] [--file FILE] [--json]
  Says why an execution ran, what it waited for, why it failed: which call was refused by which policy and what that
  lacks, which artifact was missing, and which part of the definition it is about. It asks what anybody may ask:
  CodePipeline, CloudTrail's history, IAM's policy simulation and the policies, under the caller's own rights.
  EXECUTION        its id; PIPELINE: its latest execution; BUILD: project:id; DEPLOYMENT: d-…
  --pipeline NAME  of the execution; else it is looked for
  --file FILE      the definition's file: the line in it is told
${SERVER_USAGE}
  Exit code: 0 it is explained, 1 there is no such thing or it cannot be asked for, 2 wrong usage.
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  pipeline: { type: 'string' },
  file: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const EXECUTION = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BUILD = /^[\w-]+:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DEPLOYMENT = /^d-[A-Z0-9]{9}$/;

/** `slipway explain`. @returns 0; 1 when there is nothing to explain; 2 for wrong usage */
export async function explainCommand(argv: string[], environment = process.env): Promise<number> {
  const { values: options, positionals = [] } =
    parsed({ args: argv, options: OPTIONS, allowPositionals: true }) ?? {};
  if (options?.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [id, ...rest] = positionals;
  const { file } = options ?? {};
  if (
    !options ||
    id === undefined ||
    rest.length > 0 ||
    (file !== undefined && !existsSync(file))
  ) {
    process.stderr.write(USAGE);
    return 2;
  }
  const server = serverOf(options, environment);
  if (typeof server === 'string') return failed(server);
  try {
    const explain = explainer(server, await callerOf(server));
    const report = await reportOf(server, explain, id, options);
    if (typeof report === 'string') return failed(report);
    process.stdout.write(
      options.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report),
    );
    return 0;
  } catch (error) {
    if (error instanceof NotReadable)
      return failed(`${file}:${error.at.line}:${error.at.column}: ${error.message}`);
    return failed(failureText(error, server));
  }
}

function failed(reason: string): number {
  process.stderr.write(`slipway explain: ${reason}\n`);
  return 1;
}

/** @returns why there is none, as a text */
async function reportOf(
  server: Server,
  explain: Explainer,
  id: string,
  { pipeline: given, file }: { pipeline?: string | undefined; file?: string | undefined },
): Promise<Report | string> {
  if (BUILD.test(id)) return (await explainBuild(server, explain, id)) ?? `there is no build ${id}`;
  if (DEPLOYMENT.test(id))
    return (await explainDeployment(server, explain, id)) ?? `there is no deployment ${id}`;
  const client = new CodePipelineClient(clientConfig(server));
  const isExecution = EXECUTION.test(id);
  const pipeline = given ?? (isExecution ? await pipelineOf(client, id) : id);
  if (pipeline === undefined) return `no pipeline has an execution ${id}`;
  const executionId = isExecution ? id : await latestExecution(client, pipeline);
  if (executionId === undefined) return `the pipeline ${pipeline} has no execution yet`;
  return explainExecution(server, explain, { pipeline, executionId, file });
}
