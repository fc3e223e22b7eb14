import type {
  ActionExecutionDetail,
  ExecutionTrigger,
  PipelineDeclaration,
} from '@aws-sdk/client-codepipeline';
import { append, greatest, least } from '../../lib/append.ts';
import { spanText } from '../../lib/printable.ts';

/** Why an execution ran. */
export function triggerText({ triggerType, triggerDetail }: ExecutionTrigger = {}): string {
  const detail = triggerDetail ?? '';
  switch (triggerType) {
    case 'CreatePipeline':
      return `the pipeline was created${detail && ` by ${detail}`}`;
    case 'StartPipelineExecution':
      return `${detail || 'somebody'} started it (StartPipelineExecution)`;
    case 'PollForSourceChanges':
      return `a source had changed${detail && ` (${detail})`}`;
    case 'CloudWatchEvent':
      return `an event of the rule ${detail || 'of a source'}`;
    case 'Webhook':
    case 'WebhookV2':
      return `a change told by ${detail || 'the source’s provider'}`;
    case 'PutActionRevision':
      return `a revision was put${detail && ` by ${detail}`} (PutActionRevision)`;
    case 'ManualRollback':
      return `${detail || 'somebody'} rolled a stage back (RollbackStage)`;
    case 'AutomatedRollback':
      return 'a stage had failed, and its condition rolls it back';
    default:
      return `${triggerType ?? 'not known'}${detail && ` (${detail})`}`;
  }
}

/** Something that took time and was no work. */
export interface Wait {
  stage: string;
  ms: number;
  what: string;
}

/** Less is the engine's own, or a clock's. */
const SHORTEST_WAIT_MS = 1_500;

const timeOf = (date: Date | undefined) => date?.getTime() ?? Number.NaN;

/**
 * What an execution waited for between its stages, and for whose approval.
 * @param all actions of whatever execution, by which it is seen who was in a stage meanwhile
 */
export function waitsOf(
  pipeline: PipelineDeclaration,
  own: readonly ActionExecutionDetail[],
  all: readonly ActionExecutionDetail[],
): Wait[] {
  const waits: Wait[] = [];
  let before = Number.NaN;
  for (const { name: stage = '' } of pipeline.stages ?? []) {
    const actions = own.filter(({ stageName }) => stageName === stage);
    if (actions.length === 0) continue;
    const start = least(actions.map(({ startTime }) => timeOf(startTime))) ?? 0;
    if (start - before >= SHORTEST_WAIT_MS)
      waits.push({ stage, ms: start - before, what: entryText(stage, [before, start], own, all) });
    append(waits, approvalsIn(stage, actions));
    before = greatest(actions.map(({ lastUpdateTime }) => timeOf(lastUpdateTime))) ?? before;
  }
  return waits;
}

function entryText(
  stage: string,
  [from, to]: [number, number],
  own: readonly ActionExecutionDetail[],
  all: readonly ActionExecutionDetail[],
): string {
  const mine = own[0]?.pipelineExecutionId;
  const holder = all.find(
    (action) =>
      action.stageName === stage &&
      action.pipelineExecutionId !== mine &&
      timeOf(action.startTime) < to &&
      timeOf(action.lastUpdateTime) > from,
  );
  return holder
    ? `the execution ${holder.pipelineExecutionId}, which was in the stage`
    : 'the transition into the stage, or a retry of it';
}

const approvalsIn = (stage: string, actions: readonly ActionExecutionDetail[]): Wait[] =>
  actions.flatMap((action) => {
    if (action.input?.actionTypeId?.category !== 'Approval' || action.status === 'InProgress')
      return [];
    const ms = timeOf(action.lastUpdateTime) - timeOf(action.startTime);
    const by = action.updatedBy ? ` by ${action.updatedBy}` : '';
    const ended = action.status === 'Succeeded' ? `approved${by}` : `not approved${by}`;
    return [{ stage, ms, what: `the approval ${action.actionName}, which was ${ended}` }];
  });

export const waitText = ({ stage, ms, what }: Wait): string =>
  `${stage}: ${spanText(ms)} for ${what}`;

/** An artifact that an action should have had. */
export interface MissingArtifact {
  name: string;
  /** Who should have made it. */
  maker: string;
}

/** Declared inputs that an action started without. */
export function missingInputs(
  pipeline: PipelineDeclaration,
  action: ActionExecutionDetail,
): MissingArtifact[] {
  const declared = (pipeline.stages ?? [])
    .find(({ name }) => name === action.stageName)
    ?.actions?.find(({ name }) => name === action.actionName);
  const had = new Set((action.input?.inputArtifacts ?? []).map(({ name }) => name));
  return (declared?.inputArtifacts ?? []).flatMap(({ name = '' }) =>
    had.has(name) ? [] : [{ name, maker: makerOf(pipeline, name) }],
  );
}

export function makerOf({ stages = [] }: PipelineDeclaration, artifact: string): string {
  for (const { name: stage, actions = [] } of stages) {
    const maker = actions.find(({ outputArtifacts = [] }) =>
      outputArtifacts.some(({ name }) => name === artifact),
    );
    if (maker) return `${stage}/${maker.name}`;
  }
  return 'nobody';
}

/** What a person does about a connection that nobody has completed. */
export function mendingCommands(message: string): string[] {
  const arns = [...message.matchAll(/\bConnection (arn:[\w:./-]+) is not available/g)];
  return arns.flatMap(([, arn]) => [
    `slipway connection complete ${arn}`,
    `slipway connection map OWNER/NAME --url URL --connection ${arn}`,
  ]);
}
