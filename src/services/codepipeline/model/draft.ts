import type { Draft as MachineDraft, Step as MachineStep } from '../../../engine/machine.ts';
import { least } from '../../../lib/append.ts';
import { ownValue } from '../../../lib/own.ts';
import { ACTION_RECONCILER } from '../reconcilers/names.ts';
import { type ActionFacts, findActionType } from './action-type.ts';
import { executionPath } from './console.ts';
import type { ActionTypeId, Pipeline, Stage } from './declaration.ts';
import { actionEvent, type PipelineEvent, pipelineEvent, stageEvent } from './events.ts';
import {
  type ActionRun,
  type ActionStatus,
  type ExecutionState,
  type ExecutionStatus,
  isLive,
  type Snapshot,
  type StageRun,
  type StageState,
  type StageStatus,
} from './state.ts';

/** What a decision changes. */
export interface Writes {
  nextOrdinal: number | undefined;
  stages: StageState[];
  executions: ExecutionState[];
  actions: ActionRun[];
  events: PipelineEvent[];
}

/** Its work is the action executions whose provider is to be started. */
export type Step = MachineStep<Writes>;

/** A copy of a snapshot that a decision is worked out on. It remembers what has been touched. */
export class Draft implements MachineDraft<Writes> {
  readonly now: number;
  readonly snapshot: Snapshot;
  readonly #types: readonly ActionFacts[];
  readonly #before: number;
  readonly #stages = new Set<StageState>();
  readonly #executions = new Set<ExecutionState>();
  readonly #actions = new Set<ActionRun>();
  readonly #events: PipelineEvent[] = [];
  readonly #starts: string[] = [];

  constructor(snapshot: Snapshot, now: number, types: readonly ActionFacts[]) {
    this.#types = snapshot.madeTypes ? [...types, ...snapshot.madeTypes] : types;
    this.snapshot = structuredClone(snapshot);
    this.#before = snapshot.pipeline.nextOrdinal;
    this.now = now;
  }

  get pipeline(): Pipeline {
    return this.snapshot.pipeline.declaration;
  }

  actionType(id: ActionTypeId): ActionFacts | undefined {
    return findActionType(this.#types, id);
  }

  /** Executions that have not ended, oldest first. */
  live(): ExecutionState[] {
    return this.snapshot.executions.filter(isLive).sort((a, b) => a.ordinal - b.ordinal);
  }

  execution(executionId: string): ExecutionState | undefined {
    return this.snapshot.executions.find((e) => e.executionId === executionId);
  }

  stageState(name: string): StageState {
    let state = this.snapshot.stages.find((s) => s.stageName === name);
    if (!state) {
      state = {
        stageName: name,
        inbound: { enabled: true },
        outbound: { enabled: true },
        latestActions: {},
      };
      this.snapshot.stages.push(state);
    }
    return state;
  }

  /** The runs of an execution's actions in a stage, of the stage's present round. */
  actionsIn(execution: ExecutionState, stage: string): ActionRun[] {
    const round = ownValue(execution.stages, stage)?.round ?? 1;
    return this.snapshot.actions.filter(
      (a) => a.executionId === execution.executionId && a.stageName === stage && a.round === round,
    );
  }

  /** The latest run of each action in the stage's present round, by action name. */
  latestIn(execution: ExecutionState, stage: string): Map<string, ActionRun> {
    const latest = new Map<string, ActionRun>();
    for (const run of this.actionsIn(execution, stage)) {
      const known = latest.get(run.actionName);
      if (!known || known.ordinal < run.ordinal) latest.set(run.actionName, run);
    }
    return latest;
  }

  /** The execution inside a stage: the one that holds its lock (CP-C2). */
  occupant(stage: string): ExecutionState | undefined {
    return this.#at(stage, 'inside');
  }

  /** The execution that waits in front of a stage. */
  waiter(stage: string): ExecutionState | undefined {
    return this.#at(stage, 'waiting');
  }

  #at(stage: string, phase: 'waiting' | 'inside'): ExecutionState | undefined {
    return this.snapshot.executions.find(
      (e) => isLive(e) && e.position?.stage === stage && e.position.phase === phase,
    );
  }

