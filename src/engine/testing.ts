import { pino } from 'pino';
import type { OpenDatabase } from '../db/database.ts';
import { ManualClock } from '../lib/clock.ts';
import type { Engine, Reconciler } from './engine.ts';
import { makeEngine } from './make-engine.ts';
import { engineMigrations } from './migrations.ts';

export const engineSchema = { service: 'engine', migrations: engineMigrations };

/** Collects what happens, and lets a test wait until it has. */
export class Journal {
  readonly entries: string[] = [];
  #waiting: (() => void)[] = [];

  add(entry: string): void {
    this.entries.push(entry);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when `enough` holds of the entries. */
  async until(enough: (entries: string[]) => boolean): Promise<void> {
    while (!enough(this.entries)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when there are `count` entries. */
  has(count: number): Promise<void> {
    return this.until((entries) => entries.length >= count);
  }
}

/** A moment between now and `withinMs`: when to kill something is what a test tries out. */
export function randomMoment(withinMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * withinMs));
}

/** Something that a test opens when it wants. */
export class Gate {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

interface TestEngine {
  engine: Engine;
  clock: ManualClock;
  wake(name: string, key: string, at?: Date): Promise<void>;
}

/** An engine on `database` that stops when that is closed; its clock stands still until it is moved. */
export async function testEngine(
  database: OpenDatabase,
  reconcilers: Reconciler<undefined>[],
  { clock = new ManualClock(), nodeId }: { clock?: ManualClock; nodeId?: string } = {},
): Promise<TestEngine> {
  const log = pino({ level: process.env.SLIPWAY_TEST_LOG ?? 'silent' });
  const context = () => undefined;
  const engine = await makeEngine({ database, clock, log, reconcilers, context, nodeId });
  const close = database.close;
  database.close = async () => {
    await engine.stop();
    await close();
  };
  return {
    engine,
    clock,
    wake: (name, key, at) => database.transaction((tx) => engine.wake(tx, name, key, at)),
  };
}
