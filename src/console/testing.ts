import { Readable } from 'node:stream';
import type { World } from '../testing.ts';

/** A browser that has the console open: keeps its cookie, and says what a page says. */
export interface Browser {
  cookie: string | undefined;
  csrf: string;
  ask(
    method: string,
    path: string,
    more?: {
      body?: string | object;
      headers?: Record<string, string>;
      query?: string;
      signal?: AbortSignal;
    },
  ): Promise<Answer>;
  signIn(body: object): Promise<Answer>;
  /** An operation of a JSON service. */
  call(target: string, service: string, input?: object): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  json(): Record<string, unknown>;
  /** Of a stream, which is not read. */
  stream?: Readable;
}

export const CONSOLE = '/_slipway/console';

export function browserOf({ server }: Pick<World, 'server'>, address = '127.0.0.1'): Browser {
  const browser: Browser = {
    cookie: undefined,
    csrf: '',
    async ask(method, path, { body, headers = {}, query = '', signal } = {}) {
      const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const {
        status,
        headers: answered,
        body: said,
      } = await server.handle({
        ...{ method, path: `${CONSOLE}${path}`, query, signal },
        headers: {
          host: 'localhost:4566',
          ...(browser.cookie !== undefined && { cookie: browser.cookie }),
          ...(sent !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(sent)),
          }),
          ...(browser.csrf !== '' && { 'x-slipway-csrf': browser.csrf }),
          ...headers,
        },
        body: Readable.from(sent === undefined ? [] : [Buffer.from(sent)]),
        ...{ endpoint: 'http://localhost:4566', remoteAddress: address },
      });
      const isEvents = answered['content-type']?.startsWith('text/event-stream');
      if (said instanceof Readable && isEvents)
        return { status, headers: answered, text: '', json: () => ({}), stream: said };
      const text =
        said instanceof Readable
          ? Buffer.concat(await said.toArray()).toString()
          : Buffer.from(said ?? '').toString();
      return { status, headers: answered, text, json: () => JSON.parse(text) };
    },
    async signIn(body) {
      const answer = await browser.ask('POST', '/session', { body });
      const cookie = answer.headers['set-cookie']?.split(';')[0];
      if (answer.status === 200) {
        browser.cookie = cookie;
        browser.csrf = String(answer.json().csrf);
      }
      return answer;
    },
    call: (target, service, input = {}) =>
      browser.ask('POST', `/api/${service}/eu-west-1/`, {
        body: input,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      }),
  };
  return browser;
}
