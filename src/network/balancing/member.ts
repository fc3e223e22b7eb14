import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import type { HttpFace } from './exchange.ts';
import { makeHttpListener } from './http-listener.ts';
import type { BalancerPlan } from './plan.ts';
import { makeTcpListener, type TcpFace } from './tcp.ts';
import type { LiveTls } from './tls.ts';

/** A listener as its connections find it, wherever they came in. */
export type Member =
  | { protocol: 'HTTP' | 'HTTPS'; face: HttpFace; tls: LiveTls | undefined }
  | { protocol: 'TCP' | 'TLS'; face: TcpFace; tls: LiveTls | undefined };

type Patience = Pick<BalancerPlan, 'idleMs' | 'keepAliveMs'>;

/** What listens for one of them. */
export function makeListener(member: Member, { idleMs, keepAliveMs }: Patience): Server {
  const { tls } = member;
  if (isHttp(member)) return makeHttpListener(() => member.face, { idleMs, keepAliveMs, tls });
  const { face } = member;
  return makeTcpListener(() => face, tls);
}

/** What listens for several, among which each connection or request finds its own. */
export function makeSharedListener(
  { protocol, tls }: { protocol: Member['protocol']; tls: Pick<LiveTls, 'options'> | undefined },
  find: {
    byRequest(request: IncomingMessage): Member | undefined;
    byServer(name?: string): Member | undefined;
  },
  patience: Patience,
): Server {
  if (protocol === 'HTTP' || protocol === 'HTTPS')
    return makeHttpListener(
      (request) => {
        const found = find.byRequest(request);
        return isHttp(found) ? found.face : undefined;
      },
      { ...patience, tls },
    );
  return makeTcpListener((name) => {
    const found = find.byServer(name);
    return found && !isHttp(found) ? found.face : undefined;
  }, tls);
}

type HttpMember = Extract<Member, { face: HttpFace }>;

function isHttp(member: Member | undefined): member is HttpMember {
  return member?.protocol === 'HTTP' || member?.protocol === 'HTTPS';
}