  stageAfter(name: string): Stage | undefined {
    const { stages } = this.pipeline;
    return stages[stages.findIndex((s) => s.name === name) + 1];
  }

  nextOrdinal(): number {
    return this.snapshot.pipeline.nextOrdinal++;
  }

  touchStage(stage: StageState): void {
    this.#stages.add(stage);
  }

  addExecution(execution: ExecutionState): void {
    this.snapshot.executions.push(execution);
    this.#executions.add(execution);
    this.#events.push(pipelineEvent(execution, 'STARTED'));
  }

  addAction(run: ActionRun): void {
    this.snapshot.actions.push(run);
    this.#actions.add(run);
    this.#tell(run, 'STARTED');
  }

  startWork(run: ActionRun): void {
    this.#starts.push(run.actionExecutionId);
  }

  touchExecution(execution: ExecutionState): void {
    execution.lastUpdate = this.now;
    this.#executions.add(execution);
  }

  touchAction(run: ActionRun): void {
    run.lastUpdate = this.now;
    this.#actions.add(run);
  }

  /** @param resumed a retry, which AWS tells of as RESUMED */
  setExecution(execution: ExecutionState, status: ExecutionStatus, resumed = false): void {
    execution.status = status;
    this.touchExecution(execution);
    if (!isLive(execution)) delete execution.position;
    const state = resumed ? 'RESUMED' : executionEventStates[status];
    if (state) this.#events.push(pipelineEvent(execution, state));
  }

  setStage(execution: ExecutionState, run: StageRun, status: StageStatus, resumed = false): void {
    run.status = status;
    run.lastUpdate = this.now;
    this.touchExecution(execution);
    const state = resumed ? 'RESUMED' : stageEventStates[status];
    this.#events.push(stageEvent(execution, run, state));
  }

  /** @param cancelled the pipeline was updated under it, which AWS tells of as CANCELED */
  setAction(run: ActionRun, status: ActionStatus, cancelled = false): void {
    run.status = status;
    this.touchAction(run);
    if (status !== 'InProgress') {
      this.#tell(run, cancelled ? 'CANCELED' : actionEventStates[status]);
    }
  }

  #tell(run: ActionRun, state: string): void {
    const execution = this.execution(run.executionId);
    if (!execution) return;
    this.#events.push(actionEvent(execution, run, state, executionPath(this.#types, run)));
  }

  /** What has become of it all. */
  finish(): Step {
    const { pipeline } = this.snapshot;
    const deadlines = this.snapshot.actions
      .filter((a) => a.status === 'InProgress')
      .map((a) => a.deadline);
    const alive = new Set(
      this.snapshot.actions
        .filter((a) => a.status === 'InProgress')
        .map((a) => a.actionExecutionId),
    );
    return {
      writes: {
        nextOrdinal: pipeline.nextOrdinal === this.#before ? undefined : pipeline.nextOrdinal,
        stages: [...this.#stages],
        executions: [...this.#executions],
        actions: [...this.#actions],
        events: this.#events.map((event) => ({
          ...event,
          detail: { pipeline: pipeline.name, ...event.detail },
        })),
      },
      work: this.#starts
        .filter((id) => alive.has(id))
        .map((key) => ({ reconciler: ACTION_RECONCILER, key })),
      rings: [],
      wakeAt: least(deadlines),
    };
  }
}

const executionEventStates: Partial<Record<ExecutionStatus, string>> = {
  Stopping: 'STOPPING',
  Stopped: 'STOPPED',
  Succeeded: 'SUCCEEDED',
  Superseded: 'SUPERSEDED',
  Failed: 'FAILED',
  Cancelled: 'CANCELED',
};

const stageEventStates: Record<StageStatus, string> = {
  InProgress: 'STARTED',
  Stopping: 'STOPPING',
  Stopped: 'STOPPED',
  Succeeded: 'SUCCEEDED',
  Failed: 'FAILED',
  Cancelled: 'CANCELED',
};

const actionEventStates: Record<Exclude<ActionStatus, 'InProgress'>, string> = {
  Succeeded: 'SUCCEEDED',
  Failed: 'FAILED',
  Abandoned: 'ABANDONED',
};
