import type { ActionState, StageDeclaration, StageState } from '@aws-sdk/client-codepipeline';

/** A pipeline as it is drawn. Pure. */

export interface FlowAction {
  name: string;
  provider: string;
  category: string;
  state: ActionState | undefined;
}

export interface FlowStage {
  name: string;
  state: StageState | undefined;
  /** Actions that run side by side stand in one row, in the order in which rows run. */
  rows: FlowAction[][];
}

/** Structure by what is declared, state by what is reported; a stage that is declared and not reported yet has none. */
export function flowOf(
  declared: readonly StageDeclaration[],
  states: readonly StageState[],
): FlowStage[] {
  return declared.map(({ name = '', actions = [] }) => {
    const state = states.find(({ stageName }) => stageName === name);
    const rows = new Map<number, FlowAction[]>();
    for (const action of actions) {
      const order = action.runOrder ?? 1;
      const row = rows.get(order) ?? [];
      rows.set(order, row);
      row.push({
        name: action.name ?? '',
        provider: action.actionTypeId?.provider ?? '',
        category: action.actionTypeId?.category ?? '',
        state: state?.actionStates?.find(({ actionName }) => actionName === action.name),
      });
    }
    return {
      name,
      state,
      rows: [...rows].sort(([a], [b]) => a - b).map(([, row]) => row),
    };
  });
}

/** Whether it is an approval that waits for an answer. */
export const waits = ({ category, state }: FlowAction) =>
  category === 'Approval' &&
  state?.latestExecution?.status === 'InProgress' &&
  state.latestExecution.token !== undefined;

/** Runs that are in the pipeline: each once, the one that is furthest first. */
export function runsIn(states: readonly StageState[]): string[] {
  const found = new Set<string>();
  for (const { latestExecution, inboundExecutions = [] } of [...states].reverse()) {
    if (latestExecution?.status === 'InProgress' || latestExecution?.status === 'Stopping')
      found.add(latestExecution.pipelineExecutionId ?? '');
    for (const { pipelineExecutionId = '' } of inboundExecutions) found.add(pipelineExecutionId);
  }
  return [...found].filter(Boolean);
}
