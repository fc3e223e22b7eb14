import { hopByHop } from '../../lib/hop-by-hop.ts';
import type { BalancerPlan, ListenerPlan } from './plan.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
export const MAX_HEADER_BYTES = 64 * 1024;
export const MAX_LINE_BYTES = 16 * 1024;
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-463-issues */
export const MAX_FORWARDED = 30;

/** Names and values in turn, as Node has them. */
export type RawHeaders = readonly string[];

export function valuesOf(raw: RawHeaders, name: string): string[] {
  const found: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2)
    if ((raw[i] as string).toLowerCase() === name) found.push(raw[i + 1] as string);
  return found;
}

/**
 * Why a request is refused for its framing, or undefined. Node's parser refuses the rest: two lengths, a length beside
 * a transfer coding, what is no header. https://www.rfc-editor.org/rfc/rfc9112#section-11.2
 */
export function refusalOf(
  { method, url, httpVersion }: { method: string; url: string; httpVersion: string },
  raw: RawHeaders,
): 400 | 414 | 463 | undefined {
  if (url.length > MAX_LINE_BYTES) return 414;
  // One address per request, and no way through to another host.
  if (!url.startsWith('/') && !(url === '*' && method === 'OPTIONS')) return 400;
  let hosts = 0;
  let codings = 0;
  let forwarded = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    if (name.length + value.length > MAX_LINE_BYTES) return 400;
    if (name === 'host') hosts++;
    else if (name === 'transfer-encoding') {
      codings++;
      if (codings > 1 || value.trim().toLowerCase() !== 'chunked') return 400;
    } else if (name === 'x-forwarded-for') forwarded += value.split(',').length;
  }
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return 400;
  if (codings > 0 && httpVersion === '1.0') return 400;
  return forwarded > MAX_FORWARDED ? 463 : undefined;
}

export interface Forwarding extends Pick<BalancerPlan, 'forwardedFor' | 'dropInvalidHeaders'> {
  sourceIp: string;
  protocol: 'http' | 'https';
  port: number;
  /** `1-TIME-ID` */
  trace: string;
  /** `chunked`, a length, or neither: how the body is framed anew. */
  framing: [name: string, value: string] | undefined;
  /** The protocol that the client wants to go over to. */
  upgrade?: string | undefined;
}

/** The request's headers as the target gets them. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html */
export function toTarget(raw: RawHeaders, forwarding: Forwarding): string[] {
  const { sourceIp, protocol, port, trace, framing, upgrade, ...how } = forwarding;
  const { forwardedFor, dropInvalidHeaders } = how;
  const isHop = hopByHop(valuesOf(raw, 'connection'));
  const out: string[] = [];
  const before: string[] = [];
  let traced: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const shown = raw[i] as string;
    const value = raw[i + 1] as string;
    const name = shown.toLowerCase();
    if (isHop(name) || name === 'content-length') continue;
    if (dropInvalidHeaders && !/^[-A-Za-z0-9]+$/.test(shown)) continue;
    if (name === 'x-forwarded-for') before.push(value);
    else if (name === 'x-amzn-trace-id') traced = value;
    else if (name !== 'x-forwarded-proto' && name !== 'x-forwarded-port') out.push(shown, value);
  }
  if (forwardedFor === 'append') before.push(sourceIp);
  if (forwardedFor !== 'remove' && before.length > 0)
    out.push('X-Forwarded-For', before.join(', '));
  out.push('X-Forwarded-Proto', protocol, 'X-Forwarded-Port', String(port));
  out.push('X-Amzn-Trace-Id', traceHeader(traced, trace));
  if (framing) out.push(framing[0], framing[1]);
  if (upgrade !== undefined) out.push('Upgrade', upgrade, 'Connection', 'Upgrade');
  else out.push('Connection', 'keep-alive');
  return out;
}

/** A trace that came keeps its root; one without gets `Root`. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
export function traceHeader(came: string | undefined, id: string): string {
  if (came === undefined || came === '') return `Root=${id}`;
  const fields = came.split(';').filter((field) => field !== '' && !/^Self=/i.test(field));
  return fields.some((field) => /^Root=/i.test(field))
    ? [`Self=${id}`, ...fields].join(';')
    : [`Root=${id}`, ...fields].join(';');
}

export interface Answering extends Pick<ListenerPlan, 'answerHeaders' | 'hidesServer'> {
  /** To be set besides. */
  cookies: readonly string[];
}

/** The answer's headers as the client gets them. */
export function toClient(
  raw: RawHeaders,
  { cookies, answerHeaders = [], hidesServer }: Answering,
): string[] {
  const isHop = hopByHop(valuesOf(raw, 'connection'));
  const out: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (isHop(name)) continue;
    if (hidesServer && name === 'server') continue;
    if (answerHeaders.some((own) => own.name === name)) continue;
    out.push(raw[i] as string, raw[i + 1] as string);
  }
  for (const { name, value } of answerHeaders) out.push(name, value);
  for (const cookie of cookies) out.push('Set-Cookie', cookie);
  return out;
}

/** The value of a cookie of this name. */
export function cookieIn(raw: RawHeaders, name: string): string | undefined {
  for (const header of valuesOf(raw, 'cookie'))
    for (const part of header.split(';')) {
      const text = part.trim();
      if (text.startsWith(`${name}=`)) return text.slice(name.length + 1);
    }
  return undefined;
}
