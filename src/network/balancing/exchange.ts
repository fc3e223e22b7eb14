import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request as sendPlain } from 'node:http';
import { request as sendSecure } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { append } from '../../lib/append.ts';
import { byWeight, cookieOf } from './choose.ts';
import type { LiveGroup, LiveTarget } from './group.ts';
import { cookieIn, refusalOf, toClient, toTarget, valuesOf } from './headers.ts';
import { join } from './join.ts';
import { answerPage, page, SERVER } from './pages.ts';
import type {
  Action,
  BalancerPlan,
  FixedAction,
  ForwardAction,
  ListenerPlan,
  RedirectAction,
} from './plan.ts';
import { locationOf, type RequestView } from './rules.ts';
import { groupCookies, stickingCookies, stuckTo, targetCookie } from './stickiness.ts';
import { traceId } from './trace.ts';
import { viewOf } from './view.ts';

/** A listener as a request finds it. */
export interface HttpFace {
  plan: Omit<BalancerPlan, 'listeners' | 'groups'>;
  listener: Pick<ListenerPlan, 'protocol' | 'port' | 'answerHeaders' | 'hidesServer'>;
  route(request: RequestView): Action | undefined;
  group(id: string): LiveGroup | undefined;
}

/** Of a connection to a target: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues */
const CONNECT_MS = 10_000;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** A group's targets that a request is tried at, where it has not been sent whole. */
const TRIES = 3;

export interface Upgraded {
  socket: Duplex;
  head: Buffer;
}

/** One request, from its head to the end of its answer. */
export class Exchange {
  readonly #face: HttpFace;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #upgraded: Upgraded | undefined;
  readonly #hasBody: boolean;
  readonly #tried = new Set<LiveTarget>();
  readonly #cookies: string[] = [];
  #headers: string[] = [];
  #out: ClientRequest | undefined;
  #over: (() => void) | undefined;
  #began = false;
  /** Where a cookie of the client's led. */
  #home: LiveTarget | undefined;

  constructor(
    face: HttpFace,
    request: IncomingMessage,
    response: ServerResponse,
    upgraded?: Upgraded,
  ) {
    this.#face = face;
    this.#request = request;
    this.#response = response;
    this.#upgraded = upgraded;
    const { headers } = request;
    const length = headers['content-length'];
    this.#hasBody =
      headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  }

  run(): void {
    const { method = 'GET', url = '/', httpVersion, rawHeaders } = this.#request;
    const refused = refusalOf({ method, url, httpVersion }, rawHeaders);
    if (refused) {
      this.#refuse(refused);
      return;
    }
    if (method === 'TRACE') {
      this.#refuse(405);
      return;
    }
    // What stands behind such a head is no body that a parser would see.
    if (this.#upgraded && this.#hasBody) {
      this.#refuse(400);
      return;
    }
    const view = viewOf(this.#request);
    const action = this.#face.route(view);
    if (!action) {
      this.#refuse(404);
      return;
    }
    if (action.kind === 'fixed') {
      this.#fixed(action);
      return;
    }
    if (action.kind === 'redirect') {
      this.#redirect(action, view);
      return;
    }
    this.#forward(action, view);
  }

  #refuse(status: number): void {
    // The body of a request that goes nowhere is not read: the connection cannot be used again.
    if (this.#hasBody) this.#response.shouldKeepAlive = false;
    answerPage(this.#response, status, this.#ownHeaders());
  }

  /** Of what the balancer itself answers. */
  #ownHeaders(): Record<string, string> {
    const { hidesServer, answerHeaders = [] } = this.#face.listener;
    return {
      ...(!hidesServer && { server: SERVER }),
      ...Object.fromEntries(answerHeaders.map(({ name, value }) => [name, value])),
    };
  }

  #fixed({ status, contentType, body }: FixedAction): void {
    if (this.#hasBody) this.#request.resume();
    this.#response.writeHead(status, {
      ...{ 'content-length': Buffer.byteLength(body), ...this.#ownHeaders() },
      ...(contentType !== undefined && { 'content-type': contentType }),
    });
    this.#response.end(body);
  }

