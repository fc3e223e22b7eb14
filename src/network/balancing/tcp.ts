import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, TLSSocket } from 'node:tls';
import { byWeight } from './choose.ts';
import type { LiveGroup, LiveTarget } from './group.ts';
import { join } from './join.ts';
import type { Action } from './plan.ts';
import { connectToSecure, type LiveTls } from './tls.ts';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout */
const IDLE_MS = 350_000;
const CONNECT_MS = 10_000;

/** A TCP listener as a connection finds it. */
export interface TcpFace {
  action(): Action | undefined;
  group(id: string): LiveGroup | undefined;
  /** How long nothing may move on a connection; undefined for the usual. */
  idleMs: number | undefined;
}

/** A server each of whose connections goes to a target, byte by byte; TLS ends here where there is some. */
export function makeTcpListener(face: TcpFace, tls?: Pick<LiveTls, 'options'> | undefined): Server {
  const take = (client: Socket) => {
    client.on('error', () => client.destroy());
    const action = face.action();
    if (action?.kind !== 'forward') {
      client.destroy();
      return;
    }
    const chosen = byWeight(action.groups, Math.random());
    const group = chosen && face.group(chosen.id);
    if (group) tryTarget(client, group, { tried: new Set(), idleMs: face.idleMs });
    else client.destroy();
  };
  const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
  return tls
    ? createSecureServer({ ...options, pauseOnConnect: false, ...tls.options() }, take)
    : createServer(options, take);
}

interface Attempt {
  tried: Set<LiveTarget>;
  idleMs: number | undefined;
}

function tryTarget(client: Socket, group: LiveGroup, attempt: Attempt): void {
  const { tried, idleMs = IDLE_MS } = attempt;
  const target = group.plan.bySource
    ? group.chooseBy(client.remoteAddress ?? '', tried)
    : group.choose(tried);
  // As a network load balancer without targets: the connection is reset.
  if (!target) {
    if (client instanceof TLSSocket) client.destroy();
    else client.resetAndDestroy();
    return;
  }
  tried.add(target);
  if (!target.reachable) {
    tryTarget(client, group, attempt);
    return;
  }
  const { address: host, port } = target.plan;
  const socket = target.secure
    ? connectToSecure({ host, port, allowHalfOpen: true })
    : connect({ host, port, allowHalfOpen: true, noDelay: true });
  const over = target.begin(() => {
    client.destroy();
    socket.destroy();
  });
  let joined = false;
  const gone = () => socket.destroy();
  client.once('close', gone);
  const timer = setTimeout(() => socket.destroy(), CONNECT_MS);
  socket.on('error', () => socket.destroy());
  socket.once(target.secure ? 'secureConnect' : 'connect', () => {
    joined = true;
    clearTimeout(timer);
    client.off('close', gone);
    join(client, socket, idleMs, over);
    client.resume();
  });
  // However it ended, also where the client has gone first: nothing is under way there any more.
  socket.once('close', () => {
    if (joined) return;
    clearTimeout(timer);
    over();
    client.off('close', gone);
    if (!client.destroyed) tryTarget(client, group, attempt);
  });
}
