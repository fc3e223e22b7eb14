import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetBuildBatchesCommand,
  BatchGetBuildsCommand,
  CodeBuildClient,
  StartBuildBatchCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { has } from '../conformance/run.ts';
import { startServer, type TestServer } from '../conformance/server.ts';
import { median } from './builds.ts';
import { makeProject, makeRole } from './pipeline.ts';

const BUILDS = 100;
/** Of processor time, each. */
const COMMAND_SECONDS = 2;
const LOOP = (turns: number) => `i=0; while [ $i -lt ${turns} ]; do i=$((i + 1)); done`;

/** A hundred builds that wait for the processors, beside their bare commands, as many at a time as there are processors. */
export async function benchBuildQueue(): Promise<string[]> {
  const trial = 300_000;
  const command = LOOP(Math.round((COMMAND_SECONDS * 1000 * trial) / timed(LOOP(trial))));
  const server = await startServer();
  await makeProject(server, await makeRole(server), 'bench', { source: source(command) });
  // Whatever is loaded at the first build has been.
  await builds(server, 1);
  const ours = await builds(server, BUILDS);
  await server.stop();
  const bare = await bareCommands(command);
  return [
    `${BUILDS} builds of ${COMMAND_SECONDS} s on ${availableParallelism()} processors: ${seconds(ours)} s, their bare commands ${seconds(bare)} s, overhead ${percent(ours, bare)} % (aim 5 %)`,
  ];
}

const source = (command: string) => ({
  type: 'NO_SOURCE' as const,
  buildspec: JSON.stringify({ version: 0.2, phases: { build: { commands: [command] } } }),
});
const seconds = (ms: number) => (ms / 1000).toFixed(1);
const percent = (ours: number, bare: number) => (100 * (ours / bare - 1)).toFixed(1);

function timed(command: string): number {
  const started = performance.now();
  spawnSync('sh', ['-c', command]);
  return performance.now() - started;
}

async function bareCommands(command: string): Promise<number> {
  const started = performance.now();
  let left = BUILDS;
  const worker = async () => {
    while (left-- > 0) await once(spawn('sh', ['-c', command], { stdio: 'ignore' }), 'exit');
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return performance.now() - started;
}

/** Starts so many builds at once. @returns milliseconds until the last has ended */
async function builds(server: TestServer, number: number): Promise<number> {
  const codebuild = new CodeBuildClient(server.client);
  const started = Date.now();
  const ids = await Promise.all(
    Array.from({ length: number }, async () => {
      const { build } = await codebuild.send(new StartBuildCommand({ projectName: 'bench' }));
      return build?.id ?? '';
    }),
  );
  for (;;) {
    const { builds: found = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids }));
    if (found.every(({ buildComplete }) => buildComplete)) {
      const failed = found.find(({ buildStatus }) => buildStatus !== 'SUCCEEDED');
      if (failed) throw new Error(`${failed.id} is ${failed.buildStatus}`);
      return Math.max(...found.map(({ endTime }) => Number(endTime))) - started;
    }
    await sleep(100);
  }
}

const LAYERS = 20;
const WIDTH = 10;

/** A graph of 200 builds that do nothing, beside as many that wait for none. */
export async function benchBuildGraph(): Promise<string[]> {
  const server = await startServer();
  const serviceRole = await makeRole(server);
  const name = (layer: number, at: number) => `l${layer}n${at % WIDTH}`;
  const tasks = Array.from({ length: LAYERS * WIDTH }, (_, index) => {
    const [layer, at] = [Math.floor(index / WIDTH), index % WIDTH];
    const before = layer > 0 ? [name(layer - 1, at), name(layer - 1, at + 1)] : [];
    return { identifier: name(layer, at), 'depend-on': before };
  });
  const phases = { build: { commands: ['true'] } };
  const buildspec = JSON.stringify({ version: 0.2, batch: { 'build-graph': tasks }, phases });
  const buildBatchConfig = { serviceRole, restrictions: { maximumBuildsAllowed: tasks.length } };
  const more = { source: { type: 'NO_SOURCE' as const, buildspec }, buildBatchConfig };
  await makeProject(server, serviceRole, 'bench', more);
  await builds(server, 1);
  const flat = await builds(server, 100);
  const graph = await batch(server);
  await server.stop();
  const [each, alone] = [graph / tasks.length, flat / 100];
  return [
    `a graph of ${tasks.length} builds, ${WIDTH} at a time: ${seconds(graph)} s, ${each.toFixed(0)} ms each; builds that wait for none ${alone.toFixed(0)} ms each, ratio ${(each / alone).toFixed(2)}`,
  ];
}

