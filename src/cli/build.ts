import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Build, StartBuildCommand, StopBuildCommand } from '@aws-sdk/client-codebuild';
import { append } from '../lib/append.ts';
import { followBuild } from './build/follow.ts';
import { ownTarget, projectTarget, type Target } from './build/target.ts';
import { changed, stateOf, upload } from './build/tree.ts';
import { type Clients, makeClients } from './demo/resources.ts';
import { type DemoServer, end } from './demo/server.ts';
import { parsed } from './parsed.ts';
import { callerOf } from './run/clients.ts';
import { type Runnable, runnableIn } from './run/directory.ts';
import { isDirectory, nameOf, variableOf } from './run/given.ts';
import { isAbsent, removeBucket, removeRun } from './run/removal.ts';
import { type Run, runNamed } from './run/resources.ts';
import { serverFor } from './run/server-for.ts';
import { failed as saidFailed, supervised } from './run/supervised.ts';
import { SERVER_OPTIONS, SERVER_USAGE, type Server } from './server.ts';
import { commandIn, shellIn } from './shell/terminal.ts';

const USAGE = `Usage: slipway build [DIR] [--project NAME] [--buildspec FILE] [--watch] [--env NAME=VALUE]… [--json]
  Builds what is in a directory now, uncommitted changes included, without what .gitignore names: by StartBuild, in the
  build's own place, with its log while it is written. Nothing is left.
  Where no server runs, one is started for this build alone.
  --project NAME                a project that is there: its image, role, variables, secrets and buildspec, with this
                                directory for its source; its artifacts go to a bucket that is removed at the end
  --buildspec FILE              default: the project's, or buildspec.yml
  --shell-on-failure            keeps the build where a command has failed, and opens a shell in it; when that ends the build
                                goes on. A project's role needs ssmmessages:OpenDataChannel for it
  --watch                       builds again whenever a file has changed, until Ctrl-C
  --env NAME=VALUE              a variable of the build's environment
  --image IMAGE                 default: the project's, or aws/codebuild/standard:7.0; processes have none
  --executor process|docker     of a server that is started for this build (default: process); refused where one runs
${SERVER_USAGE}
  Exit code: 0 the build succeeded, 1 it did not or cannot run, 2 wrong usage.
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  project: { type: 'string' },
  buildspec: { type: 'string' },
  'shell-on-failure': { type: 'boolean' },
  watch: { type: 'boolean' },
  env: { type: 'string', multiple: true },
  image: { type: 'string' },
  executor: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** By which StartBuild is told to pause a build where a command fails. */
const PAUSE = { name: 'SLIPWAY_PAUSE_ON_FAILURE', value: 'true' };

const USUAL_IMAGE = 'aws/codebuild/standard:7.0';

type Options = NonNullable<ReturnType<typeof read>>['values'];

/** All that is there of a build, and has to go. */
interface Begun {
  directory: string;
  server?: Server;
  own?: DemoServer;
  clients?: Clients;
  /** A project of its own, and all around it. */
  run?: Run;
  /** Beside a project that is there. */
  bucket?: string;
  /** That runs. */
  buildId?: string | undefined;
}

/** What is to be built. */
interface Asked {
  directory: string;
  runnable: Runnable | undefined;
  variables: Run['variables'];
}

/** `slipway build`. @returns 0 when the build succeeded, 1 when it did not or cannot run, 2 for wrong usage */
export async function buildCommand(argv: string[], environment = process.env): Promise<number> {
  const given = read(argv);
  if (given?.values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [named = '.', ...rest] = given?.positionals ?? [];
  const variables = given?.values.env?.map(variableOf) ?? [];
  if (!given || rest.length > 0 || variables.includes(undefined) || !isDirectory(named)) {
    process.stderr.write(USAGE);
    return 2;
  }
  const directory = resolve(named);
  const { project, buildspec } = given.values;
  // A project may have its buildspec itself.
  const found =
    project !== undefined && buildspec === undefined ? undefined : runnableIn(directory, buildspec);
  if (typeof found === 'string') return failed(found);
  const asked = { directory, runnable: found, variables: variables as Run['variables'] };
  const begun: Begun = { directory: mkdtempSync(join(tmpdir(), 'slipway-build-')) };
  return supervised({
    ...{ command: 'build', begun },
    play: () => play(begun, given.values, asked, environment),
    cleanUp: () => cleanUp(begun),
  });
}

function read(argv: string[]) {
  return parsed({ args: argv, options: OPTIONS, allowPositionals: true });
}

const failed = (reason: string) => saidFailed('build', reason);

async function play(
  begun: Begun,
  options: Options,
  asked: Asked,
  environment: NodeJS.ProcessEnv,
): Promise<boolean> {
  const server = await serverFor(begun, { ...options, what: 'build', environment });
  const clients = makeClients(server);
  Object.assign(begun, { server, clients });
  const target = await targetOf(begun, server, clients, options, asked);
  for (;;) {
    const state = stateOf(asked.directory);
    const { buildStatus } = await buildOnce(begun, server, clients, options, asked, target);
    if (!options.watch) return buildStatus === 'SUCCEEDED';
    if (!options.json) process.stdout.write('Waiting for a change.\n');
    await changed(asked.directory, state);
  }
}

async function targetOf(
  begun: Begun,
  server: Server,
  clients: Clients,
  { project, image }: Options,
  { directory, runnable, variables }: Asked,
): Promise<Target> {
  const name = nameOf('build', directory);
  if (project !== undefined) {
    begun.bucket = name;
    return projectTarget(clients, project, name);
  }
  const { accountId } = await callerOf(server);
  const place = { accountId, region: server.region, runnable: runnable as Runnable };
  begun.run = runNamed(name, { ...place, variables, image: image ?? USUAL_IMAGE });
  return ownTarget(clients, begun.run);
}

async function buildOnce(
  begun: Begun,
  server: Server,
  clients: Clients,
  { image, buildspec, json, 'shell-on-failure': shell }: Options,
  { directory, variables }: Asked,
  { bucket, input }: Target,
): Promise<Build> {
  const sourceVersion = await upload(clients, { directory, bucket, temporary: begun.directory });
  const { build: { id = '' } = {} } = await clients.codebuild.send(
    new StartBuildCommand({
      ...{ ...input, sourceVersion },
      ...(buildspec !== undefined && { buildspecOverride: buildspec }),
      ...(image !== undefined && { imageOverride: image }),
      ...(shell && { debugSessionEnabled: true }),
      environmentVariablesOverride: [...variables, ...(shell ? [PAUSE] : [])].map((each) => ({
        ...{ ...each, type: 'PLAINTEXT' },
      })),
    }),
  );
  begun.buildId = id;
  const paused = shell ? () => lookInto(clients, id) : undefined;
  const build = await followBuild(server, clients, id, { json, output: process.stdout, paused });
  begun.buildId = undefined;
  return build;
}

/** A shell where the build is paused, and then the build goes on, if it has not been told to in there. */
async function lookInto({ ssm, codebuild }: Clients, id: string): Promise<void> {
  try {
    await shellIn(ssm, id);
    await commandIn(ssm, id, 'codebuild-resume');
  } catch (error) {
    const { name, message } = error as Error;
    // It would stay paused until its time is up.
    failed(`there is no shell to be had, and the build is stopped: ${name}: ${message}`);
    await codebuild.send(new StopBuildCommand({ id }));
  }
}

async function cleanUp({ directory, server, own, clients, run, bucket, buildId }: Begun) {
  if (own) await end(own.process);
  else if (server && clients) {
    const left: string[] = [];
    const attempt = (work: Promise<unknown>) =>
      work.catch((error: Error) => {
        if (!isAbsent(error)) left.push(`${error.name}: ${error.message}`);
      });
    // What still runs must not outlive its project.
    if (buildId) await attempt(clients.codebuild.send(new StopBuildCommand({ id: buildId })));
    if (bucket) await attempt(removeBucket(clients, bucket));
    if (run) append(left, await removeRun(clients, server, run));
    for (const line of left) failed(`not removed: ${line}`);
  }
  rmSync(directory, { recursive: true, force: true });
}
