import { Agent } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import { checkOnce } from './check.ts';
import { available, byKey, chooseTarget } from './choose.ts';
import { afterCheck } from './health.ts';
import type { GroupPlan, Health, TargetPlan } from './plan.ts';
import type { TargetReach } from './reach.ts';

/** Kept for a target while nobody uses them. */
const IDLE_CONNECTIONS = 256;

/** What a group tells whom it belongs to. */
export interface GroupEvents {
  onHealth(group: string, target: string, health: Health): void;
  /** Nothing goes on there any more, or its time is over. */
  onDrained(group: string, target: string): void;
}

export interface GroupContext extends GroupEvents {
  clock: Clock;
  reach: TargetReach;
}

/** A target as it is now. */
export class LiveTarget {
  plan: TargetPlan;
  health: Health;
  /** Requests and connections that are under way, each with what breaks it off. */
  readonly under = new Set<() => void>();
  readonly agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
  #cancelCheck: (() => void) | undefined;
  #cancelDrain: (() => void) | undefined;
  #closed = false;
  readonly #group: LiveGroup;

  constructor(group: LiveGroup, plan: TargetPlan) {
    this.#group = group;
    this.plan = plan;
    this.health = plan.health;
    this.#check();
    this.#drain();
  }

  get id(): string {
    return this.plan.id;
  }

  get drainsUntil(): number | undefined {
    return this.plan.drainsUntil;
  }

  get reachable(): boolean {
    return this.#group.context.reach(this.plan);
  }

  update(plan: TargetPlan, checkChanged: boolean): void {
    const drains = plan.drainsUntil !== this.plan.drainsUntil;
    // Registered again: it is a new one.
    if (drains && plan.drainsUntil === undefined) this.health = plan.health;
    this.plan = plan;
    if (checkChanged || drains) this.#check();
    if (drains) this.#drain();
  }

  /** Something begins there. @returns what to call when it is over */
  begin(breakOff: () => void): () => void {
    this.under.add(breakOff);
    return () => {
      if (this.under.delete(breakOff) && this.under.size === 0) this.#drained();
    };
  }

  close(): void {
    this.#closed = true;
    this.#cancelCheck?.();
    this.#cancelDrain?.();
    // What is under way goes on.
    if (this.under.size === 0) this.agent.destroy();
  }

  #check(): void {
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
    const { check } = this.#group.plan;
    if (this.#closed || !check.enabled || this.drainsUntil !== undefined) return;
    let current = true;
    let cancelTimer = () => {};
    this.#cancelCheck = () => {
      current = false;
      cancelTimer();
    };
    const { clock } = this.#group.context;
    const ask = async () => {
      const began = clock.now().getTime();
      const { address, port } = this.plan;
      const failure = this.reachable
        ? await checkOnce({ address, port: check.port ?? port }, check)
        : ({ kind: 'refused' } as const);
      if (!current) return;
      this.#note(afterCheck(this.health, failure, check));
      cancelTimer = clock.at(new Date(began + check.intervalMs), () => void ask());
    };
    void ask();
  }

  #note(health: Health): void {
    const changed =
      health.state !== this.health.state ||
      JSON.stringify(health.failure) !== JSON.stringify(this.health.failure);
    this.health = health;
    if (changed) this.#group.context.onHealth(this.#group.plan.id, this.id, health);
  }

  #drain(): void {
    this.#cancelDrain?.();
    this.#cancelDrain = undefined;
    const { drainsUntil } = this;
    if (drainsUntil === undefined) return;
    if (this.under.size === 0) {
      this.#drained();
      return;
    }
    this.#cancelDrain = this.#group.context.clock.at(new Date(drainsUntil), () => {
      if (this.#group.plan.endsConnections) for (const breakOff of [...this.under]) breakOff();
      this.#drained();
    });
  }

  #drained(): void {
    if (this.#closed) this.agent.destroy();
    if (this.#closed || this.drainsUntil === undefined) return;
    this.#cancelDrain?.();
    this.#group.context.onDrained(this.#group.plan.id, this.id);
  }
}

/** A group as it is now. */
export class LiveGroup {
  plan: GroupPlan;
  readonly context: GroupContext;
  readonly targets = new Map<string, LiveTarget>();
  #turn = 0;

  constructor(plan: GroupPlan, context: GroupContext) {
    this.plan = plan;
    this.context = context;
    this.update(plan);
  }

  update(plan: GroupPlan): void {
    const checkChanged = JSON.stringify(plan.check) !== JSON.stringify(this.plan.check);
    this.plan = plan;
    const wanted = new Map(plan.targets.map((target) => [target.id, target]));
    for (const [id, live] of this.targets) {
      const now = wanted.get(id);
      if (now && now.address === live.plan.address && now.port === live.plan.port)
        live.update(now, checkChanged);
      else {
        this.targets.delete(id);
        live.close();
      }
    }
    for (const target of plan.targets)
      if (!this.targets.has(target.id)) this.targets.set(target.id, new LiveTarget(this, target));
  }

  /** The target for a new request, or none. @param but those that have been tried */
  choose(but: ReadonlySet<LiveTarget>): LiveTarget | undefined {
    const all = available([...this.targets.values()]);
    const left = but.size === 0 ? all : all.filter((one) => !but.has(one));
    const turn = this.#turn++;
    const outstanding = (id: string) => this.targets.get(id)?.under.size ?? 0;
    return chooseTarget(this.plan.algorithm, left, { turn, random: Math.random(), outstanding });
  }

  /** The target that a client's address leads to. */
  chooseBy(key: string, but: ReadonlySet<LiveTarget>): LiveTarget | undefined {
    return byKey(
      available([...this.targets.values()]).filter((one) => !but.has(one)),
      key,
    );
  }

  /** The target that a cookie names, if it may be used. */
  stuck(matches: (id: string) => boolean): LiveTarget | undefined {
    return available([...this.targets.values()]).find(({ id }) => matches(id));
  }

  close(): void {
    for (const target of this.targets.values()) target.close();
  }
}
