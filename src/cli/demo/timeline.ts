import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ActionExecutionDetail,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
} from '@aws-sdk/client-codepipeline';
import { NAMES } from './policies.ts';
import type { Clients } from './resources.ts';

const LOOK_EVERY_MS = 500;
const GIVE_UP_AFTER_MS = 10 * 60_000;

export interface Outcome {
  executionId: string;
  status: string;
  /** Action executions, oldest first. */
  actions: ActionExecutionDetail[];
}

/** The execution that comes after `previous`, as soon as there is one. */
export async function nextExecution({ codepipeline }: Clients, previous?: string): Promise<string> {
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  while (Date.now() < deadline) {
    const { pipelineExecutionSummaries = [] } = await codepipeline.send(
      new ListPipelineExecutionsCommand({ pipelineName: NAMES.pipeline, maxResults: 1 }),
    );
    const id = pipelineExecutionSummaries[0]?.pipelineExecutionId;
    if (id && id !== previous) return id;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error('No execution started.');
}

/** Prints each action as it starts and ends, approves when asked, and returns when the execution has ended. */
export async function follow(
  clients: Clients,
  executionId: string,
  print: (line: string) => void,
): Promise<Outcome> {
  const printed = new Set<string>();
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  while (Date.now() < deadline) {
    const actions = await actionsOf(clients, executionId);
    for (const action of actions) {
      const mark = `${action.actionExecutionId} ${action.status}`;
      if (!printed.has(mark)) print(line(action));
      printed.add(mark);
    }
    await approve(clients, actions);
    const status = await statusOf(clients, executionId);
    // The status is read after the actions: when it is final, one more look shows the last of them.
    if (status !== 'InProgress' && actions.every((a) => a.status !== 'InProgress')) {
      return { executionId, status, actions };
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`The execution ${executionId} did not end.`);
}

async function actionsOf(
  { codepipeline }: Clients,
  executionId: string,
): Promise<ActionExecutionDetail[]> {
  const { actionExecutionDetails = [] } = await codepipeline.send(
    new ListActionExecutionsCommand({
      pipelineName: NAMES.pipeline,
      filter: { pipelineExecutionId: executionId },
    }),
  );
  return actionExecutionDetails.reverse();
}

async function statusOf({ codepipeline }: Clients, executionId: string): Promise<string> {
  const { pipelineExecutionSummaries = [] } = await codepipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: NAMES.pipeline }),
  );
  return (
    pipelineExecutionSummaries.find((e) => e.pipelineExecutionId === executionId)?.status ??
    'InProgress'
  );
}

async function approve({ codepipeline }: Clients, actions: ActionExecutionDetail[]): Promise<void> {
  const waiting = actions.find((a) => a.stageName === 'Approval' && a.status === 'InProgress');
  if (!waiting) return;
  const { stageStates = [] } = await codepipeline.send(
    new GetPipelineStateCommand({ name: NAMES.pipeline }),
  );
  const stage = stageStates.find((s) => s.stageName === 'Approval');
  const action = stage?.actionStates?.find((a) => a.actionName === waiting.actionName);
  const token = action?.latestExecution?.token;
  if (!token) return;
  await codepipeline.send(
    new PutApprovalResultCommand({
      pipelineName: NAMES.pipeline,
      stageName: 'Approval',
      actionName: waiting.actionName,
      token,
      result: { status: 'Approved', summary: 'Approved by the demo' },
    }),
  );
}

function line(action: ActionExecutionDetail): string {
  const name = `${action.stageName}/${action.actionName}`.padEnd(22);
  const status = `${action.status}`.padEnd(11);
  const result = action.output?.executionResult;
  const summary = result?.errorDetails?.message ?? result?.externalExecutionSummary ?? '';
  if (action.status === 'InProgress') return `  ${name} ${status}`;
  const seconds = (Number(action.lastUpdateTime) - Number(action.startTime)) / 1000;
  return `  ${name} ${status} ${seconds.toFixed(1).padStart(5)} s  ${summary.split('\n')[0]}`;
}
