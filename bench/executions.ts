import { setTimeout as sleep } from 'node:timers/promises';
import {
  CodePipelineClient,
  CreatePipelineCommand,
  ListPipelineExecutionsCommand,
  type PipelineDeclaration,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import { startServer } from '../conformance/server.ts';
import { ended } from './actions.ts';
import { declaration, makePipeline, makeRole } from './pipeline.ts';
import { cpuMs, peakMb } from './process.ts';

const PIPELINES = 20;
/** As many as a pipeline may have at once. */
const EACH = 50;
const ACTIONS = 4;

/** 1,000 executions that run at once: how many a second come to their end, what each costs, and what the server holds meanwhile. */
export async function benchExecutions(): Promise<string[]> {
  const server = await startServer();
  const role = await makeRole(server);
  // Its bucket and its source are used by the others too.
  await makePipeline(server, role, 1);
  const codepipeline = new CodePipelineClient(server.client);
  await ended(codepipeline);
  const names = Array.from({ length: PIPELINES }, (_, i) => `parallel-${i}`);
  for (const name of names)
    await codepipeline.send(new CreatePipelineCommand({ pipeline: { ...parallel(role), name } }));
  const before = peakMb(server);
  const cpu = cpuMs(server);
  const began = performance.now();
  await Promise.all(
    names.map(async (name) => {
      for (let number = 1; number < EACH; number += 1)
        await codepipeline.send(new StartPipelineExecutionCommand({ name }));
    }),
  );
  const started = performance.now();
  const alive = await mostAlive(codepipeline, names);
  const seconds = (performance.now() - began) / 1000;
  const used = cpuMs(server) - cpu;
  const count = PIPELINES * EACH;
  const lines = [
    `${count} executions of ${ACTIONS + 1} actions: started in ${((started - began) / 1000).toFixed(1)} s, ended after ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} a second, ${alive} at once when the last was started`,
    `${(used / count).toFixed(1)} ms of processor time each, ${(used / count / (ACTIONS + 1)).toFixed(1)} an action`,
    `memory at most ${peakMb(server)} MB, ${before} MB before`,
  ];
  await server.stop();
  return lines;
}

/** In PARALLEL mode, deploying to S3. */
function parallel(role: string): PipelineDeclaration {
  const { stages = [], ...rest } = declaration(role, 0);
  const deploys = Array.from({ length: ACTIONS }, (_, index) => ({
    name: `Deploy${index + 1}`,
    runOrder: index + 1,
    actionTypeId: {
      category: 'Deploy' as const,
      owner: 'AWS' as const,
      provider: 'S3',
      version: '1',
    },
    inputArtifacts: [{ name: 'Source' }],
    configuration: {
      ...{ BucketName: rest.artifactStore?.location ?? '', Extract: 'false' },
      ObjectKey: `site/#{codepipeline.PipelineExecutionId}`,
    },
  }));
  return {
    ...{ ...rest, executionMode: 'PARALLEL', pipelineType: 'V2' },
    stages: [...stages.slice(0, 1), { name: 'Deploy', actions: deploys }],
  };
}

/** Waits until all have ended. @returns how many ran at first */
async function mostAlive(codepipeline: CodePipelineClient, names: string[]): Promise<number> {
  let first: number | undefined;
  for (;;) {
    const lists = await Promise.all(
      names.map((pipelineName) =>
        codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName })),
      ),
    );
    const all = lists.flatMap((list) => list.pipelineExecutionSummaries ?? []);
    const failed = all.find(({ status }) => status !== 'InProgress' && status !== 'Succeeded');
    if (failed) throw new Error(`An execution ended ${failed.status}`);
    const alive = all.filter(({ status }) => status === 'InProgress').length;
    first ??= alive;
    if (alive === 0) return first;
    await sleep(500);
  }
}
