import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import {
  CodePipelineClient,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import { startServer, type TestServer } from '../conformance/server.ts';
import { makePipeline, makeRole } from './pipeline.ts';
import { cpuMs } from './process.ts';

const ACTIONS = 10;
const ROUNDS = 5;

/** What the engine adds to each of ten builds in a row: from the first build's start to the last's end, less the builds' own time. */
export async function benchActions(): Promise<string[]> {
  const server = await startServer();
  await makePipeline(server, await makeRole(server), ACTIONS);
  const codepipeline = new CodePipelineClient(server.client);
  await ended(codepipeline);
  const lines = [`of a server that has just started: ${lineOf(await added(server))}`];
  const cpu = cpuMs(server);
  const rounds: Added[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await codepipeline.send(new StartPipelineExecutionCommand({ name: 'bench' }));
    await ended(codepipeline);
    rounds.push(await added(server));
  }
  const used = (cpuMs(server) - cpu) / ROUNDS / ACTIONS;
  await server.stop();
  const [best = rounds[0] as Added] = rounds.toSorted((a, b) => a.each - b.each);
  return [
    ...lines,
    `the best of ${ROUNDS} after that: ${lineOf(best)}`,
    `the server's processor time for each, its build's included: ${used.toFixed(0)} ms`,
  ];
}

interface Added {
  total: number;
  own: number;
  /** Milliseconds an action. */
  each: number;
}

const lineOf = ({ total, own, each }: Added) =>
  `${ACTIONS} builds in a row took ${total} ms, of which ${own} ms their own; the engine added ${each.toFixed(1)} ms an action (aim 12 ms)`;

/** By the newest execution. */
async function added(server: TestServer): Promise<Added> {
  const { actionExecutionDetails = [] } = await new CodePipelineClient(server.client).send(
    new ListActionExecutionsCommand({ pipelineName: 'bench', maxResults: ACTIONS + 1 }),
  );
  const builds = actionExecutionDetails.filter((a) => a.stageName === 'Build').reverse();
  const ids = builds.map((b) => b.output?.executionResult?.externalExecutionId ?? '');
  const own = (await buildTimes(server, ids)).reduce((a, b) => a + b, 0);
  const total = Number(builds.at(-1)?.lastUpdateTime) - Number(builds[0]?.startTime);
  return { total, own, each: (total - own) / ACTIONS };
}

export async function ended(
  codepipeline: CodePipelineClient,
  pipelineName = 'bench',
): Promise<void> {
  for (;;) {
    const { pipelineExecutionSummaries = [] } = await codepipeline.send(
      new ListPipelineExecutionsCommand({ pipelineName }),
    );
    const status = pipelineExecutionSummaries[0]?.status;
    if (status === 'Succeeded') return;
    if (status !== undefined && status !== 'InProgress')
      throw new Error(`The pipeline ended ${status}`);
    await sleep(200);
  }
}

/** Milliseconds from start to end of each build, as CodeBuild tells them. */
async function buildTimes(server: TestServer, ids: string[]): Promise<number[]> {
  const { builds = [] } = await new CodeBuildClient(server.client).send(
    new BatchGetBuildsCommand({ ids }),
  );
  return builds.map((build) => Number(build.endTime) - Number(build.startTime));
}
