import type { Build } from '@aws-sdk/client-codebuild';
import type { NewEvent } from '../../../engine/events.ts';
import type { Draft as MachineDraft, Step as MachineStep } from '../../../engine/machine.ts';
import { buildKey, endTopic, LEFTOVERS, STOP, WORK, workTopic } from '../reconcilers/names.ts';
import type { Owner, Slot } from '../store/tables.ts';
import { autoRetryOf, type NextTry } from './auto-retry.ts';
import type { BuildInputs, BuildRun } from './build-record.ts';
import { closingLines, currentPhase, endPhase, type PhaseEnd, waiting } from './build-state.ts';
import { deadlineOf, isDriven, NEVER, queuedUntil } from './deadlines.ts';
import { phaseChangeEvent, stateChangeEvent } from './events.ts';
import type { Phase } from './phases.ts';

/** All that there is of a build. */
export interface BuildFacts extends Owner {
  id: string;
  slot: Slot;
  /** ARN of the fleet that it counts for; undefined of one that runs on demand, overflow too. */
  fleetArn: string | undefined;
  stopRequested: boolean;
  logOffset: number;
  logSending: number;
  reportOffset: number;
  build: Build;
  inputs: BuildInputs;
  run: BuildRun;
  /** Sealed. */
  secrets: string;
}

export interface Snapshot extends BuildFacts {
  /** There is a slot for it; only looked at while it waits for one. */
  hasRoom: boolean;
  /** That slot is not its fleet's, which has none left. */
  overflows?: boolean;
  /** Why there is none. */
  waitsFor?: string;
  /** Why there never will be one. */
  lost?: string;
  /** It is tried again by itself when it fails: its project is there. */
  canRetry: boolean;
}

export type BuildChange = Partial<
  Pick<
    BuildFacts,
    | 'build'
    | 'run'
    | 'slot'
    | 'fleetArn'
    | 'secrets'
    | 'logOffset'
    | 'logSending'
    | 'reportOffset'
    | 'stopRequested'
  >
>;

export interface Writes {
  set: BuildChange;
  events: NewEvent[];
  /** The build that begins as this one has failed. */
  next?: NextTry;
}

export type Step = MachineStep<Writes>;

/** What has to be done outside for a build: a phase's own work, or all that its driver runs. */
export type BuildWork = Phase | 'COMMANDS';

/** What has to be done for the build now; undefined when it waits for a slot, or is over. */
export function workOf({ slot, build, run }: BuildFacts): BuildWork | undefined {
  const phase = currentPhase(build);
  if (slot === 'done' || phase === 'SUBMITTED' || phase === 'QUEUED') return undefined;
  return isDriven(run) ? 'COMMANDS' : phase;
}

/** A copy of a build that decisions are worked out on. It remembers what has been touched. */
export class Draft implements MachineDraft<Writes> {
  readonly state: Snapshot;
  readonly now: number;
  readonly #before: BuildWork | undefined;
  readonly #changed = new Set<keyof BuildChange>();
  readonly #events: NewEvent[] = [];
  #stops = false;
  #leaves = false;
  #next: NextTry | undefined;

  constructor(snapshot: Snapshot, now: number) {
    this.state = structuredClone(snapshot);
    this.#before = workOf(snapshot);
    this.now = now;
  }

  get phase(): Phase {
    return currentPhase(this.state.build);
  }

  set(change: BuildChange): void {
    Object.assign(this.state, change);
    for (const name of Object.keys(change)) this.#changed.add(name as keyof BuildChange);
  }

  setRun(change: Partial<BuildRun>): void {
    this.set({ run: { ...this.state.run, ...change } });
  }

  /** Shows why the build waits for a slot. */
  waits(reason: string | undefined): void {
    const build = waiting(this.state.build, reason);
    if (build !== this.state.build) this.set({ build });
  }

  /** Ends the current phase, begins the next, and tells of it. */
  endPhase(how: PhaseEnd): void {
    const { state } = this;
    const end = this.#stopped(how);
    this.setRun({ closingLines: closingLines(state.run.closingLines ?? [], this.phase, end) });
    const { build: moved, ended } = endPhase(state.build, end);
    const build = this.#retried(moved);
    this.set({ build });
    this.#events.push(phaseChangeEvent(state, build, ended));
    if (build.buildComplete) this.#events.push(stateChangeEvent(state, build));
  }

  /** A build that is over, and has failed, is followed by another (CB-J3). */
  #retried(build: Build): Build {
    const retry = build.buildComplete && this.state.canRetry ? autoRetryOf(build) : undefined;
    this.#next = retry?.next;
    return retry?.ended ?? build;
  }

  /** StopBuild was acknowledged: a phase that does not succeed, for whatever reason, has been stopped. */
  #stopped(end: PhaseEnd): PhaseEnd {
    const counts = this.state.stopRequested && this.phase !== 'FINALIZING';
    return counts && end.status !== 'SUCCEEDED' ? { status: 'STOPPED', at: end.at } : end;
  }

  /**
   * The build is over. @param message why something is left behind all the same: it is cleared away later, as is a place
   * to run that may have been made, or may yet be, though nobody has heard of it
   * @param leaves something is left behind, of which nothing is to be said
   */
  complete(message?: string, leaves = message !== undefined): void {
    const at = new Date(this.now);
    const { run, build } = this.state;
    const provisioned = build.phases?.some(({ phaseType }) => phaseType === 'PROVISIONING');
    this.#leaves = leaves || (provisioned === true && run.handle === undefined);
    this.endPhase({ status: 'SUCCEEDED', at, ...(message && { message }) });
    this.set({ slot: 'done', secrets: '' });
  }

  /** Has the driver's work ended, which ends its phase. */
  stopDriver(): void {
    this.#stops = true;
  }

  finish(): Step {
    const { state } = this;
    const key = buildKey(state, state.id);
    const work = workOf(state);
    const changed = work !== this.#before;
    const set = Object.fromEntries([...this.#changed].map((name) => [name, state[name]]));
    // Also who waits to try again: what was told to end is to be concluded now.
    const starts = (changed || this.#stops) && work ? [{ reconciler: WORK, key }] : [];
    return {
      writes: { set, events: this.#events, ...(this.#next && { next: this.#next }) },
      work: [
        ...starts,
        ...(this.#stops ? [{ reconciler: STOP, key }] : []),
        ...(this.#leaves ? [{ reconciler: LEFTOVERS, key }] : []),
      ],
      rings: [
        ...(changed || this.#stops ? [workTopic(key)] : []),
        ...(this.#changed.has('slot') && state.slot === 'done' ? [endTopic(key)] : []),
      ],
      wakeAt: lookAt(state),
    };
  }
}

/** When its time is up: in the queue, or in its phase. */
function lookAt(state: Snapshot): number | undefined {
  if (state.slot === 'done') return undefined;
  const at = currentPhase(state.build) === 'QUEUED' ? queuedUntil(state) : deadlineOf(state);
  return at.getTime() < NEVER.getTime() ? at.getTime() : undefined;
}

/** The ARN's, in which the build's other ARNs are. */
export const partitionOf = ({ build }: Pick<BuildFacts, 'build'>): string =>
  (build.arn ?? '').split(':')[1] ?? 'aws';
