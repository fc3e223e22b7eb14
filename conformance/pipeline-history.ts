import {
  type ActionExecutionDetail,
  type CodePipelineClient,
  type PipelineExecutionSummary,
  paginateListActionExecutions,
  paginateListPipelineExecutions,
  paginateListRuleExecutions,
} from '@aws-sdk/client-codepipeline';
import { append, greatest, least } from '../src/lib/append.ts';

// What a pipeline's executions have done, in all their pages, and whether it was in order.

export interface RuleRun {
  pipelineExecutionId?: string | undefined;
  stageName?: string | undefined;
  ruleName?: string | undefined;
}

/** A stage has one execution at a time. */
export function shared(actions: ActionExecutionDetail[]): string[] {
  const found: string[] = [];
  for (const [stage, of] of Map.groupBy(actions, ({ stageName }) => stageName)) {
    const spans = [...Map.groupBy(of, (a) => a.pipelineExecutionId).entries()].map(([id, its]) => ({
      id,
      from: least(its.map(({ startTime }) => Number(startTime))) ?? 0,
      to: greatest(its.map(({ lastUpdateTime }) => Number(lastUpdateTime))) ?? 0,
    }));
    spans.sort((a, b) => a.from - b.from || a.to - b.to);
    for (const [index, span] of spans.entries()) {
      const before = spans[index - 1];
      if (before && before.to > span.from)
        found.push(`${before.id} and ${span.id} were in ${stage} at once`);
    }
  }
  return found;
}

/** Executions came into each stage in the order in which they were started. */
export function outOfOrder(
  executions: PipelineExecutionSummary[],
  actions: ActionExecutionDetail[],
): string[] {
  const order = executions
    .filter(({ executionType }) => executionType === 'STANDARD')
    .map((e) => e.pipelineExecutionId);
  const found: string[] = [];
  for (const [stage, of] of Map.groupBy(actions, ({ stageName }) => stageName)) {
    // Newest first, as the executions are; of a retried action, the earliest run counts.
    const came = [...new Set(of.map((a) => a.pipelineExecutionId).reverse())].reverse();
    const places = came.map((id) => order.indexOf(id)).filter((place) => place >= 0);
    if (places.some((place, i) => i > 0 && place < (places[i - 1] ?? 0)))
      found.push(`executions came into ${stage} in another order`);
  }
  return found;
}

const rest = { pageSize: 100 };

export async function executionsOf(client: CodePipelineClient, pipelineName: string) {
  const found: PipelineExecutionSummary[] = [];
  for await (const page of paginateListPipelineExecutions({ client, ...rest }, { pipelineName }))
    append(found, page.pipelineExecutionSummaries ?? []);
  return found;
}

export async function actionsOf(client: CodePipelineClient, pipelineName: string) {
  const found: ActionExecutionDetail[] = [];
  for await (const page of paginateListActionExecutions({ client, ...rest }, { pipelineName }))
    append(found, page.actionExecutionDetails ?? []);
  return found;
}

export async function rulesOf(client: CodePipelineClient, pipelineName: string) {
  const found: RuleRun[] = [];
  for await (const page of paginateListRuleExecutions({ client, ...rest }, { pipelineName }))
    append(found, page.ruleExecutionDetails ?? []);
  return found;
}
