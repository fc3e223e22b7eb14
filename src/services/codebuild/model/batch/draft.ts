import type { BuildBatchPhase, BuildBatchPhaseType, StatusType } from '@aws-sdk/client-codebuild';
import type { NewEvent } from '../../../../engine/events.ts';
import type { Draft, Step as MachineStep } from '../../../../engine/machine.ts';
import { BATCH_WORK, batchEndTopic, buildKey } from '../../reconcilers/names.ts';
import { batchEndEvent } from './event.ts';
import { openOf } from './groups.ts';
import type { BatchFacts, BatchGroup, BatchRun, Problem } from './record.ts';

export type BatchChange = Partial<Pick<BatchFacts, 'slot' | 'stopRequested' | 'batch' | 'run'>>;

export interface BatchWrites {
  set: BatchChange;
  events: NewEvent[];
}

export type BatchPhase = BuildBatchPhaseType;
export type BatchEnd = 'SUCCEEDED' | 'FAILED' | 'STOPPED' | 'TIMED_OUT';

/** A copy of a batch that decisions are worked out on. It remembers what has been touched. */
export class BatchDraft implements Draft<BatchWrites> {
  readonly state: BatchFacts;
  readonly now: number;
  readonly #before: Set<string>;
  readonly #changed = new Set<keyof BatchChange>();
  readonly #events: NewEvent[] = [];
  #again = false;

  constructor(snapshot: BatchFacts, now: number) {
    this.state = structuredClone(snapshot);
    this.#before = new Set(openOf(snapshot));
    this.now = now;
  }

  get phase(): BatchPhase {
    return (this.state.batch.currentPhase ?? 'SUBMITTED') as BatchPhase;
  }

  set(change: BatchChange): void {
    Object.assign(this.state, change);
    for (const name of Object.keys(change)) this.#changed.add(name as keyof BatchChange);
  }

  setRun(change: Partial<BatchRun>): void {
    this.set({ run: { ...this.state.run, ...change } });
  }

  /** Changes each group for which `change` has something to say. @returns whether any was */
  changeGroups(change: (group: BatchGroup) => Partial<BatchGroup> | undefined): boolean {
    let changed = false;
    const groups = this.state.run.groups.map((group) => {
      const more = change(group);
      changed ||= more !== undefined;
      return more ? { ...group, ...more } : group;
    });
    if (changed) this.setRun({ groups });
    return changed;
  }

  /** Ends the current phase and begins `next`. */
  endPhase(status: StatusType, next: BatchPhase, problem?: Problem): void {
    const { batch } = this.state;
    const at = new Date(this.now);
    const phases = batch.phases ?? [];
    const open: BuildBatchPhase = phases.at(-1) ?? {
      phaseType: this.phase,
      startTime: batch.startTime,
    };
    const startTime = open.startTime ?? at;
    const ended: BuildBatchPhase = {
      ...open,
      phaseStatus: status,
      endTime: at,
      durationInSeconds: Math.floor((at.getTime() - startTime.getTime()) / 1000),
      ...(problem && { contexts: [problem] }),
    };
    const begun = { phaseType: next, startTime: at };
    this.set({
      batch: { ...batch, currentPhase: next, phases: [...phases.slice(0, -1), ended, begun] },
    });
  }

  /** The batch is over, and its last phase says how. */
  complete(end: BatchEnd, problem?: Problem): void {
    const final = end === 'TIMED_OUT' ? 'FAILED' : end;
    // As the documented answer has it.
    const failed = this.phase === 'IN_PROGRESS' ? ('CLIENT_ERROR' as StatusType) : 'FAILED';
    this.endPhase(end === 'FAILED' ? failed : end, final, problem);
    const batch = {
      ...this.state.batch,
      ...{ buildBatchStatus: end, complete: true, endTime: new Date(this.now) },
    };
    this.set({ slot: 'done', batch });
    this.#events.push(batchEndEvent(this.state, batch));
  }

  /** What could not be done before may be possible now. */
  tryAgain(): void {
    this.#again = true;
  }

  finish(): MachineStep<BatchWrites> {
    const { state } = this;
    const key = buildKey(state, state.id);
    const open = openOf(state);
    const asked = this.#again || open.some((id) => !this.#before.has(id));
    const set = Object.fromEntries([...this.#changed].map((name) => [name, state[name]]));
    const over = this.#changed.has('slot') && state.slot === 'done';
    return {
      writes: { set, events: this.#events },
      work: asked && open.length > 0 ? [{ reconciler: BATCH_WORK, key }] : [],
      rings: over ? [batchEndTopic(key)] : [],
      wakeAt: state.slot === 'done' ? undefined : state.run.deadline,
    };
  }
}
