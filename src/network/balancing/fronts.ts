import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { SecureContext, TlsOptions } from 'node:tls';
import { type Member, makeSharedListener } from './member.ts';
import { opened, shut } from './open.ts';
import { servernameOf } from './tcp.ts';
import { bareHost } from './view.ts';

/** Where names that end in `.localhost` lead: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const HOME = '127.0.0.1';
const PATIENCE = { idleMs: 60_000, keepAliveMs: 3_600_000 };

type Members = Map<string, Member>;

interface Front {
  protocol: Member['protocol'];
  server: Server;
  members: Members;
  sockets: Set<Socket>;
  opening: Promise<void>;
}

/**
 * What listens at 127.0.0.1, where all balancers' names lead: HTTP's are told apart by the host that a request names, TLS's by
 * the server that a client asks for; of TCP's, which say nothing, the first one has the port. A port that another program has
 * stays its own: the balancer is found by its address then.
 */
export class Fronts {
  readonly #fronts = new Map<number, Front>();

  /** Is it a port that balancers have there? */
  has(port: number): boolean {
    return this.#fronts.has(port);
  }

  /** @returns whether its name leads to it */
  async join(port: number, name: string, member: Member): Promise<boolean> {
    const front = this.#fronts.get(port) ?? this.#open(port, member);
    const taken = member.protocol === 'TCP' && front.members.size > 0;
    if (front.protocol !== member.protocol || taken) return front.members.has(name);
    front.members.set(name, member);
    try {
      await front.opening;
      return true;
    } catch {
      front.members.delete(name);
      if (this.#fronts.get(port) === front) this.#fronts.delete(port);
      return false;
    }
  }

  leave(port: number, name: string): void {
    const front = this.#fronts.get(port);
    if (!front?.members.delete(name) || front.members.size > 0) return;
    this.#fronts.delete(port);
    void shut(front.server, front.sockets);
  }

  #open(port: number, { protocol, tls }: Member): Front {
    const members: Members = new Map();
    const byServer = (name?: string) => memberFor(members, name);
    const byRequest = (request: IncomingMessage) =>
      members.get(bareHost(request.headers.host)) ??
      (protocol === 'HTTPS' ? byServer(servernameOf(request.socket)) : onlyOne(members));
    const shared = { protocol, tls: tls && sharedTls(tls, byServer) };
    const server = makeSharedListener(shared, { byRequest, byServer }, PATIENCE);
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    const front = { protocol, server, members, sockets, opening: opened(server, HOME, port) };
    this.#fronts.set(port, front);
    return front;
  }
}

/** A request that names none of them is for the only one there is. */
function onlyOne(members: Members): Member | undefined {
  const [first] = members.values();
  return members.size === 1 ? first : undefined;
}

/** The one that is called so, or has a certificate for it. */
function memberFor(members: Members, name: string | undefined): Member | undefined {
  if (name === undefined) return onlyOne(members);
  const found = members.get(name.toLowerCase());
  return found ?? [...members.values()].find(({ tls }) => tls?.isFor(name)) ?? onlyOne(members);
}

/** Each client gets a certificate of the listener that it asked for. */
function sharedTls(first: NonNullable<Member['tls']>, find: (name?: string) => Member | undefined) {
  const contextFor = (name: string): SecureContext | undefined => find(name)?.tls?.contextFor(name);
  const options = (): TlsOptions => ({
    ...first.options(),
    SNICallback: (name, done) => done(null, contextFor(name)),
  });
  return { options };
}
