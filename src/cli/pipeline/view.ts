import type {
  ActionExecutionDetail,
  GetPipelineStateOutput,
  PipelineDeclaration,
  PipelineExecution,
  RuleExecutionDetail,
  StageDeclaration,
  StageState,
} from '@aws-sdk/client-codepipeline';

/** One action of an execution, as its latest try. */
export interface ActionView {
  stage: string;
  name: string;
  provider: string;
  category: string;
  /** `Waiting` until it starts. */
  status: string;
  start?: Date | undefined;
  end?: Date | undefined;
  actionExecutionId?: string | undefined;
  externalExecutionId?: string | undefined;
  externalExecutionUrl?: string | undefined;
  logStreamARN?: string | undefined;
  summary?: string | undefined;
  error?: { code: string; message: string } | undefined;
  /** Of an approval that waits. */
  token?: string | undefined;
}

/** A rule of a condition that was evaluated: its latest try. */
export interface RuleView extends ActionView {
  phase: Phase;
  /** What engages where the condition is not met. */
  result?: string | undefined;
  /** Where the definition has it. */
  path: (string | number)[];
}

const PHASES = ['beforeEntry', 'onSuccess', 'onFailure'] as const;
type Phase = (typeof PHASES)[number];

export interface StageView {
  name: string;
  status: string;
  /** Why the execution does not come in. */
  waitsFor?: string | undefined;
  actions: ActionView[];
  rules: RuleView[];
}

/** An execution, whole. */
export interface ExecutionView {
  pipeline: string;
  executionId: string;
  status: string;
  statusSummary?: string | undefined;
  stages: StageView[];
}

/** What the calls say of an execution. */
export interface Answers {
  /** Of the version that is executed. */
  pipeline: PipelineDeclaration;
  execution: PipelineExecution;
  /** Newest first, as ListActionExecutions has them. */
  actions: readonly ActionExecutionDetail[];
  /** Newest first; none where no stage has conditions. */
  rules: readonly RuleExecutionDetail[];
  state: Pick<GetPipelineStateOutput, 'stageStates'>;
}

/** An execution that nothing will happen to any more. */
export const hasEnded = ({ status }: Pick<ExecutionView, 'status'>): boolean =>
  status !== 'InProgress' && status !== 'Stopping';

export function executionView({
  pipeline,
  execution,
  actions,
  rules,
  state,
}: Answers): ExecutionView {
  const executionId = execution.pipelineExecutionId ?? '';
  const stages = (pipeline.stages ?? []).map((stage, index): StageView => {
    const name = stage.name ?? '';
    const of = state.stageStates?.find(({ stageName }) => stageName === name);
    const views = (stage.actions ?? []).map((action): ActionView => {
      const run = actions.find((a) => a.stageName === name && a.actionName === action.name);
      const { provider = '', category = '' } = action.actionTypeId ?? {};
      const common = { stage: name, name: action.name ?? '', provider, category };
      return run
        ? { ...common, ...runView(run), token: tokenOf(of, run) }
        : { ...common, status: 'Waiting' };
    });
    return {
      name,
      status: stageStatus(of, executionId, views),
      waitsFor: waitsFor(of, executionId),
      actions: views,
      rules: ruleViews(stage, index, rules),
    };
  });
  return {
    pipeline: execution.pipelineName ?? pipeline.name ?? '',
    executionId,
    status: execution.status ?? 'InProgress',
    statusSummary: execution.statusSummary,
    stages,
  };
}

