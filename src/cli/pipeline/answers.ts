import {
  type ActionExecutionDetail,
  type CodePipelineClient,
  GetPipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  type PipelineDeclaration,
} from '@aws-sdk/client-codepipeline';
import { append } from '../../lib/append.ts';
import type { Answers } from './view.ts';

/** The newest execution of a pipeline; undefined where it has none. */
export async function latestExecution(
  client: CodePipelineClient,
  pipelineName: string,
): Promise<string | undefined> {
  const { pipelineExecutionSummaries: [latest] = [] } = await client.send(
    new ListPipelineExecutionsCommand({ pipelineName, maxResults: 1 }),
  );
  return latest?.pipelineExecutionId;
}

/** Asks for an execution again and again; its definition, which stays, once. */
export function asker(client: CodePipelineClient, name: string, executionId: string) {
  let pipeline: PipelineDeclaration | undefined;
  return async (): Promise<Answers> => {
    // The status first: what it says to have ended has ended in what is asked after it.
    const execution = await executionOf(client, name, executionId);
    const [actions, state] = await Promise.all([
      actionsOf(client, name, executionId),
      client.send(new GetPipelineStateCommand({ name })),
    ]);
    pipeline ??= await definitionOf(client, name, execution.pipelineVersion);
    return { pipeline, execution, actions, state };
  };
}

async function executionOf(client: CodePipelineClient, name: string, executionId: string) {
  const { pipelineExecution = {} } = await client.send(
    new GetPipelineExecutionCommand({ pipelineName: name, pipelineExecutionId: executionId }),
  );
  return pipelineExecution;
}

/** Newest first. */
async function actionsOf(
  client: CodePipelineClient,
  pipelineName: string,
  pipelineExecutionId: string,
): Promise<ActionExecutionDetail[]> {
  const found: ActionExecutionDetail[] = [];
  let nextToken: string | undefined;
  do {
    const page: { actionExecutionDetails?: ActionExecutionDetail[]; nextToken?: string } =
      await client.send(
        new ListActionExecutionsCommand({
          pipelineName,
          nextToken,
          filter: { pipelineExecutionId },
        }),
      );
    append(found, page.actionExecutionDetails ?? []);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

export async function definitionOf(
  client: CodePipelineClient,
  name: string,
  version: number | undefined,
): Promise<PipelineDeclaration> {
  const { pipeline } = await client.send(new GetPipelineCommand({ name, version }));
  return pipeline as PipelineDeclaration;
}
