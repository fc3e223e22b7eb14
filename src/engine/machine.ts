import type { Database, Tx } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import type { Engine, Reconciler } from './engine.ts';

/**
 * What a decision comes to. It is committed whole: what is to be done outside is never done here, it is an id in the
 * writes, and a wake-up of the reconciler that performs it.
 */
export interface Step<W> {
  /** The rows that change, and the events that tell of it. */
  writes: W;
  /** Whom to wake: the reconciler, and its key. */
  work: Work[];
  /** Held requests that have something to see. */
  rings: string[];
  /** When to look again though nothing has happened, in epoch milliseconds. */
  wakeAt: number | undefined;
}

export interface Work {
  reconciler: string;
  key: string;
}

/** A copy of a snapshot that a decision is worked out on. It remembers what has been touched. */
export interface Draft<W> {
  finish(): Step<W>;
}

/** What a draft of this kind comes to. */
export type StepOf<D extends Draft<unknown>> = ReturnType<D['finish']>;

/** The pure half of a machine. */
export interface Decisions<S, D extends Draft<unknown>> {
  /** A draft that shares nothing with the snapshot, which stays as it is. */
  draft(snapshot: S, now: number): D;
  /** Brings the draft as far as it can go at `now` (epoch milliseconds). Pure. */
  decide(draft: D, now: number): void;
}

interface MachineDefinition<C, L extends { snapshot: S }, S, D extends Draft<unknown>, Q>
  extends Decisions<S, D> {
  /** The name of its reconciler: `codepipeline/pipeline`. */
  name: string;
  /** Everything that a decision looks at, read in `tx`; undefined when the key stands for nothing any more. */
  load(ctx: C, tx: Tx, key: string, subject?: Q): Promise<L | undefined>;
  /** Makes what was decided durable, in the transaction in which the snapshot was read. */
  write(ctx: C, tx: Tx, loaded: L, decided: Decided<StepOf<D>['writes'], Q>): Promise<void>;
  /** Keys that have not come to their end. */
  sweep(ctx: C): Promise<string[]>;
}

interface Decided<W, Q> {
  writes: W;
  /** When it was decided, in epoch milliseconds. */
  now: number;
  subject: Q | undefined;
}

/** What changing something in a transaction needs. */
interface MachineContext {
  clock: Clock;
  engine: Pick<Engine, 'wake' | 'ring'>;
}

export interface Changed<R> {
  /** What the command returned. */
  result: R;
  wakeAt: Date | undefined;
}

export interface Machine<C, D, Q> {
  /** Looks though nothing has happened: time-outs, and what was missed. */
  reconciler: Reconciler<C & Pick<Database, 'transaction'>>;
  /**
   * The one way the state of `key` changes: load, do `command` and all that follows from it, write, wake; all in `tx`.
   * So whoever changes something (a call, an event, the end of some work) brings it to where it can go at once.
   * @param subject what the command is about, for `load` and `write`
   * @returns undefined when the key stands for nothing any more
   * @throws what `command` throws, with nothing changed
   */
  change<R>(
    ctx: C,
    tx: Tx,
    key: string,
    command: (draft: D, now: number) => R,
    subject?: Q,
  ): Promise<Changed<R> | undefined>;
}

/** The pure core: `command` on a copy of the snapshot, then all that follows from it. The same input gives the same step. */
export function takeStep<S, D extends Draft<unknown>, R>(
  machine: Decisions<S, D>,
  snapshot: S,
  now: number,
  command: (draft: D, now: number) => R,
): { result: R; step: StepOf<D> } {
  const draft = machine.draft(snapshot, now);
  const result = command(draft, now);
  machine.decide(draft, now);
  return { result, step: draft.finish() as StepOf<D> };
}

/** A state machine: its state in the database, its decisions pure, its effects other reconcilers' work. */
export function defineMachine<
  C extends MachineContext,
  L extends { snapshot: S },
  S,
  D extends Draft<unknown>,
  Q = never,
>(machine: MachineDefinition<C, L, S, D, Q>): Machine<C, D, Q> {
  const change: Machine<C, D, Q>['change'] = async (ctx, tx, key, command, subject) => {
    const loaded = await machine.load(ctx, tx, key, subject);
    if (!loaded) return undefined;
    const now = ctx.clock.now().getTime();
    const { result, step } = takeStep(machine, loaded.snapshot, now, command);
    await machine.write(ctx, tx, loaded, { writes: step.writes, now, subject });
    for (const { reconciler, key: id } of step.work) await ctx.engine.wake(tx, reconciler, id);
    for (const topic of step.rings) await ctx.engine.ring(tx, topic);
    const wakeAt = step.wakeAt === undefined ? undefined : new Date(step.wakeAt);
    // Time-outs begin with what begins: without that the next look is arranged already.
    if (wakeAt && step.work.length + step.rings.length > 0) {
      await ctx.engine.wake(tx, machine.name, key, wakeAt);
    }
    return { result, wakeAt };
  };
  return {
    change,
    reconciler: {
      name: machine.name,
      async reconcile(ctx, key) {
        const changed = await ctx.transaction((tx) => change(ctx, tx, key, () => undefined));
        return changed?.wakeAt;
      },
      sweep: machine.sweep,
    },
  };
}
