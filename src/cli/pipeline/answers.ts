import {
  type ActionExecutionDetail,
  type CodePipelineClient,
  GetPipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListRuleExecutionsCommand,
  type PipelineDeclaration,
  type RuleExecutionDetail,
} from '@aws-sdk/client-codepipeline';
import { append } from '../../lib/append.ts';
import { type Answers, hasConditions } from './view.ts';

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
    pipeline ??= await definitionOf(client, name, execution.pipelineVersion);
    const [actions, rules, state] = await Promise.all([
      actionsOf(client, name, executionId),
      hasConditions(pipeline) ? rulesOf(client, name, executionId) : [],
      client.send(new GetPipelineStateCommand({ name })),
    ]);
    return { pipeline, execution, actions, rules, state };
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

/** The newest ones; none for a caller who may not list them, who sees the rest all the same. */
async function rulesOf(
  client: CodePipelineClient,
  pipelineName: string,
  pipelineExecutionId: string,
): Promise<RuleExecutionDetail[]> {
  const filter = { pipelineExecutionId };
  const asked = new ListRuleExecutionsCommand({ pipelineName, maxResults: 100, filter });
  return await client.send(asked).then(
    ({ ruleExecutionDetails = [] }) => ruleExecutionDetails,
    (error: Error) => {
      if (error.name === 'AccessDeniedException') return [];
      throw error;
    },
  );
}

export async function definitionOf(
  client: CodePipelineClient,
  name: string,
  version: number | undefined,
): Promise<PipelineDeclaration> {
  const { pipeline } = await client.send(new GetPipelineCommand({ name, version }));
  return pipeline as PipelineDeclaration;
}
