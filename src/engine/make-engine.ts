import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { OpenDatabase } from '../db/database.ts';
import { afterCommit } from '../db/scope.ts';
import type { Clock } from '../lib/clock.ts';
import { type Doorbell, localDoorbell } from './doorbell.ts';
import type { Engine, QueueLength, Reconciler } from './engine.ts';
import { Held } from './held.ts';
import { Membership } from './membership.ts';
import * as queue from './queue.ts';
import { Runner } from './runner.ts';
import { queueLengths, readStatus } from './status.ts';
import { SWEEPER, sweeper } from './sweep.ts';

export interface EngineOptions<C> {
  /** With the schema of `engineMigrations`. */
  database: OpenDatabase;
  clock: Clock;
  log: Logger;
  /** All that may be woken, those of `makeEvents` too. */
  reconcilers: Reconciler<C>[];
  /** What reconcilers get; asked at each run, so that it may hold the engine itself. */
  context: () => C;
  /**
   * Name of this node: unique among the servers of one database and the same after a restart, such as
   * `host:port`. What an earlier process of this name worked on is taken up at start, not after 15 s.
   */
  nodeId?: string;
}

/** Makes the engine. `wake` works from now on; reconcilers run between `start` and `stop`. */
export async function makeEngine<C>(options: EngineOptions<C>): Promise<Engine> {
  const { database, clock, log, context } = options;
  const doorbell: Doorbell =
    database.dialect === 'sqlite' ? localDoorbell() : await sharedDoorbell(options);
  const swept = options.reconcilers.filter((reconciler) => reconciler.sweep);
  const runners = new Map<string, Runner<C>>();

  const membership = new Membership({
    database,
    clock,
    log,
    host: options.nodeId ?? randomUUID(),
    onBeat: async () => {
      const now = clock.now().getTime();
      for (const [name, due] of await queue.firstDue(database)) {
        if (due <= now) void runners.get(name)?.look();
        else runners.get(name)?.lookAt(due);
      }
    },
    onLost: () => {
      for (const runner of runners.values()) runner.abort('The node lost its leases.');
    },
  });
  for (const reconciler of [
    ...options.reconcilers,
    sweeper<C>(database, clock, swept, (tx, name) => doorbell.ring(tx, `${WAKE}${name}`)),
  ]) {
    if (runners.has(reconciler.name))
      throw new Error(`Two reconcilers are called ${reconciler.name}.`);
    const runner = new Runner({
      ...{ database, clock, log, reconciler, context },
      node: () => membership.node,
      onDead: () => membership.beatSoon(),
      onSetBack: () => void engine.lookAgain(),
    });
    runners.set(reconciler.name, runner);
  }
  const engine = new QueueEngine({ database, clock, log, doorbell, membership, runners, swept });
  return engine;
}

/** Loaded only where it is used: an embedded server does not carry it. */
async function sharedDoorbell({
  database: { pool },
  clock,
  log,
}: Pick<EngineOptions<never>, 'database' | 'clock' | 'log'>): Promise<Doorbell> {
  if (!pool) throw new Error('Several nodes need PostgreSQL.');
  const { NotifyDoorbell } = await import('./notify-doorbell.ts');
  return new NotifyDoorbell(pool, clock, log);
}

/** How long the database is given that did not answer. */
const LOOK_AGAIN_MS = 1000;

/** What rings when there is work for reconciler `name`. */
const WAKE = 'engine/wake/';

interface Parts<C> {
  database: OpenDatabase;
  clock: Clock;
  log: Logger;
  doorbell: Doorbell;
  membership: Membership;
  runners: Map<string, Runner<C>>;
  swept: Reconciler<C>[];
}

class QueueEngine<C> implements Engine {
  readonly #parts: Parts<C>;
  readonly #held: Held;
  #stopped: Promise<void> | undefined;

  constructor(parts: Parts<C>) {
    this.#parts = parts;
    this.#held = new Held(parts.clock);
  }

