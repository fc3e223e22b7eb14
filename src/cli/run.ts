import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from './demo/instances.ts';
import { type Clients, makeClients } from './demo/resources.ts';
import { type DemoServer, end } from './demo/server.ts';
import { parsed } from './parsed.ts';
import { latestExecution } from './pipeline/answers.ts';
import { follow } from './pipeline/follow.ts';
import { callerOf } from './run/clients.ts';
import { type Runnable, runnableIn } from './run/directory.ts';
import { isDirectory, nameOf, variableOf } from './run/given.ts';
import { startAgent, stopAgent } from './run/instance.ts';
import { removeRun } from './run/removal.ts';
import {
  makeInstance,
  makeParts,
  makePipeline,
  makeRepository,
  type Run,
  runNamed,
} from './run/resources.ts';
import { serverFor } from './run/server-for.ts';
import { push } from './run/source.ts';
import { failed, supervised } from './run/supervised.ts';
import { SERVER_OPTIONS, SERVER_USAGE, type Server } from './server.ts';

const USAGE = `Usage: slipway run [DIR] [--keep] [--env NAME=VALUE]… [--json]
  Runs a directory with a buildspec.yml, and an appspec.yml for Linux hosts where it has one, as a pipeline of its own:
  what is in it now, uncommitted changes included, without what .gitignore names. Says what the build says while it
  says it, and removes all of it at the end. It deploys to a directory that is an instance: below it is where files go,
  and where scripts find themselves by INSTANCE_PREFIX.
  Where no server runs, one is started for this run alone.
  --buildspec FILE              default: buildspec.yml
  --env NAME=VALUE              a variable of the build's environment
  --no-deploy                   leaves an appspec.yml out
  --keep                        leaves all of it, and says how to look around
  --image IMAGE                 of the build (default: aws/codebuild/standard:7.0; processes have none)
  --executor process|docker     of a server that is started for this run (default: process); refused where one runs
${SERVER_USAGE}
  Exit code: 0 the execution succeeded, 1 it did not or cannot run, 2 wrong usage.
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  buildspec: { type: 'string' },
  env: { type: 'string', multiple: true },
  'no-deploy': { type: 'boolean' },
  keep: { type: 'boolean' },
  image: { type: 'string', default: 'aws/codebuild/standard:7.0' },
  executor: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Options = NonNullable<ReturnType<typeof read>>['values'];

/** All that is there of a run, and has to go. */
interface Begun {
  directory: string;
  server?: Server;
  own?: DemoServer;
  clients?: Clients;
  run?: Run;
  executionId?: string | undefined;
  instance?: Instance;
}

/** What is not for programs. */
const say = (line: string) => process.stderr.write(`${line}\n`);

/** `slipway run`. @returns 0 when the execution succeeded, 1 when it did not or cannot run, 2 for wrong usage */
export async function runCommand(argv: string[], environment = process.env): Promise<number> {
  const given = read(argv);
  if (given?.values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [directory = '.', ...rest] = given?.positionals ?? [];
  const variables = given?.values.env?.map(variableOf) ?? [];
  const wrong =
    !given || rest.length > 0 || variables.includes(undefined) || !isDirectory(directory);
  if (wrong) {
    process.stderr.write(USAGE);
    return 2;
  }
  const found = runnableIn(resolve(directory), given.values.buildspec);
  if (typeof found === 'string') return failed('run', found);
  const runnable = given.values['no-deploy'] ? { ...found, deploys: false } : found;
  if (found.left) say(found.left);
  const begun: Begun = { directory: mkdtempSync(join(tmpdir(), 'slipway-run-')) };
  const asked = { runnable, variables: variables as Run['variables'] };
  return supervised({
    ...{ command: 'run', begun },
    play: () => play(begun, given.values, asked, environment),
    cleanUp: () => cleanUp(begun),
    atEnd: () => (given.values.keep && begun.run ? lookAround(begun, begun.run) : cleanUp(begun)),
  });
}

function read(argv: string[]) {
  return parsed({ args: argv, options: OPTIONS, allowPositionals: true });
}

async function play(
  begun: Begun,
  options: Options,
  { runnable, variables }: { runnable: Runnable; variables: Run['variables'] },
  environment: NodeJS.ProcessEnv,
): Promise<boolean> {
  const server = await serverFor(begun, { ...options, what: 'run', environment });
  begun.server = server;
  const clients = makeClients(server);
  const { accountId, pusher } = await callerOf(server);
  const { region } = server;
  const name = nameOf('run', runnable.directory);
  const run = runNamed(name, { accountId, region, runnable, variables, image: options.image });
  Object.assign(begun, { clients, run });
  const url = await makeRepository(clients, run);
  const [{ pipelineRole }] = await Promise.all([
    makeParts(clients, run),
    push(runnable.directory, { url, branch: run.names.branch, region }, pusher),
  ]);
  if (runnable.deploys)
    begun.instance = await startAgent(server, await makeInstance(clients, run), begun.directory);
  await makePipeline(clients, run, pipelineRole);
  begun.executionId = await latestExecution(clients.codepipeline, name);
  const followed = { pipeline: name, executionId: begun.executionId ?? '', json: options.json };
  const { status } = await follow(server, { ...followed, live: true }, process.stdout);
  return status === 'Succeeded';
}

async function cleanUp({ directory, server, own, clients, run, executionId, instance }: Begun) {
  if (own) {
    if (instance) await stopAgent(instance);
    await end(own.process);
  } else {
    if (server && clients && run) {
      for (const line of await removeRun(clients, server, run, executionId))
        say(`slipway run: not removed: ${line}`);
    }
    if (instance) await stopAgent(instance);
  }
  // What the agent's last script writes may come between.
  for (let tries = 0; tries < 3; tries++) {
    try {
      rmSync(directory, { recursive: true, force: true });
      return;
    } catch {
      await sleep(200);
    }
  }
}

function lookAround({ directory, own, instance }: Begun, { name, runnable }: Run): void {
  const processes = [own?.process, instance?.agent].filter((child) => child !== undefined);
  const data = own ? ` --data ${join(directory, 'data')}` : '';
  say(`
Everything named ${name} is still there. To look around:
  eval "$(bin/slipway env${data})"
  aws codepipeline get-pipeline-state --name ${name}
  aws logs tail /aws/codebuild/${name}`);
  if (runnable.deploys && instance) say(`  ls ${instance.prefix}`);
  if (processes.length > 0) say(`To stop it: kill ${processes.map(({ pid }) => pid).join(' ')}`);
  for (const child of processes) {
    child.stdout?.destroy();
    child.unref();
  }
}
