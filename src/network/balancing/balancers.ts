import type { Server, Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { HttpFace } from './exchange.ts';
import { Fronts } from './fronts.ts';
import { type GroupEvents, LiveGroup } from './group.ts';
import { type Member, makeListener } from './member.ts';
import { opened, openFailure, shut } from './open.ts';
import type { BalancerPlan, ListenerPlan } from './plan.ts';
import { makeTargetReach, type TargetReach } from './reach.ts';
import { compileRules } from './rules.ts';
import type { TcpFace } from './tcp.ts';
import { LiveTls } from './tls.ts';

/** A balancer that works: it does what it was told last. */
export interface Balancer {
  /** @returns why listeners are not open, by their ids */
  apply(plan: BalancerPlan): Promise<Map<string, string>>;
  /** Closes its ports; what is under way ends, or is broken off after a while. */
  close(): Promise<void>;
}

/** The balancers of this server: real ports of this machine. */
export interface Balancers {
  /** Starts one that does nothing yet. */
  start(events: GroupEvents): Balancer;
  /** May this be a target? */
  reach: TargetReach;
}

export interface BalancersOptions {
  clock: Clock;
  allowed: readonly string[];
  /** Whether programs on this machine may be targets. */
  loopback: boolean;
  /** The server's own ports. */
  ownPorts(): readonly number[];
}

export function makeBalancers({ clock, allowed, loopback, ownPorts }: BalancersOptions): Balancers {
  const fronts = new Fronts();
  const reach = makeTargetReach({
    ...{ allowed, loopback },
    isOwnPort: (port) => fronts.has(port) || ownPorts().includes(port),
  });
  return {
    reach,
    start: (events) => new LiveBalancer(fronts, { ...events, clock, reach }),
  };
}

interface LiveListener {
  plan: ListenerPlan;
  name: string;
  /** Not there where it could not be made. */
  server: Server | undefined;
  sockets: Set<Socket>;
  problem?: string | undefined;
  update(plan: ListenerPlan): void;
}

class LiveBalancer implements Balancer {
  readonly #fronts: Fronts;
  readonly #context: ConstructorParameters<typeof LiveGroup>[1];
  readonly #listeners = new Map<string, LiveListener>();
  readonly #groups = new Map<string, LiveGroup>();
  readonly #closing = new Set<Promise<void>>();
  #plan: BalancerPlan | undefined;

  constructor(fronts: Fronts, context: ConstructorParameters<typeof LiveGroup>[1]) {
    this.#fronts = fronts;
    this.#context = context;
  }

  async apply(plan: BalancerPlan): Promise<Map<string, string>> {
    const before = this.#plan;
    this.#plan = plan;
    const moved = before?.address !== plan.address || before.name !== plan.name;
    this.#applyGroups(plan);
    const wanted = new Map(plan.listeners.map((listener) => [listener.id, listener]));
    const problems = new Map<string, string>();
    for (const [id, live] of this.#listeners) {
      const now = wanted.get(id);
      const same = !moved && now?.port === live.plan.port && now.protocol === live.plan.protocol;
      // One that could not be opened is tried again.
      if (!now || !same || live.problem !== undefined) this.#shut(id, live);
      else {
        const problem = problemOf(() => live.update(now));
        if (problem !== undefined) problems.set(id, problem);
      }
    }
    for (const listener of plan.listeners) {
      if (this.#listeners.has(listener.id)) continue;
      const { problem } = await this.#open(plan, listener);
      if (problem !== undefined) problems.set(listener.id, problem);
    }
    return problems;
  }

  async close(): Promise<void> {
    for (const [id, live] of this.#listeners) this.#shut(id, live);
    await Promise.all(this.#closing);
    for (const group of this.#groups.values()) group.close();
    this.#groups.clear();
  }

  #applyGroups({ groups }: BalancerPlan): void {
    const ids = new Set(groups.map(({ id }) => id));
    for (const [id, group] of this.#groups) {
      if (ids.has(id)) continue;
      this.#groups.delete(id);
      group.close();
    }
    for (const group of groups) {
      const live = this.#groups.get(group.id);
      if (live) live.update(group);
      else this.#groups.set(group.id, new LiveGroup(group, this.#context));
    }
  }

  async #open({ address, name }: BalancerPlan, plan: ListenerPlan): Promise<LiveListener> {
    let route = compileRules(plan.rules);
    const live: LiveListener = {
      ...{ plan, name, server: undefined, sockets: new Set<Socket>() },
      update(now) {
        // First what may fail: the listener goes on as it was then.
        if (now.tls && live.server) tls?.update(now.tls, live.server);
        live.plan = now;
        route = compileRules(now.rules);
      },
    };
    this.#listeners.set(plan.id, live);
    let tls: LiveTls | undefined;
    live.problem = problemOf(() => {
      tls = plan.tls && new LiveTls(plan.tls);
    });
    if (live.problem !== undefined) return live;
    const member = this.#member(live, tls, (request) => route(request));
    const server = makeListener(member, (request) =>
      this.#fronts.isMisdirected(plan.port, name, request),
    );
    live.server = server;
    server.on('connection', (socket: Socket) => {
      live.sockets.add(socket);
      socket.once('close', () => live.sockets.delete(socket));
    });
    try {
      await opened(server, address, plan.port);
      await this.#fronts.join(plan.port, name, { member, server });
    } catch (error) {
      live.problem = openFailure(error, address, plan.port);
    }
    return live;
  }

  #member(live: LiveListener, tls: LiveTls | undefined, route: HttpFace['route']): Member {
    const group = (id: string) => this.#groups.get(id);
    const current = () => this.#plan as BalancerPlan;
    const { protocol } = live.plan;
    if (protocol === 'HTTP' || protocol === 'HTTPS') {
      const face: HttpFace = {
        get plan() {
          return current();
        },
        get listener() {
          return live.plan;
        },
        ...{ group, route },
      };
      return { protocol, face, tls };
    }
    const face: TcpFace = {
      group,
      action: () => live.plan.rules.at(-1)?.action,
      get idleMs() {
        return live.plan.idleMs;
      },
    };
    return { protocol, face, tls };
  }

  /** Its port is free at once. */
  #shut(id: string, live: LiveListener): void {
    this.#listeners.delete(id);
    if (live.problem !== undefined || !live.server) return;
    this.#fronts.leave(live.plan.port, live.name, live.server);
    const closing = shut(live.server, live.sockets).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** What it is told of TLS may be of no use. */
function problemOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return `its certificate cannot be used: ${(error as Error).message}`;
  }
}
