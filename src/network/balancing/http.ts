import { randomBytes } from 'node:crypto';
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type Server,
  ServerResponse,
  request as send,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { byWeight, cookieOf } from './choose.ts';
import type { LiveGroup, LiveTarget } from './group.ts';
import { cookieIn, MAX_HEADER_BYTES, refusalOf, toClient, toTarget, valuesOf } from './headers.ts';
import type { Action, BalancerPlan, FixedAction, ForwardAction, RedirectAction } from './plan.ts';
import { locationOf, type RequestView } from './rules.ts';

/** A listener as a request finds it. */
export interface HttpFace {
  plan: Pick<BalancerPlan, 'name' | 'address' | 'idleMs' | 'forwardedFor' | 'dropInvalidHeaders'>;
  port: number;
  route(request: RequestView): Action | undefined;
  group(id: string): LiveGroup | undefined;
}

/** Of a connection to a target: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues */
const CONNECT_MS = 10_000;
/** The target's time is over first, so that the client is told. */
const GRACE_MS = 2_000;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** A group's targets that a request is tried at, where it has not been sent whole. */
const TRIES = 3;

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Not Allowed',
  414: 'Request-URI Too Large',
  463: '',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** A server whose requests go where `face` says. */
export function makeHttpListener(
  face: (request: IncomingMessage) => HttpFace | undefined,
  { idleMs, keepAliveMs }: Pick<BalancerPlan, 'idleMs' | 'keepAliveMs'>,
): Server {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: idleMs,
    headersTimeout: Math.min(idleMs, 60_000),
    // An upload takes as long as it moves.
    requestTimeout: 0,
    noDelay: true,
  });
  server.maxHeadersCount = 0;
  server.setTimeout(idleMs + GRACE_MS);
  server.on('connection', (socket: Socket & { since?: number }) => {
    socket.since = performance.now();
  });
  const take = (request: IncomingMessage, response: ServerResponse, upgraded?: Upgraded) => {
    const { since = 0 } = request.socket as Socket & { since?: number };
    if (performance.now() - since > keepAliveMs) response.shouldKeepAlive = false;
    const found = face(request);
    if (found) new Exchange(found, request, response, upgraded).run();
    else answerPage(response, 404);
  };
  server.on('request', (request, response) => take(request, response));
  server.on('upgrade', (request, socket, head) => {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.on('finish', () => socket.end());
    socket.on('error', () => socket.destroy());
    take(request, response, { socket, head });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(rawPage(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400));
  });
  return server;
}

const page = (status: number) => {
  const title = `${status} ${REASONS[status] ?? ''}`.trim();
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
};

const rawPage = (status: number) => {
  const body = page(status);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? 'Request Timeout'}\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
};

/** What the balancer itself answers. */
function answerPage(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = page(status);
  response.writeHead(status, REASONS[status] ?? '', {
    ...{ server: 'awselb/2.0', 'content-type': 'text/html', 'content-length': body.length },
  });
  response.end(body);
}

interface Upgraded {
  socket: Duplex;
  head: Buffer;
}

/** One request, from its head to the end of its answer. */
class Exchange {
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
    answerPage(this.#response, status);
  }

  #fixed({ status, contentType, body }: FixedAction): void {
    if (this.#hasBody) this.#request.resume();
    this.#response.writeHead(status, {
      ...{ server: 'awselb/2.0', 'content-length': Buffer.byteLength(body) },
      ...(contentType !== undefined && { 'content-type': contentType }),
    });
    this.#response.end(body);
  }

  #redirect(action: RedirectAction, { host, path, query }: RequestView): void {
    if (this.#hasBody) this.#request.resume();
    const location = locationOf(action, {
      protocol: 'http',
      host,
      port: this.#face.port,
      path,
      query,
    });
    const body = page(action.status);
    this.#response.writeHead(action.status, {
      ...{ server: 'awselb/2.0', 'content-type': 'text/html', 'content-length': body.length },
      // What came in an address is no header of its own.
      location: location.replaceAll(/[^\x21-\x7e]/g, (char) => encodeURIComponent(char)),
    });
    this.#response.end(body);
  }

  #forward(action: ForwardAction, { sourceIp, host }: RequestView): void {
    const group = this.#groupOf(action);
    if (!group) {
      this.#refuse(503);
      return;
    }
    const { rawHeaders, headers } = this.#request;
    const length = headers['content-length'];
    const { plan, port } = this.#face;
    this.#headers = toTarget(rawHeaders, {
      ...{ forwardedFor: plan.forwardedFor, dropInvalidHeaders: plan.dropInvalidHeaders },
      ...{ sourceIp, port, trace: traceId() },
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
      if (chosen) this.#stick('AWSALBTG', cookieOf(plan.name, chosen.id), stickySeconds);
      return chosen && group(chosen.id);
    }
    const chosen = groups.length === 1 ? groups[0] : byWeight(groups, Math.random());
    return chosen && chosen.weight > 0 ? group(chosen.id) : undefined;
  }

  #stick(name: string, value: string, seconds: number): void {
    const expires = new Date(Date.now() + seconds * 1000).toUTCString();
    this.#cookies.push(`${name}=${value}; Expires=${expires}; Path=/`);
    const cross = name === 'AWSALB' ? 'AWSALBCORS' : 'AWSALBTGCORS';
    this.#cookies.push(`${cross}=${value}; Expires=${expires}; Path=/; SameSite=None`);
  }

  #stuck(group: LiveGroup): LiveTarget | undefined {
    if (group.plan.stickySeconds === undefined) return undefined;
    const cookie = cookieIn(this.#request.rawHeaders, 'AWSALB');
    if (cookie === undefined) return undefined;
    return group.stuck((id) => cookieOf(this.#face.plan.name, `${group.plan.id} ${id}`) === cookie);
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
    const { stickySeconds, id } = group.plan;
    if (stickySeconds !== undefined)
      this.#stick('AWSALB', cookieOf(this.#face.plan.name, `${id} ${target.id}`), stickySeconds);
    const { statusCode = 502, statusMessage = '', rawHeaders } = answer;
    // A target may answer before it has read all; the rest goes nowhere.
    if (this.#hasBody && !this.#request.complete) this.#response.shouldKeepAlive = false;
    try {
      this.#response.writeHead(statusCode, statusMessage, toClient(rawHeaders, this.#cookies));
    } catch {
      this.#out?.destroy();
      this.#refuse(502);
      return;
    }
    answer.on('error', () => this.#response.destroy());
    answer.on('aborted', () => this.#response.destroy());
    answer.pipe(this.#response);
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
    const raw = toClient(answer.rawHeaders, this.#cookies);
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

/** Both ways until both are done, or nothing has moved for so long. */
export function join(one: Socket, other: Socket, idleMs: number, over: () => void): void {
  let left = 2;
  const closed = () => {
    left -= 1;
    if (left === 0) over();
  };
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setTimeout(idleMs, () => from.destroy());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      to.destroySoon();
      closed();
    });
    from.pipe(to);
  }
}

const isWebSocket = (value: string | undefined) => value?.toLowerCase() === 'websocket';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** A host without its port. */
export const bareHost = (host = '') => host.replace(/:\d+$/, '').toLowerCase();

function viewOf(request: IncomingMessage): RequestView {
  const { method = '', url = '/', headers, rawHeaders, socket } = request;
  const mark = url.indexOf('?');
  return {
    ...{ method, host: bareHost(headers.host), sourceIp: socket.remoteAddress ?? '' },
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    header: (name) => valuesOf(rawHeaders, name),
  };
}
