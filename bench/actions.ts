import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import {
  CodePipelineClient,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { startServer, type TestServer } from '../conformance/server.ts';
import { makePipeline, makeRole } from './pipeline.ts';

const ACTIONS = 10;

/** What the engine adds to each of ten builds in a row: from the first build's start to the last's end, less the builds' own time. */
export async function benchActions(): Promise<string[]> {
  const server = await startServer();
  await makePipeline(server, await makeRole(server), ACTIONS);
  const codepipeline = new CodePipelineClient(server.client);
  await ended(codepipeline);
  const { actionExecutionDetails = [] } = await codepipeline.send(
    new ListActionExecutionsCommand({ pipelineName: 'bench' }),
  );
  const builds = actionExecutionDetails.filter((a) => a.stageName === 'Build').reverse();
  const own = await buildTimes(
    server,
    builds.map((b) => b.output?.executionResult?.externalExecutionId ?? ''),
  );
  await server.stop();
  const first = Number(builds[0]?.startTime);
  const last = Number(builds.at(-1)?.lastUpdateTime);
  const total = last - first;
  const sum = own.reduce((a, b) => a + b, 0);
  return [
    `${ACTIONS} builds in a row: ${total} ms, of which the builds' own ${sum} ms`,
    `the engine adds ${((total - sum) / ACTIONS).toFixed(1)} ms an action (aim 25 ms)`,
  ];
}

async function ended(codepipeline: CodePipelineClient): Promise<void> {
  for (;;) {
    const { pipelineExecutionSummaries = [] } = await codepipeline.send(
      new ListPipelineExecutionsCommand({ pipelineName: 'bench' }),
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
