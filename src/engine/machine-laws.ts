import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decisions, type Draft, type StepOf, takeStep } from './machine.ts';

/** Something outside that a commit has asked for: a build, a command of a host. */
export interface Open {
  id: string;
  /** The key of the work, or the topic of the ring, that tells somebody of it. */
  toldBy: string;
}

/** A machine for its laws: how stories with it begin, and what is outside of it. */
export interface World<S, D extends Draft<unknown>> extends Decisions<S, D> {
  /** Snapshots that can come about, and when they are looked at (epoch milliseconds). */
  moments: fc.Arbitrary<{ snapshot: S; now: number }>;
  /** The snapshot with what a step writes put in, as the store does it; the one given stays as it is. */
  written(snapshot: S, writes: StepOf<D>['writes']): S;
  /** What is asked for and not done yet. */
  open(snapshot: S): Open[];
  /** Reports that something open is done. */
  done(draft: D, id: string, now: number): void;
  /** Is there nothing more to come? */
  ended(snapshot: S): boolean;
}

/** More commits than any story has. */
const MOST_COMMITS = 2_000;
/** Time goes on by this much with each thing that is done. */
const PAUSE_MS = 1_000;

/** The laws of every machine, as tests. */
export function machineLaws<S, D extends Draft<unknown>>(name: string, world: World<S, D>): void {
  const step = (snapshot: S, now: number) => takeStep(world, snapshot, now, () => undefined).step;
  const holds = (law: (snapshot: S, now: number) => void) =>
    fc.assert(fc.property(world.moments, ({ snapshot, now }) => law(snapshot, now)));

  describe(`the laws of ${name}`, () => {
    it('is pure: the same input gives the same step, and stays as it was', () =>
      holds((snapshot, now) => {
        const frozen = deepFreeze(structuredClone(snapshot));
        const first = step(frozen, now);
        expect(step(frozen, now)).toEqual(first);
        expect(frozen).toEqual(snapshot);
      }));

    it('does nothing the second time', () =>
      holds((snapshot, now) => {
        const after = world.written(snapshot, step(snapshot, now).writes);
        const again = step(after, now);
        expect(isNothing(again.writes), JSON.stringify(again.writes)).toBe(true);
        expect([again.work, again.rings]).toEqual([[], []]);
      }));

    it('converges: once everything is done, it has come to its end', () =>
      holds((snapshot, now) => {
        const { snapshot: last, commits } = play(world, snapshot, now, []);
        expect(commits).toBeLessThan(MOST_COMMITS);
        expect(world.ended(last)).toBe(true);
      }));

    it('ends alike with a crash between any two commits', () => {
      const crashes = fc.array(fc.boolean(), { maxLength: 200 });
      fc.assert(
        fc.property(world.moments, crashes, ({ snapshot, now }, crash) => {
          const { commits: _, ...undisturbed } = play(world, snapshot, now, []);
          expect(play(world, snapshot, now, crash)).toMatchObject(undisturbed);
        }),
      );
    });
  });
}

/**
 * Plays a story to its end: the machine looks, and what it asked for is done and reported, one after another.
 * @param crashes for each commit whether the server dies just before it: what was worked out, and whatever was done
 *   outside, is not known any more
 */
function play<S, D extends Draft<unknown>>(
  world: World<S, D>,
  begin: S,
  now: number,
  crashes: boolean[],
): { snapshot: S; asked: string[]; commits: number } {
  const asked = new Set<string>();
  let snapshot = begin;
  let reported = 0;
  let commits = 0;
  /** @returns false when the server died before */
  const commit = (command: (draft: D, now: number) => void): boolean => {
    const { step } = takeStep(world, snapshot, now + reported * PAUSE_MS, command);
    if (crashes[commits++]) return false;
    const after = world.written(snapshot, step.writes);
    expectTold(world, snapshot, after, step);
    snapshot = after;
    return true;
  };
  while (commits < MOST_COMMITS) {
    if (!commit(() => undefined)) continue;
    const [next] = world.open(snapshot).sort((a, b) => (a.id < b.id ? -1 : 1));
    if (!next) break;
    // Done under its id, so that doing it once more changes nothing outside.
    asked.add(next.id);
    if (commit((draft, at) => world.done(draft, next.id, at))) reported += 1;
  }
  return { snapshot, asked: [...asked], commits };
}

/** What a commit asks for is told of in the same commit; otherwise a crash after it would leave it undone. */
function expectTold<S, D extends Draft<unknown>>(
  world: World<S, D>,
  before: S,
  after: S,
  { work, rings }: StepOf<D>,
): void {
  const known = new Set(world.open(before).map(({ id }) => id));
  const told = new Set([...work.map(({ key }) => key), ...rings]);
  for (const { id, toldBy } of world.open(after)) {
    if (!known.has(id)) expect(told, `who is told of ${id}`).toContain(toldBy);
  }
}

/** Nothing to write: no rows, whatever form the writes have. */
function isNothing(writes: unknown): boolean {
  if (writes === undefined) return true;
  if (Array.isArray(writes)) return writes.length === 0;
  return typeof writes === 'object' && writes !== null && Object.values(writes).every(isNothing);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
