import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
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
  readonly agent: Agent;
  /** It speaks TLS. */
  readonly secure: boolean;
  /** Since when it gets more and more (epoch milliseconds); undefined where it gets its share. */
  #startedAt: number | undefined;
  #cancelCheck: (() => void) | undefined;
  #cancelDrain: (() => void) | undefined;
  #closed = false;
  readonly #group: LiveGroup;

  constructor(group: LiveGroup, plan: TargetPlan) {
    this.#group = group;
    this.plan = plan;
    this.health = plan.health;
    this.secure = group.plan.secure ?? false;
    const kept = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS };
    // Which certificate a target has is not looked at, as ELB does not.
    this.agent = this.secure
      ? new SecureAgent({ ...kept, rejectUnauthorized: false })
      : new Agent(kept);
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
      const at = { address, port: check.port ?? port };
      // A check may go to another port than the traffic, and no further than that may.
      const failure = this.#group.context.reach({ ...this.plan, ...at })
        ? await checkOnce(at, check)
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
    if (health.state === 'healthy' && this.health.state !== 'healthy') this.#startSlowly();
    this.health = health;
    if (changed) this.#group.context.onHealth(this.#group.plan.id, this.id, health);
  }

  /** How much of its share it gets: less than 1 while it starts slowly. */
  get share(): number {
    const { slowStartMs = 0 } = this.#group.plan;
    if (this.#startedAt === undefined) return 1;
    const share = (this.#group.context.clock.now().getTime() - this.#startedAt) / slowStartMs;
    if (share >= 0 && share < 1) return share;
    this.#startedAt = undefined;
    return 1;
  }

  /** Beside others that have begun: those that begin together share all there is from the start. */
  #startSlowly(): void {
    const { plan, targets, context } = this.#group;
    const others = [...targets.values()].some(
      (one) => one !== this && one.health.state === 'healthy' && one.share === 1,
    );
    if (plan.slowStartMs && others) this.#startedAt = context.clock.now().getTime();
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
  #all: LiveTarget[] = [];

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
      const same = now?.address === live.plan.address && now.port === live.plan.port;
      if (now && same && live.secure === (plan.secure ?? false)) live.update(now, checkChanged);
      else {
        this.targets.delete(id);
        live.close();
      }
    }
    for (const target of plan.targets)
      if (!this.targets.has(target.id)) this.targets.set(target.id, new LiveTarget(this, target));
    this.#all = [...this.targets.values()];
  }

  /** The target for a new request, or none. @param but those that have been tried */
  choose(but: ReadonlySet<LiveTarget>): LiveTarget | undefined {
    const all = available(this.#all);
    const left = but.size === 0 ? all : all.filter((one) => !but.has(one));
    const turn = this.#turn++;
    const outstanding = (id: string) => this.targets.get(id)?.under.size ?? 0;
    const how = { turn, random: Math.random(), outstanding };
    const chosen = chooseTarget(this.plan.algorithm, left, how);
    if (!chosen || chosen.share >= 1 || Math.random() < chosen.share) return chosen;
    const begun = left.filter(({ share }) => share >= 1);
    return chooseTarget(this.plan.algorithm, begun, how) ?? chosen;
  }

  /** The target that a client's address leads to. */
  chooseBy(key: string, but: ReadonlySet<LiveTarget>): LiveTarget | undefined {
    return byKey(
      available(this.#all).filter((one) => !but.has(one)),
      key,
    );
  }

  /** The target that a cookie names, if it may be used. */
  stuck(matches: (id: string) => boolean): LiveTarget | undefined {
    return available(this.#all).find(({ id }) => matches(id));
  }

  close(): void {
    for (const target of this.targets.values()) target.close();
  }
}
