import type { ExecutionMode } from './declaration.ts';
import type { ExecutionState } from './state.ts';

/*
 * The three execution modes (CP-C4..C6). What a mode says is here; what executions, stages and actions do is the same in all.
 * An execution keeps the mode that it began in.
 */

/** Who is at a stage, of those that share its lock; oldest first. */
export interface AtStage {
  inside: readonly ExecutionState[];
  waiting: readonly ExecutionState[];
}

export interface ModePolicy {
  /** How many executions may be alive at once; absent: as many as the stages have room for. */
  limit?: number;
  /** A stage has one execution at a time. */
  locks: boolean;
  /** Of those in front of a stage, the ones that give way: asked when one arrives. */
  giveWay(waiting: readonly ExecutionState[]): readonly ExecutionState[];
  /** May this one of those that wait go in? Its transition is open. */
  mayEnter(execution: ExecutionState, at: AtStage): boolean;
  /** GetPipelineState shows its executions, and the latest of a stage is the only one that may be retried there. */
  showsInState: boolean;
  /** A new structure of the pipeline ends its executions (CP-A44); otherwise they go on by theirs (CP-C8). */
  endsWithUpdate: boolean;
  rollsBack: boolean;
  /** An execution that a change of a source has started works with that change, and not with the newest (CP-C7). */
  keepsRevision: boolean;
}

/** CP-C5, CP-C6 */
const MOST_EXECUTIONS = 50;

const POLICIES: Record<ExecutionMode, ModePolicy> = {
  SUPERSEDED: {
    locks: true,
    // All but the newest: it is the one with the newest sources.
    giveWay: (waiting) => waiting.slice(0, -1),
    mayEnter: (_, { inside }) => inside.length === 0,
    showsInState: true,
    endsWithUpdate: true,
    rollsBack: true,
    keepsRevision: true,
  },
  QUEUED: {
    limit: MOST_EXECUTIONS,
    locks: true,
    giveWay: () => [],
    mayEnter: (execution, { inside, waiting }) => inside.length === 0 && waiting[0] === execution,
    showsInState: true,
    endsWithUpdate: true,
    rollsBack: true,
    keepsRevision: true,
  },
  PARALLEL: {
    limit: MOST_EXECUTIONS,
    locks: false,
    giveWay: () => [],
    mayEnter: () => true,
    showsInState: false,
    endsWithUpdate: false,
    rollsBack: false,
    keepsRevision: false,
  },
};

export const policyOf = ({ mode }: { mode: ExecutionMode }): ModePolicy => POLICIES[mode];
