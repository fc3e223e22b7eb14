import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { helloOf } from './client-hello.ts';
import { makeHttpListener } from './http-listener.ts';
import { isHttp, type Member } from './member.ts';
import { opened, PATIENCE_MS, shut } from './open.ts';
import { bareHost } from './view.ts';

/** Where names that end in `.localhost` lead: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const HOME = '127.0.0.1';
/** How long a client may take to say whom it wants. */
const HELLO_MS = 10_000;
/** Before the first request has said whose it is. */
const IDLE_MS = 60_000;

/** A member, and the server that listens for it alone, at its own address. */
export interface Joined {
  member: Member;
  server: Server;
}
type Members = Map<string, Joined>;

interface Front {
  protocol: Member['protocol'];
  server: Server;
  members: Members;
  sockets: Set<Socket>;
  /** HTTP: whose request came last on a connection. */
  users: Map<Socket, string>;
  opening: Promise<void>;
}

/**
 * What listens at 127.0.0.1, where all balancers' names lead: HTTP's are told apart by the host that a request names, TLS's by
 * the server that a client asks for, before anything is answered: the connection is then its own server's, by whose certificates
 * and policy it is spoken. Of TCP's, which say nothing, the first one has the port. A port that another program has stays its
 * own: the balancer is found by its address then.
 */
export class Fronts {
  readonly #fronts = new Map<number, Front>();

  /** Is it a port that balancers have there? */
  has(port: number): boolean {
    return this.#fronts.has(port);
  }

  /** @returns whether its name leads to it */
  async join(port: number, name: string, joined: Joined): Promise<boolean> {
    const { protocol } = joined.member;
    const front = this.#fronts.get(port) ?? this.#open(port, protocol);
    const taken = protocol === 'TCP' && front.members.size > 0;
    if (front.protocol !== protocol || taken || front.members.has(name)) return false;
    front.members.set(name, joined);
    try {
      await front.opening;
      return true;
    } catch {
      if (front.members.get(name) === joined) front.members.delete(name);
      if (this.#fronts.get(port) === front) this.#fronts.delete(port);
      return false;
    }
  }

  /** Nothing happens where another one is there by this name. */
  leave(port: number, name: string, server: Server): void {
    const front = this.#fronts.get(port);
    if (front?.members.get(name)?.server !== server) return;
    front.members.delete(name);
    const left = [...front.users].filter(([, user]) => user === name);
    if (front.members.size === 0) {
      this.#fronts.delete(port);
      void shut(front.server, front.sockets);
    } else if (left.length > 0) endLater(front, name, left);
  }

  /** Has a client that asked for `name` come to this request by it, and means another one of this port? */
  isMisdirected(port: number, name: string, request: IncomingMessage): boolean {
    const { localAddress } = request.socket;
    if (localAddress !== HOME) return false;
    const host = bareHost(request.headers.host);
    return host !== name && this.#fronts.get(port)?.members.has(host) === true;
  }

  #open(port: number, protocol: Member['protocol']): Front {
    const members: Members = new Map();
    const users: Front['users'] = new Map();
    const server = protocol === 'HTTP' ? byRequest(members, users) : byHello(protocol, members);
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        users.delete(socket);
      });
    });
    const opening = opened(server, HOME, port);
    const front = { protocol, server, members, sockets, users, opening };
    this.#fronts.set(port, front);
    return front;
  }
}

/** What one that has left still has under way may end, for a while. */
function endLater(front: Front, name: string, left: [Socket, string][]): void {
  const timer = setTimeout(() => {
    for (const [socket] of left) if (front.users.get(socket) === name) socket.destroy();
  }, PATIENCE_MS);
  timer.unref();
}

/** A server each of whose requests finds its member. */
function byRequest(members: Members, users: Front['users']): Server {
  return makeHttpListener(
    (request) => {
      const host = bareHost(request.headers.host);
      const found = members.has(host) ? host : onlyOne(members);
      const member = found === undefined ? undefined : members.get(found)?.member;
      if (found === undefined || !isHttp(member)) return undefined;
      users.set(request.socket, found);
      return member.face;
    },
    { idleMs: () => IDLE_MS },
  );
}

/** A server that hands each connection on to its member's own. */
function byHello(protocol: Member['protocol'], members: Members): Server {
  const secure = protocol !== 'TCP';
  // As the servers have it that take them over.
  const options = { noDelay: true, allowHalfOpen: protocol !== 'HTTPS', pauseOnConnect: true };
  return createServer(options, (socket) => {
    const handOver = (name: string | undefined) => {
      const found = memberFor(members, name);
      if (found) found.server.emit('connection', socket);
      else socket.destroy();
    };
    if (secure) void peek(socket, handOver);
    else handOver(undefined);
  });
}

/** Reads who is asked for, and puts back what it has read. */
function peek(socket: Socket, then: (name: string | undefined) => void): void {
  const gone = () => socket.destroy();
  const timer = setTimeout(gone, HELLO_MS);
  let have: Buffer = Buffer.alloc(0);
  const settled = () => {
    clearTimeout(timer);
    socket.off('data', take).off('end', gone).off('error', gone).off('close', settled);
  };
  const take = (part: Buffer) => {
    have = have.length === 0 ? part : Buffer.concat([have, part]);
    const hello = helloOf(have);
    if (hello === 'more') return;
    settled();
    socket.pause();
    socket.unshift(have);
    then(hello.name);
  };
  socket.on('data', take).on('end', gone).on('error', gone).on('close', settled);
  socket.resume();
}

/** Who names none of them means the only one there is. */
function onlyOne(members: Members): string | undefined {
  const [first] = members.keys();
  return members.size === 1 ? first : undefined;
}

/** The one that is called so, or has a certificate for it: one for the very name before one for all of a domain. */
function memberFor(members: Members, name: string | undefined): Joined | undefined {
  const all = [...members.values()];
  const found =
    name !== undefined &&
    (members.get(name) ??
      all.find(({ member }) => member.tls?.isFor(name) === 'exact') ??
      all.find(({ member }) => member.tls?.isFor(name) === 'wildcard'));
  return found || members.get(onlyOne(members) ?? '');
}