  wake: Engine['wake'] = async (tx, name, key, at) => {
    const { clock, doorbell, runners } = this.#parts;
    const runner = runners.get(name);
    if (!runner) throw new Error(`There is no reconciler ${name}.`);
    const now = clock.now().getTime();
    if (at && at.getTime() > now) {
      await queue.addWakes(tx, name, [key], { dueAt: at.getTime(), now });
      afterCommit(tx, `engine/${name}@${at.getTime()}`, () => runner.lookAt(at.getTime()));
    } else {
      await queue.addWakes(tx, name, [key], { dueAt: queue.AT_ONCE, now });
      await doorbell.ring(tx, `${WAKE}${name}`);
    }
  };

  ring: Engine['ring'] = (tx, topic) => this.#parts.doorbell.ring(tx, topic);

  heard: Engine['heard'] = (topic, look, wait) => this.#held.heard(topic, look, wait);

  async start(): Promise<void> {
    const { doorbell, membership, runners } = this.#parts;
    await membership.join();
    for (const runner of runners.values()) runner.open();
    const lookAll = () => this.#lookAll();
    await this.#dueAgain();
    await doorbell.start(
      (topic) => {
        if (topic.startsWith(WAKE)) void runners.get(topic.slice(WAKE.length))?.look();
        else this.#held.ring(topic);
      },
      () => {
        lookAll();
        this.#held.ringAll();
      },
    );
    await this.sweep();
    lookAll();
  }

  /** The clock has been set back. */
  async lookAgain(): Promise<void> {
    const { log, clock } = this.#parts;
    try {
      await this.#dueAgain();
      this.#lookAll();
    } catch (error) {
      log.error({ err: error }, 'Could not look again after the clock was set back');
      clock.at(new Date(clock.now().getTime() + LOOK_AGAIN_MS), () => void this.lookAgain());
    }
  }

  #dueAgain(): Promise<void> {
    const { database, clock } = this.#parts;
    return queue.dueAgain(database, clock.now().getTime());
  }

  #lookAll(): void {
    for (const runner of this.#parts.runners.values()) void runner.look();
  }

  async sweep(): Promise<void> {
    const { database, clock, doorbell, swept } = this.#parts;
    const names = swept.map((reconciler) => reconciler.name);
    const times = { dueAt: queue.AT_ONCE, now: clock.now().getTime() };
    await database.transaction(async (tx) => {
      await queue.addWakes(tx, SWEEPER, names, times);
      await doorbell.ring(tx, `${WAKE}${SWEEPER}`);
    });
  }

  status: Engine['status'] = () => {
    const { database, clock, membership } = this.#parts;
    const reconcilers = this.#reconcilers();
    return readStatus(database, {
      ...{ reconcilers, node: membership.node, now: clock.now().getTime() },
    });
  };

  async lengths(): Promise<Map<string, QueueLength>> {
    const { database, clock, runners } = this.#parts;
    const found = await queueLengths(database, this.#reconcilers(), clock.now().getTime());
    for (const name of runners.keys())
      if (!found.has(name)) found.set(name, { due: 0, failing: 0 });
    return found;
  }

  #reconcilers() {
    return [...this.#parts.runners.values()].map((runner) => runner.reconciler);
  }

  async idle(): Promise<void> {
    const runners = [...this.#parts.runners.values()];
    const begun = () => runners.reduce((sum, runner) => sum + runner.begun, 0);
    // What one does may be work for another, also when it began and ended after it was asked.
    let before: number;
    let any: boolean;
    do {
      before = begun();
      any = (await Promise.all(runners.map((runner) => runner.drain()))).includes(true);
    } while (any || begun() !== before);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { doorbell, membership, runners } = this.#parts;
    this.#held.close();
    await doorbell.stop();
    await Promise.all([...runners.values()].map((runner) => runner.close()));
    await membership.leave();
  }
}
