import type { Db, Tx } from '../../db/database.ts';
import type { Balancer } from '../../network/balancing/balancers.ts';
import type { BalancerPlan, Health } from '../../network/balancing/plan.ts';
import { targetKey } from '../../network/balancing/plan.ts';
import type { Platform } from '../platform.ts';

/** Far away: a change rings before. */
const NEVER_MS = 100 * 365 * 86_400_000;
/** A port that another program has is tried again after so long. */
const AGAIN_MS = 30_000;

/** What a kind of load balancers is to who keeps their listeners open. */
export interface BalancerKind<S> {
  /** All that the listeners of one have to know, or undefined where it is gone. */
  read(platform: Platform, key: string): Promise<S | undefined>;
  plan(snapshot: S): BalancerPlan;
  /** Another one with each change that listeners have to know. */
  revision(db: Db | Tx, key: string): Promise<string | undefined>;
  revisionOf(snapshot: S): string;
  /** One that is deleted and made again under its key is another one. */
  creationOf(snapshot: S): string;
  /** They follow it. @param problems why listeners are not open, by their ids */
  applied(platform: Platform, tx: Tx, snapshot: S, problems: Map<string, string>): Promise<void>;
  /** Says of a target what its checks have found. */
  health(platform: Platform, tx: Tx, noted: Noted & { health: Health }): Promise<void>;
  /** Nothing goes on at a target that drains. */
  drained(platform: Platform, tx: Tx, noted: Noted): Promise<void>;
  /** Rung when the listeners have something to learn. */
  changedTopic(key: string): string;
}

interface Noted {
  key: string;
  group: string;
  target: string;
}

/**
 * Keeps a balancer's listeners open as long as it is there: what its reconciler does, which stays with its key. By the lease of that
 * they are one server's at a time, and come back after a restart, here or on another server.
 */
export async function serve<S>(
  kind: BalancerKind<S>,
  platform: Platform,
  key: string,
  signal: AbortSignal,
): Promise<'now' | undefined> {
  const ending: Promise<void>[] = [];
  let run: Run<S> | undefined;
  try {
    while (!signal.aborted) {
      const snapshot = await kind.read(platform, key);
      if (!snapshot) return undefined;
      const creation = kind.creationOf(snapshot);
      if (run?.creation !== creation) {
        if (run) ending.push(end(run));
        run = begin(kind, platform, key, creation);
      }
      const { balancer, notes } = run;
      const problems = await balancer.apply(kind.plan(snapshot));
      await platform.transaction((tx) => kind.applied(platform, tx, snapshot, problems));
      const revision = kind.revisionOf(snapshot);
      const look = async () => {
        await notes.write();
        return (await kind.revision(platform.db, key)) === revision ? undefined : true;
      };
      const now = platform.clock.now().getTime();
      const until = new Date(problems.size > 0 ? now + AGAIN_MS : now + NEVER_MS);
      await platform.engine.heard(kind.changedTopic(key), look, { until, signal });
    }
    return 'now';
  } finally {
    if (run) ending.push(end(run));
    await Promise.all(ending);
  }
}

interface Run<S> {
  creation: string;
  balancer: Balancer;
  notes: Notes<S>;
}

function begin<S>(
  kind: BalancerKind<S>,
  platform: Platform,
  key: string,
  creation: string,
): Run<S> {
  const notes = new Notes(kind, platform, key);
  const balancer = platform.balancers.start({
    onHealth: (group, target, health) => notes.note(group, target, health),
    onDrained: (group, target) => notes.note(group, target, undefined),
  });
  return { creation, balancer, notes };
}

/** What it tells from now on is of nothing that is there any more. */
function end<S>({ balancer, notes }: Run<S>): Promise<void> {
  notes.end();
  return balancer.close();
}

/** What the listeners tell, until it is written: what cannot be written now is tried again with the next look. */
class Notes<S> {
  readonly #kind: BalancerKind<S>;
  readonly #platform: Platform;
  readonly #key: string;
  readonly #pending = new Map<string, { group: string; target: string; health?: Health }>();
  #writing: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(kind: BalancerKind<S>, platform: Platform, key: string) {
    this.#kind = kind;
    this.#platform = platform;
    this.#key = key;
  }

  /** @param health undefined where nothing goes on there any more */
  note(group: string, target: string, health: Health | undefined): void {
    if (this.#ended) return;
    this.#pending.set(targetKey(group, target), { group, target, ...(health && { health }) });
    void this.write();
  }

  end(): void {
    this.#ended = true;
    this.#pending.clear();
  }

  /** Never rejects. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    for (const [name, noted] of [...this.#pending]) {
      try {
        await this.#platform.transaction((tx) => this.#commit(tx, noted));
        if (this.#pending.get(name) === noted) this.#pending.delete(name);
      } catch (error) {
        this.#platform.log.warn({ err: error, balancer: this.#key }, 'a target was not noted');
        return;
      }
    }
  }

  #commit(tx: Tx, { health, ...named }: { group: string; target: string; health?: Health }) {
    const noted = { key: this.#key, ...named };
    return health
      ? this.#kind.health(this.#platform, tx, { ...noted, health })
      : this.#kind.drained(this.#platform, tx, noted);
  }
}
