import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { type Health, targetKey } from '../../../network/balancing/plan.ts';
import { AGAIN_MS } from '../limits.ts';
import { planOf, type Snapshot } from '../model/plan.ts';
import { targetName } from '../model/things.ts';
import { findBalancer, revisionsOf, setApplied } from '../store/balancers.ts';
import { groupsOfBalancer } from '../store/groups.ts';
import { listListeners, rulesOf, setProblem } from '../store/listeners.ts';
import { deleteTarget, listTargets, putTarget, targetsOf } from '../store/targets.ts';
import { sweeps } from '../sweeps.ts';
import { changed } from './change.ts';
import { appliedTopic, changedTopic, SERVE } from './names.ts';

/** Balancers at a time on one server. */
const CONCURRENCY = 1000;
/** Far away: a change rings before. */
const NEVER_MS = 100 * 365 * 86_400_000;

/**
 * Keeps a balancer's listeners open: by the lease of its key they are one server's at a time, and come back after a
 * restart, here or on another server.
 */
export const serveReconciler = defineReconciler<Platform>({
  name: SERVE,
  concurrency: CONCURRENCY,
  stays: true,
  async reconcile(platform, arn, signal) {
    const notes = new Notes(platform, arn);
    const balancer = platform.balancers.start({
      onHealth: (group, target, health) => notes.health(group, target, health),
      onDrained: (group, target) => notes.drained(group, target),
    });
    try {
      while (!signal.aborted) {
        const snapshot = await read(platform.db, arn);
        if (!snapshot) return undefined;
        const problems = await balancer.apply(planOf(snapshot));
        await platform.transaction((tx) => noteApplied(platform, tx, snapshot, problems));
        await somethingNew(platform, snapshot, { again: problems.size > 0, signal, notes });
      }
      return 'now';
    } finally {
      await balancer.close();
    }
  },
  sweep: sweeps[SERVE],
});

async function read(db: Tx, arn: string): Promise<Snapshot | undefined> {
  const balancer = await findBalancer(db, arn);
  if (!balancer) return undefined;
  const listeners = await listListeners(db, arn);
  const groups = await groupsOfBalancer(db, arn);
  const arnsOf = (all: readonly { arn: string }[]) => all.map((one) => one.arn);
  const rules = await rulesOf(db, arnsOf(listeners));
  const targets = await targetsOf(db, arnsOf(groups));
  return { balancer, listeners, rules, groups, targets };
}

async function noteApplied(
  platform: Platform,
  tx: Tx,
  { balancer, listeners }: Snapshot,
  problems: Map<string, string>,
): Promise<void> {
  for (const { arn, problem } of listeners)
    if (problems.get(arn) !== problem) await setProblem(tx, arn, problems.get(arn));
  await setApplied(tx, balancer.arn, balancer.revision);
  await platform.engine.ring(tx, appliedTopic(balancer.arn));
}

/** Resolves when there is something else to do than what the listeners do. */
async function somethingNew(
  platform: Platform,
  { balancer: { arn, revision } }: Snapshot,
  { again, signal, notes }: { again: boolean; signal: AbortSignal; notes: Notes },
): Promise<void> {
  const now = platform.clock.now().getTime();
  const until = new Date(again ? now + AGAIN_MS : now + NEVER_MS);
  const look = async () => {
    await notes.write();
    const found = await revisionsOf(platform.db, arn);
    return found?.revision === revision ? undefined : true;
  };
  await platform.engine.heard(changedTopic(arn), look, { until, signal });
}

/** What the listeners tell, until it is written: what cannot be written now is tried again with the next look. */
class Notes {
  readonly #platform: Platform;
  readonly #arn: string;
  readonly #pending = new Map<string, { group: string; target: string; health?: Health }>();
  #writing: Promise<void> = Promise.resolve();

  constructor(platform: Platform, arn: string) {
    this.#platform = platform;
    this.#arn = arn;
  }

  health(group: string, target: string, health: Health): void {
    this.#note(group, target, { group, target, health });
  }

  drained(group: string, target: string): void {
    this.#note(group, target, { group, target });
  }

  /** Never rejects. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  #note(group: string, target: string, noted: { group: string; target: string; health?: Health }) {
    this.#pending.set(targetKey(group, target), noted);
    void this.write();
  }

  async #write(): Promise<void> {
    for (const [key, noted] of [...this.#pending]) {
      try {
        await this.#platform.transaction((tx) => this.#commit(tx, noted));
        if (this.#pending.get(key) === noted) this.#pending.delete(key);
      } catch (error) {
        this.#platform.log.warn({ err: error, balancer: this.#arn }, 'a target was not noted');
        return;
      }
    }
  }

  async #commit(
    tx: Tx,
    { group, target, health }: { group: string; target: string; health?: Health },
  ): Promise<void> {
    const found = (await listTargets(tx, group)).find((one) => targetName(one) === target);
    // Registered again, or gone.
    if (!found || (found.drainsUntil !== undefined) === (health !== undefined)) return;
    if (health) return putTarget(tx, { ...found, health });
    await deleteTarget(tx, found);
    await changed(this.#platform, tx, this.#arn);
  }
}
