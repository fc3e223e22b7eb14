import type { Draft as MachineDraft, Step as MachineStep } from '../../../engine/machine.ts';
import { least } from '../../../lib/append.ts';
import { ownValue, setOwn } from '../../../lib/own.ts';
import { ACTION_RECONCILER } from '../reconcilers/names.ts';
import { type ActionFacts, findActionType } from './action-type.ts';
import { executionPath } from './console.ts';
import { type ActionTypeId, findStage, type Pipeline, type Stage } from './declaration.ts';
import { actionEvent, type PipelineEvent, pipelineEvent, stageEvent } from './events.ts';
import { type AtStage, policyOf } from './mode.ts';
import {
  type ActionRun,
  type ActionStatus,
  type ConditionRun,
  type ConditionStatus,
  type ExecutionState,
  type ExecutionStatus,
  isLive,
  type Snapshot,
  type StageRun,
  type StageState,
  type StageStatus,
} from './state.ts';
import { BEGIN, requireMove } from './states.ts';

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

  /** The structure that there is now. */
  get pipeline(): Pipeline {
    return this.snapshot.pipeline.declaration;
  }

  /** The structure that an execution runs by. */
  pipelineOf({ version }: Pick<ExecutionState, 'version'>): Pipeline {
    const { pipeline, declarations } = this.snapshot;
    return version === pipeline.version
      ? pipeline.declaration
      : (declarations[version] ?? pipeline.declaration);
  }

  stageOf(execution: ExecutionState, name: string): Stage | undefined {
    return findStage(this.pipelineOf(execution), name);
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
      (a) =>
        a.executionId === execution.executionId &&
        a.stageName === stage &&
        a.round === round &&
        !a.rule,
    );
  }

  /** The runs of a condition's rules, of its present evaluation. */
  rulesOf({ rules }: ConditionRun): ActionRun[] {
    const ids = new Set(Object.values(rules));
    return this.snapshot.actions.filter((a) => ids.has(a.actionExecutionId));
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

  /** The executions at a stage that share its lock (CP-C2), oldest first. */
  at(stage: string): AtStage {
    const there = this.live().filter((e) => e.position?.stage === stage && policyOf(e).locks);
    return {
      inside: there.filter((e) => e.position?.phase === 'inside'),
      waiting: there.filter((e) => e.position?.phase === 'waiting'),
    };
  }

  stageAfter(execution: ExecutionState, name: string): Stage | undefined {
    const { stages } = this.pipelineOf(execution);
    return stages[stages.findIndex((s) => s.name === name) + 1];
  }

  nextOrdinal(): number {
    return this.snapshot.pipeline.nextOrdinal++;
  }

  touchStage(stage: StageState): void {
    this.#stages.add(stage);
  }

  addExecution(execution: ExecutionState): void {
    requireMove('execution', BEGIN, execution.status);
    this.snapshot.executions.push(execution);
    this.#executions.add(execution);
    this.#events.push(pipelineEvent(execution, 'STARTED'));
  }

  addAction(run: ActionRun): void {
    requireMove('action', BEGIN, run.status);
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
    requireMove('execution', execution.status, status);
    execution.status = status;
    this.touchExecution(execution);
    if (!isLive(execution)) delete execution.position;
    const state = resumed ? 'RESUMED' : executionEventStates[status];
    if (state) this.#events.push(pipelineEvent(execution, state));
  }

  /** The execution is in this stage from now on. */
  addStage(execution: ExecutionState, run: StageRun): void {
    requireMove('stage', BEGIN, run.status);
    setOwn(execution.stages, run.stageName, run);
    this.touchExecution(execution);
    this.#events.push(stageEvent(execution, run, 'STARTED'));
  }

  /** @param resumed a retry, which AWS tells of as RESUMED */
  setStage(execution: ExecutionState, run: StageRun, status: StageStatus, resumed = false): void {
    requireMove('stage', run.status, status);
    run.status = status;
    run.lastUpdate = this.now;
    this.touchExecution(execution);
    const state = resumed ? 'RESUMED' : stageEventStates[status];
    if (state) this.#events.push(stageEvent(execution, run, state));
  }

  setCondition(execution: ExecutionState, run: ConditionRun, status: ConditionStatus): void {
    requireMove('condition', run.status, status);
    run.status = status;
    run.lastChange = this.now;
    this.touchExecution(execution);
  }

  /** @param cancelled the pipeline was updated under it, which AWS tells of as CANCELED */
  setAction(run: ActionRun, status: ActionStatus, cancelled = false): void {
    requireMove('action', run.status, status);
    run.status = status;
    this.touchAction(run);
    if (status !== 'InProgress') {
      this.#tell(run, cancelled ? 'CANCELED' : actionEventStates[status]);
    }
  }

  #tell(run: ActionRun, state: string): void {
    const execution = this.execution(run.executionId);
    // Nothing is told of rules, as on AWS.
    if (!execution || run.rule) return;
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

/** AWS tells of no stage that was skipped. */
const stageEventStates: Partial<Record<StageStatus, string>> = {
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