/** Those that have begun, in the order of the definition. */
function ruleViews(
  stage: StageDeclaration,
  index: number,
  runs: readonly RuleExecutionDetail[],
): RuleView[] {
  return PHASES.flatMap((phase) =>
    (stage[phase]?.conditions ?? []).flatMap(({ rules = [], result }, c) =>
      rules.flatMap(({ name = '', ruleTypeId }, r): RuleView[] => {
        const run = runs.find((x) => x.stageName === stage.name && x.ruleName === name);
        if (!run) return [];
        const { provider = '', category = '' } = ruleTypeId ?? {};
        const path = ['stages', index, phase, 'conditions', c, 'rules', r];
        const common = { stage: stage.name ?? '', name, provider, category, phase, result, path };
        return [{ ...common, ...runView({ ...run, actionExecutionId: run.ruleExecutionId }) }];
      }),
    ),
  );
}

/** Has a definition conditions, whose rules are to be asked for? */
export const hasConditions = (pipeline: PipelineDeclaration): boolean =>
  (pipeline.stages ?? []).some((stage) =>
    PHASES.some((phase) => (stage[phase]?.conditions ?? []).length > 0),
  );

type Run = Pick<
  ActionExecutionDetail,
  'actionExecutionId' | 'startTime' | 'lastUpdateTime' | 'status'
> & { output?: ActionExecutionDetail['output'] };

function runView(run: Run): Omit<ActionView, 'stage' | 'name' | 'provider' | 'category'> {
  const result = run.output?.executionResult;
  const { code, message } = result?.errorDetails ?? {};
  const status = run.status ?? 'InProgress';
  return {
    status,
    start: run.startTime,
    ...(status !== 'InProgress' && { end: run.lastUpdateTime }),
    actionExecutionId: run.actionExecutionId,
    externalExecutionId: result?.externalExecutionId,
    externalExecutionUrl: result?.externalExecutionUrl,
    logStreamARN: result?.logStreamARN,
    summary: revisionText(result?.externalExecutionSummary),
    ...((code ?? message) !== undefined && { error: { code: code ?? '', message: message ?? '' } }),
  };
}

/** The message of a commit: connections have it in a JSON object. */
export function revisionText(summary: string | undefined): string | undefined {
  if (!summary?.startsWith('{')) return summary;
  try {
    const { CommitMessage } = JSON.parse(summary);
    return typeof CommitMessage === 'string' ? CommitMessage : summary;
  } catch {
    return summary;
  }
}

function tokenOf(state: StageState | undefined, run: ActionExecutionDetail): string | undefined {
  const latest = state?.actionStates?.find((a) => a.actionName === run.actionName)?.latestExecution;
  return latest?.actionExecutionId === run.actionExecutionId ? latest?.token : undefined;
}

/** As GetPipelineState has it, while this is the execution that was last in the stage; else by its actions. */
function stageStatus(
  state: StageState | undefined,
  executionId: string,
  actions: readonly ActionView[],
): string {
  const latest = state?.latestExecution;
  if (latest?.pipelineExecutionId === executionId && latest.status) return latest.status;
  const statuses = actions.map(({ status }) => status);
  if (statuses.includes('InProgress')) return 'InProgress';
  if (statuses.includes('Failed')) return 'Failed';
  if (statuses.includes('Abandoned')) return 'Stopped';
  if (statuses.every((status) => status === 'Succeeded') && statuses.length > 0) return 'Succeeded';
  return statuses.every((status) => status === 'Waiting') ? 'Waiting' : 'InProgress';
}

function waitsFor(state: StageState | undefined, executionId: string): string | undefined {
  const inbound = [state?.inboundExecution, ...(state?.inboundExecutions ?? [])];
  if (!inbound.some((waiting) => waiting?.pipelineExecutionId === executionId)) return undefined;
  const { enabled, disabledReason, lastChangedBy } = state?.inboundTransitionState ?? {};
  if (enabled === false) {
    const by = lastChangedBy ? ` by ${lastChangedBy}` : '';
    return `the transition into the stage, disabled${by}${disabledReason ? `: ${disabledReason}` : ''}`;
  }
  const holder = state?.latestExecution;
  return holder?.status === 'InProgress'
    ? `the execution ${holder.pipelineExecutionId}, which is in the stage`
    : 'the stage to be free';
}
