import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { OpenDatabase } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import * as queue from './queue.ts';

/** How often a node shows that it lives, and looks whether the others do. */
export const BEAT_MS = 3_000;
/**
 * A node is dead when its beat stood still this many looks of another node in a row. Counted in looks, not in
 * time, so that neither clocks that differ nor a machine that slept make a living node look dead.
 */
export const DEAD_AFTER_BEATS = 4;

interface MembershipOptions {
  database: OpenDatabase;
  clock: Clock;
  log: Logger;
  /** Stable over restarts and unique among the nodes; what an earlier process of this name held is free at once. */
  host: string;
  /** After each beat, when others' work may have become free. */
  onBeat: () => Promise<void>;
  /** This node has been declared dead: its leases are lost. It has a new name already. */
  onLost: () => void;
}

/**
 * Who lives. On PostgreSQL each node counts up its beat; one whose beat stands still is buried by the others
 * and its keys go back to the queue. On SQLite there is one node, and nothing beats.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #seen = new Map<string, { beat: number; still: number }>();
  #node = '';
  #cancel: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  #failedBeats = 0;
  #open = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** The name under which this node takes leases now. */
  get node(): string {
    return this.#node;
  }

  async join(): Promise<void> {
    const { database, host } = this.#options;
    for (const other of await queue.nodes(database)) {
      // A database file has one server, so whoever is in it is gone.
      if (database.dialect === 'sqlite' || other.host === host) await this.#bury(other);
    }
    await this.#register();
    this.#open = true;
    this.#schedule();
  }

  async leave(): Promise<void> {
    this.#open = false;
    this.#cancel?.();
    await this.#beating;
    const { database, log } = this.#options;
    await queue.bury(database, this.#node, this.#now()).catch((error) => {
      log.warn({ err: error, node: this.#node }, 'Could not leave; the others will see it');
    });
  }

  /** Beats now, such as when a claim showed that the node has been buried. */
  beatSoon(): void {
    this.#cancel?.();
    void this.#beat();
  }

  #schedule(): void {
    if (!this.#open || this.#options.database.dialect === 'sqlite') return;
    const { clock } = this.#options;
    this.#cancel?.();
    this.#cancel = clock.at(new Date(clock.now().getTime() + BEAT_MS), () => void this.#beat());
  }

  #beat(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#beating ??= this.#beatOnce().finally(() => {
      this.#beating = undefined;
      this.#schedule();
    });
    return this.#beating;
  }

  async #beatOnce(): Promise<void> {
    const { database, log, onBeat } = this.#options;
    try {
      const alive = await queue.beat(database, this.#node, this.#now());
      if (!alive) await this.#lose('This node was declared dead');
      this.#failedBeats = 0;
      await this.#lookAtOthers();
      await onBeat();
    } catch (error) {
      log.error({ err: error }, 'Heartbeat failed');
      // The others may have buried this node by now, and it cannot know.
      if (++this.#failedBeats === DEAD_AFTER_BEATS) this.#options.onLost();
    }
  }

  async #lookAtOthers(): Promise<void> {
    const others = (await queue.nodes(this.#options.database)).filter(
      (other) => other.node !== this.#node,
    );
    for (const other of others) {
      const before = this.#seen.get(other.node);
      const still = before?.beat === other.beat ? before.still + 1 : 0;
      this.#seen.set(other.node, { beat: other.beat, still });
      if (still >= DEAD_AFTER_BEATS) await this.#bury(other);
    }
    const alive = new Set(others.map((other) => other.node));
    for (const node of this.#seen.keys()) if (!alive.has(node)) this.#seen.delete(node);
  }

  async #bury(other: queue.QueueTables['engine_node']): Promise<void> {
    const { database, log } = this.#options;
    log.info({ node: other.node }, 'Takes over from a node that is gone');
    await queue.bury(database, other.node, this.#now());
  }

  async #lose(why: string): Promise<void> {
    this.#options.log.warn({ node: this.#node }, why);
    await this.#register();
    this.#options.onLost();
  }

  async #register(): Promise<void> {
    const { database, host } = this.#options;
    const node = `${host}/${randomBytes(6).toString('hex')}`;
    await queue.register(database, { node, host, now: this.#now() });
    this.#node = node;
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}
