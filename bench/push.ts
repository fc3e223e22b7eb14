import { setTimeout as sleep } from 'node:timers/promises';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import {
  CodePipelineClient,
  CreatePipelineCommand,
  ListActionExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { startServer } from '../conformance/server.ts';
import { ended } from './actions.ts';
import { firstCommand, median } from './builds.ts';
import { declaration, makePipeline, makeRole } from './pipeline.ts';

const ROUNDS = 7;
const NAME = 'pushed';

/** From a commit that comes to a branch to the first command of the build behind its pipeline's source. */
export async function benchPush(): Promise<string[]> {
  const server = await startServer();
  const role = await makeRole(server);
  await makePipeline(server, role, 1);
  const codecommit = new CodeCommitClient(server.client);
  const codepipeline = new CodePipelineClient(server.client);
  await codecommit.send(new CreateRepositoryCommand({ repositoryName: NAME }));
  let parentCommitId: string | undefined;
  const push = async (text: string) => {
    const file = { filePath: 'a.txt', fileContent: Buffer.from(text) };
    const input = { repositoryName: NAME, branchName: 'main', parentCommitId, ...file };
    ({ commitId: parentCommitId } = await codecommit.send(new PutFileCommand(input)));
  };
  await push('first');
  const { stages: [, ...after] = [], ...rest } = declaration(role, 1);
  const source = {
    name: 'Source',
    actionTypeId: {
      ...({ category: 'Source', owner: 'AWS' } as const),
      ...{ provider: 'CodeCommit', version: '1' },
    },
    configuration: { RepositoryName: NAME, BranchName: 'main' },
    outputArtifacts: [{ name: 'Source' }],
  };
  const stages = [{ name: 'Source', actions: [source] }, ...after];
  await codepipeline.send(new CreatePipelineCommand({ pipeline: { ...rest, name: NAME, stages } }));
  await ended(codepipeline, NAME);
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const began = Date.now();
    await push(`${round}`);
    times.push((await firstCommand(server, 'bench-pipeline', await buildOf(round + 1))) - began);
  }
  await server.stop();
  return [
    `from a commit to the first command of its build: ${median(times).toFixed(0)} ms, at best ${Math.min(...times).toFixed(0)} ms`,
  ];

  /** The build of the newest of so many executions, once it has ended. */
  async function buildOf(count: number): Promise<string | undefined> {
    for (;;) {
      const { actionExecutionDetails: all = [] } = await codepipeline.send(
        new ListActionExecutionsCommand({ pipelineName: NAME }),
      );
      const builds = all.filter((a) => a.stageName === 'Build' && a.status === 'Succeeded');
      if (builds.length >= count) return builds[0]?.output?.executionResult?.externalExecutionId;
      await sleep(50);
    }
  }
}