  #redirect(action: RedirectAction, { host, path, query }: RequestView): void {
    if (this.#hasBody) this.#request.resume();
    const location = locationOf(action, {
      protocol: this.#protocol,
      host,
      port: this.#face.listener.port,
      path,
      query,
    });
    const body = page(action.status);
    this.#response.writeHead(action.status, {
      ...{ 'content-type': 'text/html', 'content-length': body.length, ...this.#ownHeaders() },
      // What came in an address is no header of its own.
      location: location.replaceAll(/[^\x21-\x7e]/g, (char) => encodeURIComponent(char)),
    });
    this.#response.end(body);
  }

  get #protocol(): 'http' | 'https' {
    return this.#face.listener.protocol === 'HTTPS' ? 'https' : 'http';
  }

  #forward(action: ForwardAction, { sourceIp, host }: RequestView): void {
    const group = this.#groupOf(action);
    if (!group) {
      this.#refuse(503);
      return;
    }
    const { rawHeaders, headers } = this.#request;
    const length = headers['content-length'];
    const { plan, listener } = this.#face;
    this.#headers = toTarget(rawHeaders, {
      ...{ forwardedFor: plan.forwardedFor, dropInvalidHeaders: plan.dropInvalidHeaders },
      ...{ sourceIp, protocol: this.#protocol, port: listener.port, trace: traceId() },
      framing:
        headers['transfer-encoding'] !== undefined
          ? ['Transfer-Encoding', 'chunked']
          : length !== undefined
            ? ['Content-Length', length]
            : undefined,
      upgrade: this.#upgraded && isWebSocket(headers.upgrade) ? 'websocket' : undefined,
    });
    if (host === '' && valuesOf(rawHeaders, 'host').length === 0)
      this.#headers.push('Host', plan.name);
    // A client that goes away takes its request with it.
    this.#response.on('close', () => {
      if (!this.#response.writableFinished || !this.#request.complete) this.#out?.destroy();
      this.#over?.();
    });
    this.#attempt(group, this.#stuck(group));
  }

  #groupOf({ groups, stickySeconds }: ForwardAction): LiveGroup | undefined {
    const { group, plan } = this.#face;
    if (stickySeconds !== undefined) {
      const cookie = cookieIn(this.#request.rawHeaders, 'AWSALBTG');
      const known =
        cookie && groups.find(({ id, weight }) => weight > 0 && cookieOf(plan.name, id) === cookie);
      const chosen = known || byWeight(groups, Math.random());
      if (chosen)
        append(this.#cookies, groupCookies(cookieOf(plan.name, chosen.id), stickySeconds));
      return chosen && group(chosen.id);
    }
    const chosen = groups.length === 1 ? groups[0] : byWeight(groups, Math.random());
    return chosen && chosen.weight > 0 ? group(chosen.id) : undefined;
  }

  #stuck(group: LiveGroup): LiveTarget | undefined {
    const { sticky, id } = group.plan;
    const value = sticky && stuckTo(this.#request.rawHeaders, sticky);
    if (value === undefined) return undefined;
    const { name } = this.#face.plan;
    this.#home = group.stuck((target) => targetCookie(name, id, target) === value);
    return this.#home;
  }

  #attempt(group: LiveGroup, given?: LiveTarget): void {
    const target = given ?? group.choose(this.#tried);
    if (!target) {
      this.#refuse(this.#tried.size > 0 ? 502 : 503);
      return;
    }
    this.#tried.add(target);
    if (!target.reachable) {
      this.#attempt(group);
      return;
    }
    const { address: host, port } = target.plan;
    const { method, url: path } = this.#request;
    const send = target.secure ? sendSecure : sendPlain;
    const out = send({
      host,
      port,
      method,
      path,
      headers: this.#headers,
      agent: target.agent,
      setHost: false,
    });
    this.#out = out;
    this.#over = target.begin(() => {
      out.destroy();
      this.#upgraded?.socket.destroy();
      this.#response.destroy();
    });
    out.setTimeout(this.#face.plan.idleMs, () => this.#timedOut());
    out.on('error', (error: NodeJS.ErrnoException) => this.#failed(error, group));
    out.on('response', (answer) => this.#answered(answer, group, target));
    out.on('upgrade', (answer, socket, head) => this.#switched(answer, socket, head));
    out.on('socket', (socket) => this.#connected(out, socket));
  }

  #connected(out: ClientRequest, socket: Socket): void {
    if (!socket.connecting) {
      this.#sendBody(out);
      return;
    }
    const timer = setTimeout(() => this.#timedOut(), CONNECT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      this.#sendBody(out);
    });
    socket.once('close', () => clearTimeout(timer));
  }

  /** Not before there is a connection: a body that nobody has read can go to another target. */
  #sendBody(out: ClientRequest): void {
    if (!this.#hasBody) {
      out.end();
      return;
    }
    this.#began = true;
    this.#request.pipe(out);
  }

  #timedOut(): void {
    const out = this.#out;
    this.#out = undefined;
    out?.destroy();
    this.#over?.();
    this.#refuse(504);
  }

  #failed(error: NodeJS.ErrnoException, group: LiveGroup): void {
    const out = this.#out;
    // Broken off by ourselves.
    if (!out || this.#response.destroyed) return;
    this.#over?.();
    if (this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    const unsent = !this.#began && (error.code === 'ECONNREFUSED' || error.code === 'EHOSTUNREACH');
    // A connection that was kept may have been closed by the target as it was taken.
    const { method = '' } = this.#request;
    const stale = out.reusedSocket && !this.#hasBody && SAFE.has(method);
    if (stale) this.#tried.clear();
    this.#out = undefined;
    if ((unsent || stale) && this.#attempts++ < TRIES) {
      this.#attempt(group);
      return;
    }
    this.#refuse(502);
  }

  #attempts = 1;

  #answered(answer: IncomingMessage, group: LiveGroup, target: LiveTarget): void {
    const { sticky, id } = group.plan;
    if (sticky) {
      const value = targetCookie(this.#face.plan.name, id, target.id);
      const stayed = target === this.#home;
      for (const cookie of stickingCookies(sticky, { value, stayed, answer: answer.rawHeaders }))
        this.#cookies.push(cookie);
    }
    const { statusCode = 502, statusMessage = '', rawHeaders } = answer;
    // A target may answer before it has read all; the rest goes nowhere.
    if (this.#hasBody && !this.#request.complete) this.#response.shouldKeepAlive = false;
    try {
      this.#response.writeHead(statusCode, statusMessage, this.#headersOf(rawHeaders));
    } catch {
      this.#out?.destroy();
      this.#refuse(502);
      return;
    }
    answer.on('error', () => this.#response.destroy());
    answer.on('aborted', () => this.#response.destroy());
    answer.pipe(this.#response);
  }

  #headersOf(raw: readonly string[]): string[] {
    const { hidesServer, answerHeaders } = this.#face.listener;
    return toClient(raw, { cookies: this.#cookies, hidesServer, answerHeaders });
  }

  #switched(answer: IncomingMessage, target: Duplex, head: Buffer): void {
    const client = this.#upgraded?.socket;
    const done = this.#over;
    if (!client || !isWebSocket(answer.headers.upgrade)) {
      target.destroy();
      this.#refuse(502);
      return;
    }
    this.#over = undefined;
    this.#response.detachSocket(client as Socket);
    const lines = [`HTTP/1.1 101 ${answer.statusMessage || 'Switching Protocols'}`];
    const raw = this.#headersOf(answer.rawHeaders);
    for (let i = 0; i + 1 < raw.length; i += 2) lines.push(`${raw[i]}: ${raw[i + 1]}`);
    client.write(
      `${lines.join('\r\n')}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      'latin1',
    );
    if (head.length > 0) client.write(head);
    const { head: sent = Buffer.alloc(0) } = this.#upgraded ?? {};
    if (sent.length > 0) target.write(sent);
    join(client as Socket, target as Socket, this.#face.plan.idleMs, () => done?.());
  }
}

const isWebSocket = (value: string | undefined) => value?.toLowerCase() === 'websocket';
