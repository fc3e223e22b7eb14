import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import type { HttpFace } from './exchange.ts';
import { makeHttpListener } from './http-listener.ts';
import { makeTcpListener, type TcpFace } from './tcp.ts';
import type { LiveTls } from './tls.ts';

/** A listener as its connections find it, wherever they came in. */
export type Member =
  | { protocol: 'HTTP' | 'HTTPS'; face: HttpFace; tls: LiveTls | undefined }
  | { protocol: 'TCP' | 'TLS'; face: TcpFace; tls: LiveTls | undefined };

/** What listens for one of them. @param isMisdirected does a request mean another one? */
export function makeListener(
  member: Member,
  isMisdirected: (request: IncomingMessage) => boolean,
): Server {
  const { tls } = member;
  if (!isHttp(member)) return makeTcpListener(member.face, tls);
  const { face } = member;
  return makeHttpListener((request) => (isMisdirected(request) ? 'misdirected' : face), {
    ...{ idleMs: () => face.plan.idleMs, tls },
  });
}

type HttpMember = Extract<Member, { face: HttpFace }>;

export function isHttp(member: Member | undefined): member is HttpMember {
  return member?.protocol === 'HTTP' || member?.protocol === 'HTTPS';
}
