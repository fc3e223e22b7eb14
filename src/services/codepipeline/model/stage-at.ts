import type { Stage } from './declaration.ts';
import type { Draft } from './draft.ts';
import type { ExecutionState, StageRun } from './state.ts';

/** An execution inside a stage. */
export interface StageAt {
  draft: Draft;
  execution: ExecutionState;
  stage: Stage;
  run: StageRun;
}