async function batch(server: TestServer): Promise<number> {
  const codebuild = new CodeBuildClient(server.client);
  const started = Date.now();
  const { buildBatch } = await codebuild.send(new StartBuildBatchCommand({ projectName: 'bench' }));
  for (;;) {
    const get = new BatchGetBuildBatchesCommand({ ids: [buildBatch?.id ?? ''] });
    const [found] = (await codebuild.send(get)).buildBatches ?? [];
    if (found?.complete) {
      if (found.buildBatchStatus !== 'SUCCEEDED')
        throw new Error(`The batch is ${found.buildBatchStatus}`);
      return Number(found.endTime) - started;
    }
    await sleep(200);
  }
}

const JOBS = 10;
const ROUNDS = 3;
const PEER = 'gitlab-ci-local@4.75.1';

/** Ten shell jobs that do nothing, beside the same under gitlab-ci-local, which npm brings. */
export async function benchBuildJobs(): Promise<string[]> {
  const server = await startServer();
  const command = 'echo "a job"';
  await makeProject(server, await makeRole(server), 'bench', { source: source(command) });
  await builds(server, 1);
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-jobs-'));
  try {
    const peer = gitlabCiLocal(directory, command);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await builds(server, JOBS));
      if (peer) theirs.push(peer());
    }
    const own = median(ours);
    if (!peer)
      return [`${JOBS} jobs: ${own.toFixed(0)} ms; ${PEER} takes npm to bring it, and rsync`];
    const its = median(theirs);
    return [
      `${JOBS} shell jobs: ${own.toFixed(0)} ms, gitlab-ci-local ${its.toFixed(0)} ms, ratio ${(own / its).toFixed(2)} (aim 1.0)`,
    ];
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @returns what runs the jobs, in milliseconds; undefined where it cannot be had */
function gitlabCiLocal(directory: string, command: string): (() => number) | undefined {
  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, { cwd: directory, encoding: 'utf8' });
  writeFileSync(join(directory, 'package.json'), '{"private":true}');
  if (run('npm', 'install', '--no-audit', '--no-fund', PEER).status !== 0) return undefined;
  if (!has('rsync', '--version')) return undefined;
  const job = { image: undefined, script: [command] };
  const jobs = Array.from({ length: JOBS }, (_, index) => [`job${index}`, job]);
  writeFileSync(join(directory, '.gitlab-ci.yml'), JSON.stringify(Object.fromEntries(jobs)));
  writeFileSync(join(directory, '.gitignore'), 'node_modules\n');
  run('git', 'init', '--quiet', '--initial-branch=main');
  run('git', 'remote', 'add', 'origin', 'https://gitlab.example.com/me/app.git');
  run('git', 'add', '-A');
  run('git', '-c', 'user.name=b', '-c', 'user.email=b@example.com', 'commit', '-qm', 'jobs');
  return () => {
    const started = performance.now();
    const { status, stdout, stderr } = run('node_modules/.bin/gitlab-ci-local');
    if (status !== 0) throw new Error(`gitlab-ci-local ended with ${status}: ${stdout}${stderr}`);
    return performance.now() - started;
  };
}
