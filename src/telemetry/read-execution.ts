import type { ActionExecutionDetail, PipelineExecutionSummary } from '@aws-sdk/client-codepipeline';
import { parseArn } from '../aws/arn.ts';
import { isAwsError } from '../aws/errors.ts';
import type { AwsEvent } from '../engine/events.ts';
import { publicUrl } from '../kit/public-url.ts';
import type { Platform } from '../kit/service.ts';
import { append } from '../lib/append.ts';
import { consoleUrl } from '../lib/console-url.ts';
import type { ActionFacts, ExecutionFacts } from './facts.ts';
import { type Reader, readParts } from './read-parts.ts';

type House = Pick<Platform, 'client' | 'config' | 'serverEndpoint'>;

/** Who reads: this server, which no policy has to name. CloudTrail tells of it like of any other service. */
const SERVICE = 'slipway.amazonaws.com';

/** Reads as this server what an account's services tell. */
function readerIn(ctx: House, { account, region }: { account: string; region: string }): Reader {
  const sourceArn = `arn:aws:codepipeline:${region}:${account}:*`;
  return {
    client: (Client, may) => ctx.client(Client, { service: SERVICE, sourceArn, region, may }),
  };
}

/** An execution that an event told the end of, and all that was done for it; undefined where its pipeline is gone. */
export async function readExecution(
  ctx: House,
  event: AwsEvent,
): Promise<ExecutionFacts | undefined> {
  try {
    return await read(ctx, event);
  } catch (error) {
    if (isAwsError(error, 'PipelineNotFoundException', 'PipelineExecutionNotFoundException'))
      return undefined;
    throw error;
  }
}

async function read(ctx: House, event: AwsEvent): Promise<ExecutionFacts | undefined> {
  const { CodePipelineClient, paginateListActionExecutions } = await import(
    '@aws-sdk/client-codepipeline'
  );
  const { account: accountId, region, detail } = event;
  const { pipeline, 'execution-id': executionId } = detail as Record<string, string>;
  if (pipeline === undefined || executionId === undefined) return undefined;
  const may = ['codepipeline:ListPipelineExecutions', 'codepipeline:ListActionExecutions'];
  const client = readerIn(ctx, event).client(CodePipelineClient, may);
  const summary = await findSummary(client, pipeline, executionId);
  const { startTime: start, lastUpdateTime: end, status = '', statusSummary } = summary ?? {};
  if (!start || !end) return undefined;
  const details: ActionExecutionDetail[] = [];
  const input = { pipelineName: pipeline, filter: { pipelineExecutionId: executionId } };
  for await (const page of paginateListActionExecutions({ client }, input))
    append(details, page.actionExecutionDetails ?? []);
  const actions: ActionFacts[] = [];
  for (const one of details) append(actions, await readAction(ctx, accountId, one));
  actions.sort((a, b) => a.start.getTime() - b.start.getTime() || (a.id < b.id ? -1 : 1));
  return {
    ...{ accountId, region, pipeline, executionId, status, start, end, actions },
    attempt: Number(detail['pipeline-execution-attempt'] ?? 1),
    url: consoleUrl(publicUrl(ctx), 'codepipeline', region, `/view/${pipeline}`),
    ...(statusSummary !== undefined && { summary: statusSummary }),
    ...(summary?.trigger?.triggerType && { trigger: summary.trigger.triggerType }),
  };
}

/** Newest first: the one that has just ended is among the first. */
async function findSummary(
  client: InstanceType<typeof import('@aws-sdk/client-codepipeline').CodePipelineClient>,
  pipelineName: string,
  executionId: string,
): Promise<PipelineExecutionSummary | undefined> {
  const { paginateListPipelineExecutions } = await import('@aws-sdk/client-codepipeline');
  for await (const page of paginateListPipelineExecutions({ client }, { pipelineName })) {
    const found = page.pipelineExecutionSummaries?.find(
      ({ pipelineExecutionId }) => pipelineExecutionId === executionId,
    );
    if (found) return found;
  }
  return undefined;
}

async function readAction(
  ctx: House,
  accountId: string,
  detail: ActionExecutionDetail,
): Promise<ActionFacts[]> {
  const { actionExecutionId: id = '', stageName: stage = '', actionName: name = '' } = detail;
  const { startTime: start, lastUpdateTime: end, status = '', input, output } = detail;
  if (!start || !end || status === 'InProgress') return [];
  const { category = '', provider = '' } = input?.actionTypeId ?? {};
  const { externalExecutionId: externalId, externalExecutionUrl } = output?.executionResult ?? {};
  const error = output?.executionResult?.errorDetails;
  // An action's own role may be another account's, in which its work lies.
  const account = parseArn(input?.roleArn ?? '')?.accountId || accountId;
  const reader = readerIn(ctx, { account, region: input?.region ?? '' });
  return [
    {
      ...{ id, stage, name, category, provider, status, start, end },
      ...(error && { error }),
      ...(externalId !== undefined && { externalId }),
      ...(externalExecutionUrl && { url: fromOutside(ctx, externalExecutionUrl) }),
      parts: await readParts(reader, provider, externalId),
    },
  ];
}

/** What was asked for in here has an address for programs on this machine. */
function fromOutside(ctx: House, url: string): string {
  const own = `${ctx.serverEndpoint()}/`;
  return url.startsWith(own) ? `${publicUrl(ctx)}/${url.slice(own.length)}` : url;
}
