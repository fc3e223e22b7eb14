import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { has } from '../conformance/run.ts';
import { startServer, type TestServer } from '../conformance/server.ts';
import { makeProject, makeRole } from './pipeline.ts';

const ROUNDS = 5;
const IMAGE = process.env.SLIPWAY_TEST_IMAGE ?? 'slipway-test:bookworm';

/** From StartBuild to the first command, beside a bare shell and a bare container. */
export async function benchBuilds(): Promise<string[]> {
  const lines = [
    await compare(
      'process',
      'sh -c',
      () => spawnSync('sh', ['-c', 'date +%s%N'], { encoding: 'utf8' }).stdout,
    ),
  ];
  if (has('docker', 'image', 'inspect', IMAGE)) {
    const bare = ['run', '--rm', IMAGE, 'date', '+%s%N'];
    lines.push(
      await compare(
        'docker',
        'docker run',
        () => spawnSync('docker', bare, { encoding: 'utf8' }).stdout,
      ),
    );
  } else
    lines.push(
      `docker: skipped, there is no Docker Engine with the image ${IMAGE} (tools/test-image makes it)`,
    );
  return lines;
}

async function compare(executor: string, name: string, bare: () => string): Promise<string> {
  const server = await startServer({ flags: ['--executor', executor] });
  await makeProject(server, await makeRole(server), IMAGE);
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await timeToFirstCommand(server));
    const started = Date.now();
    floor.push(Number(bare()) / 1e6 - started);
  }
  await server.stop();
  const [a, b] = [median(ours), median(floor)];
  return `${executor}: StartBuild to first command ${a.toFixed(0)} ms, bare \`${name}\` ${b.toFixed(0)} ms, ratio ${(a / b).toFixed(1)}`;
}

async function timeToFirstCommand(server: TestServer): Promise<number> {
  const codebuild = new CodeBuildClient(server.client);
  const started = Date.now();
  const { build } = await codebuild.send(new StartBuildCommand({ projectName: 'bench' }));
  for (;;) {
    const { builds = [] } = await codebuild.send(
      new BatchGetBuildsCommand({ ids: [build?.id ?? ''] }),
    );
    if (builds[0]?.buildComplete) break;
    await sleep(50);
  }
  return (await firstCommand(server, 'bench', build?.id)) - started;
}

/** When a build's first command ran, in epoch milliseconds. */
export async function firstCommand(
  server: TestServer,
  project: string,
  id: string | undefined,
): Promise<number> {
  const { events = [] } = await new CloudWatchLogsClient(server.client).send(
    new GetLogEventsCommand({
      logGroupName: `/aws/codebuild/${project}`,
      logStreamName: id?.split(':')[1],
      startFromHead: true,
    }),
  );
  const line = events.map((e) => /^first-command (\d+)/.exec(e.message ?? '')?.[1]).find(Boolean);
  return Number(line) / 1e6;
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
