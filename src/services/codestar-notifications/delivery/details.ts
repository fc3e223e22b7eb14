import {
  type ActionExecutionDetail,
  CodePipelineClient,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import type { AwsEvent } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import {
  type ActionFacts,
  type Details,
  detailsOfComment,
  detailsOfEvent,
  isComment,
  wantsActions,
} from '../model/details.ts';
import { actFor } from './act.ts';
import { outcomeOf } from './outcome.ts';

const MAX_PAGES = 20;

/** What FULL says beyond the event. What cannot be read any more, such as of a pipeline that is gone, is not said. */
export async function detailsOf(ctx: Platform, ruleArn: string, event: AwsEvent): Promise<Details> {
  if (isComment(event)) {
    // Most servers tell of no comments: CodeCommit's client comes with the first.
    const { threadOf } = await import('./thread.ts');
    return detailsOfComment(event, await orNothing(threadOf(ctx, ruleArn, event)));
  }
  const actions = wantsActions(event) ? await orNothing(actionsOf(ctx, ruleArn, event)) : [];
  return detailsOfEvent(event, actions ?? []);
}

/** @throws what is no answer of the API, or one that another try may change */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (outcomeOf(error).kind === 'refused') return undefined;
    throw error;
  }
}

const client = (ctx: Platform, ruleArn: string, region: string, action: string) =>
  ctx.client(CodePipelineClient, actFor(ruleArn, region, [`codepipeline:${action}`]));

/** The last execution of each action of the event's execution, in the order in which they began. */
async function actionsOf(ctx: Platform, ruleArn: string, event: AwsEvent): Promise<ActionFacts[]> {
  const { pipeline, 'execution-id': pipelineExecutionId } = event.detail as Record<string, string>;
  const all: ActionExecutionDetail[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const list = new ListActionExecutionsCommand({
      ...{ pipelineName: pipeline, filter: { pipelineExecutionId } },
      ...(nextToken !== undefined && { nextToken }),
    });
    const answer = await client(ctx, ruleArn, event.region, 'ListActionExecutions').send(list);
    append(all, answer.actionExecutionDetails ?? []);
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  const began = ({ startTime }: ActionExecutionDetail) => startTime?.getTime() ?? 0;
  const byAction = new Map(
    all
      .sort((a, b) => began(a) - began(b))
      .map((one) => [`${one.stageName} ${one.actionName}`, one]),
  );
  return [...byAction.values()].map(factsOf);
}

function factsOf({ stageName, actionName, status, input, output }: ActionExecutionDetail) {
  const { externalExecutionSummary, errorDetails } = output?.executionResult ?? {};
  return {
    ...{ stage: stageName ?? '', action: actionName ?? '', status: status ?? '' },
    category: input?.actionTypeId?.category ?? '',
    provider: input?.actionTypeId?.provider ?? '',
    configuration: input?.resolvedConfiguration ?? input?.configuration ?? {},
    outputVariables: output?.outputVariables ?? {},
    said: externalExecutionSummary ?? errorDetails?.message,
  };
}

/** By what an approval that waits is answered; undefined once it was. */
export async function approvalToken(
  ctx: Platform,
  ruleArn: string,
  { region, detail }: Pick<AwsEvent, 'region' | 'detail'>,
): Promise<string | undefined> {
  const { pipeline: name, stage, action } = detail as Record<string, string>;
  const get = new GetPipelineStateCommand({ name });
  const state = await orNothing(client(ctx, ruleArn, region, 'GetPipelineState').send(get));
  const its = state?.stageStates?.find(({ stageName }) => stageName === stage);
  return its?.actionStates?.find(({ actionName }) => actionName === action)?.latestExecution?.token;
}
