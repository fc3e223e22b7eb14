import type { Server as HttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';
import { bareHost, type HttpFace, makeHttpListener } from './http.ts';
import { opened, shut } from './open.ts';
import { makeTcpListener, type TcpFace } from './tcp.ts';

/** Where names that end in `.localhost` lead: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const HOME = '127.0.0.1';

type Member = { protocol: 'HTTP'; face: HttpFace } | { protocol: 'TCP'; face: TcpFace };

interface Front {
  protocol: 'HTTP' | 'TCP';
  server: Server | HttpServer;
  members: Map<string, Member>;
  sockets: Set<Socket>;
  opening: Promise<void>;
}

/**
 * What listens at 127.0.0.1, where all balancers' names lead: HTTP's are told apart by the host that a request names;
 * of TCP's, which say nothing, the first one has the port. A port that another program has stays its own: the balancer
 * is found by its address then.
 */
export class Fronts {
  readonly #fronts = new Map<number, Front>();

  /** Is it a port that balancers have there? */
  has(port: number): boolean {
    return this.#fronts.has(port);
  }

  /** @returns whether its name leads to it */
  async join(port: number, name: string, member: Member): Promise<boolean> {
    const front = this.#fronts.get(port) ?? this.#open(port, member.protocol);
    if (front.protocol !== member.protocol || (member.protocol === 'TCP' && front.members.size > 0))
      return front.members.has(name);
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

  #open(port: number, protocol: Front['protocol']): Front {
    const members: Front['members'] = new Map();
    const server =
      protocol === 'HTTP'
        ? makeHttpListener((request) => httpMember(members, request.headers.host), {
            idleMs: 60_000,
            keepAliveMs: 3_600_000,
          })
        : makeTcpListener(() => {
            const [first] = members.values();
            return first?.protocol === 'TCP' ? first.face : undefined;
          });
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
function httpMember(members: Front['members'], host: string | undefined): HttpFace | undefined {
  const [first] = members.values();
  const found = members.get(bareHost(host)) ?? (members.size === 1 ? first : undefined);
  return found?.protocol === 'HTTP' ? found.face : undefined;
}
