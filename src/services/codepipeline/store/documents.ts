import { defineDocument } from '../../../db/document.ts';
import type { ActionRun, ExecutionState, StageState } from '../model/state.ts';

// What decisions are made from: a release that needs another form of one brings the upgrade from the form before.

/** From 0.1.0: before there were other modes, rollbacks and conditions. */
interface Execution1 {
  stages: Record<string, { manualRetries: number }>;
}

const modes = ({ stages, ...execution }: Execution1) => ({
  ...execution,
  mode: 'SUPERSEDED',
  type: 'STANDARD',
  stages: Object.fromEntries(
    Object.entries(stages).map(([name, run]) => [
      name,
      {
        ...run,
        ...{ phase: 'actions', autoRetries: 0, conditions: {} },
        ...(run.manualRetries > 0 && { latestRetry: 'ManualStageRetry' }),
      },
    ]),
  ),
});

export const EXECUTION = defineDocument<ExecutionState>(modes);
export const STAGE = defineDocument<StageState>();
export const ACTION = defineDocument<ActionRun>();
