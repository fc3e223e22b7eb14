import { connect, createServer, type Server, type Socket } from 'node:net';
import { byWeight } from './choose.ts';
import type { LiveGroup, LiveTarget } from './group.ts';
import { join } from './http.ts';
import type { Action } from './plan.ts';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout */
const IDLE_MS = 350_000;
const CONNECT_MS = 10_000;

/** A TCP listener as a connection finds it. */
export interface TcpFace {
  action(): Action | undefined;
  group(id: string): LiveGroup | undefined;
}

/** A server each of whose connections goes to a target, byte by byte. */
export function makeTcpListener(face: () => TcpFace | undefined): Server {
  return createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => client.destroy());
    const found = face();
    const action = found?.action();
    if (!found || action?.kind !== 'forward') {
      client.destroy();
      return;
    }
    const chosen = byWeight(action.groups, Math.random());
    const group = chosen && found.group(chosen.id);
    if (group) tryTarget(client, group, new Set());
    else client.destroy();
  });
}

function tryTarget(client: Socket, group: LiveGroup, tried: Set<LiveTarget>): void {
  const target = group.plan.bySource
    ? group.chooseBy(client.remoteAddress ?? '', tried)
    : group.choose(tried);
  // As a network load balancer without targets: the connection is reset.
  if (!target) {
    client.resetAndDestroy();
    return;
  }
  tried.add(target);
  if (!target.reachable) {
    tryTarget(client, group, tried);
    return;
  }
  const { address: host, port } = target.plan;
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const over = target.begin(() => {
    client.destroy();
    socket.destroy();
  });
  let joined = false;
  const gone = () => socket.destroy();
  client.once('close', gone);
  const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), CONNECT_MS);
  socket.once('connect', () => {
    joined = true;
    clearTimeout(timer);
    client.off('close', gone);
    join(client, socket, IDLE_MS, over);
    client.resume();
  });
  socket.once('error', () => {
    clearTimeout(timer);
    if (joined) return;
    over();
    client.off('close', gone);
    if (!client.destroyed) tryTarget(client, group, tried);
  });
}
