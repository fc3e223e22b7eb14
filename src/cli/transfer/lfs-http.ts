import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { textAtMost } from '../../lib/at-most.ts';
import type { GitCredentials } from '../demo/resources.ts';
import type { LfsStore, Transfer } from './lfs.ts';
import type { Pointer } from './pointers.ts';

/** The batch API of Git LFS, as a client: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */

export interface LfsHttp {
  /** `…/info/lfs` */
  url: string;
  /** Sent with every call: of `git-lfs-authenticate`. */
  header?: Record<string, string>;
  /** Asked for where it does not go without, for each call; `refused`: those of before were. */
  credentials?: ((refused: boolean) => Promise<GitCredentials | undefined>) | undefined;
  /** It never goes without. */
  always?: boolean;
}

const MEDIA_TYPE = 'application/vnd.git-lfs+json';
const LONGEST_ANSWER = 16 * 1024 * 1024;

interface Action {
  href: string;
  header: Record<string, string>;
}

interface Told {
  oid: string;
  actions: Map<string, Action>;
  authenticated: boolean;
  error: string | undefined;
}

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

export function lfsHttp(where: LfsHttp): LfsStore {
  const known = new Known(where);
  const batch = async (operation: string, pointers: readonly Pointer[]) => {
    const body = JSON.stringify({
      ...{ operation, transfers: ['basic'], hash_algo: 'sha256' },
      objects: pointers.map(({ oid, size }) => ({ oid, size })),
    });
    const headers = { accept: MEDIA_TYPE, 'content-type': MEDIA_TYPE };
    const answer = await known.ask(`${where.url}/objects/batch`, { method: 'POST', headers, body });
    return toldOf(JSON.parse(await wordsOf(answer, 'objects/batch')), pointers);
  };
  return {
    name: where.url,
    async has(pointers) {
      const there = new Map<string, Transfer>();
      for (const { oid, actions, authenticated } of await batch('download', pointers)) {
        const action = actions.get('download');
        if (action) there.set(oid, () => download(known, action, authenticated));
      }
      return there;
    },
    async lacks(pointers) {
      const sizes = new Map(pointers.map(({ oid, size }) => [oid, size]));
      const lacking = new Map<string, Transfer<[Readable]>>();
      for (const { oid, actions, authenticated, error } of await batch('upload', pointers)) {
        if (error !== undefined) throw new Error(`${where.url} does not take ${oid}: ${error}`);
        const action = actions.get('upload');
        if (!action) continue;
        const pointer = { oid, size: sizes.get(oid) ?? 0 };
        const verify = actions.get('verify');
        lacking.set(oid, (content) =>
          upload(known, { pointer, action, verify, authenticated }, content),
        );
      }
      return lacking;
    },
  };
}

/** What a server says of objects that it was asked about, and of no others. */
function toldOf(said: unknown, pointers: readonly Pointer[]): Told[] {
  const asked = new Set(pointers.map(({ oid }) => oid));
  const { objects } = fieldsOf(said);
  return (Array.isArray(objects) ? objects : []).flatMap((one): Told[] => {
    const { oid, actions, authenticated, error } = fieldsOf(one);
    if (typeof oid !== 'string' || !asked.has(oid)) return [];
    const named = Object.entries(fieldsOf(actions)).map(
      ([name, action]) => [name, actionOf(action)] as const,
    );
    const { message } = fieldsOf(error);
    return [
      {
        ...{ oid, actions: new Map(named), authenticated: authenticated === true },
        error: error === undefined ? undefined : String(message ?? 'it does not say why'),
      },
    ];
  });
}

function actionOf(value: unknown): Action {
  const { href, header } = fieldsOf(value);
  const { protocol } = new URL(String(href));
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new Error(`the server names a place of ${protocol} for an object`);
  const headers = Object.entries(fieldsOf(header)).filter(([, one]) => typeof one === 'string');
  return { href: String(href), header: Object.fromEntries(headers) as Record<string, string> };
}

async function download(known: Known, action: Action, authenticated: boolean): Promise<Readable> {
  const { href, header } = action;
  const answer = await known.ask(href, { headers: header }, authenticated);
  if (!answer.ok || !answer.body) throw new Error(`${shown(href)}: ${answer.status}`);
  return Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
}

async function upload(
  known: Known,
  {
    pointer,
    action,
    verify,
    authenticated,
  }: { pointer: Pointer; action: Action; verify: Action | undefined; authenticated: boolean },
  content: Readable,
): Promise<void> {
  const { href, header } = action;
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(pointer.size),
    ...header,
  };
  const body = Readable.toWeb(content);
  const put = { method: 'PUT', headers, body, duplex: 'half' } as unknown as RequestInit;
  await wordsOf(await known.ask(href, put, authenticated), shown(href));
  if (!verify) return;
  const say = { accept: MEDIA_TYPE, 'content-type': MEDIA_TYPE, ...verify.header };
  const verified = { method: 'POST', headers: say, body: JSON.stringify(pointer) };
  await wordsOf(await known.ask(verify.href, verified, authenticated), shown(verify.href));
}

/** Without what may be a signature in it. */
const shown = (href: string) => {
  const { origin, pathname } = new URL(href);
  return `${origin}${pathname}`;
};

/** The text of an answer that is well. @throws Error with what the server says */
async function wordsOf(answer: Response, what: string): Promise<string> {
  const text = answer.body ? await textAtMost(answer.body, LONGEST_ANSWER, 'The answer') : '';
  if (answer.ok) return text;
  const said = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  throw new Error(`${what}: ${answer.status}${said ? `: ${JSON.parse(said)}` : ''}`);
}

/** Asks, with credentials where it does not go without: those of the URL, which no other host gets. */
class Known {
  readonly #where: LfsHttp;
  readonly #origin: string;
  #needsThem: boolean;

  constructor(where: LfsHttp) {
    this.#where = where;
    this.#origin = new URL(where.url).origin;
    this.#needsThem = where.always === true;
  }

  /** @param isKnown the server has said that it needs no more than what stands in the request */
  async ask(url: string, request: RequestInit, isKnown = false): Promise<Response> {
    const { header, credentials } = this.#where;
    const headers = new Headers(request.headers);
    const isOwn = new URL(url).origin === this.#origin;
    const asks = isOwn && !isKnown && !headers.has('authorization');
    if (!asks) return send(url, request, headers);
    for (const [name, value] of Object.entries(header ?? {})) headers.set(name, value);
    if (!credentials) return send(url, request, headers);
    const answer = this.#needsThem
      ? await send(url, request, signedBy(headers, await credentials(false)))
      : await send(url, request, headers);
    // A content is there once; what is to become of it has been asked before it, so that it is known what it needs.
    if (answer.status !== 401 || request.body instanceof ReadableStream) return answer;
    await answer.body?.cancel();
    const others = await credentials(this.#needsThem);
    this.#needsThem = true;
    return send(url, request, signedBy(headers, others));
  }
}

function signedBy(headers: Headers, credentials: GitCredentials | undefined): Headers {
  if (!credentials) return headers;
  const { userName, password } = credentials;
  const signed = new Headers(headers);
  const both = Buffer.from(`${userName}:${password}`).toString('base64');
  signed.set('authorization', `Basic ${both}`);
  return signed;
}

const MOST_REDIRECTS = 5;
/** What says nothing of who asks: a server may name its secrets as it likes (`private-token`). */
const GO_ANYWHERE = ['accept', 'content-type', 'range'];

/**
 * Follows redirects, and to another host goes nothing that may be a secret: fetch itself takes away what it knows by name alone.
 * A content cannot be sent twice.
 */
async function send(url: string, request: RequestInit, headers: Headers): Promise<Response> {
  if (request.body instanceof ReadableStream)
    return fetch(url, { ...request, headers, redirect: 'error' });
  let [at, sent] = [url, headers];
  for (let hops = 0; ; hops++) {
    const answer = await fetch(at, { ...request, headers: sent, redirect: 'manual' });
    const location = answer.headers.get('location');
    // The other ones turn what is said into a question.
    const isSame = [307, 308].includes(answer.status);
    const follows = isSame || ([301, 302, 303].includes(answer.status) && !request.body);
    if (!follows || location === null) return answer;
    await answer.body?.cancel();
    const next = new URL(location, at);
    const isLess = next.protocol !== 'https:' && at.startsWith('https:');
    if (isLess || hops >= MOST_REDIRECTS)
      throw new Error(`${shown(at)} leads ${isLess ? 'away from https' : 'from place to place'}`);
    if (next.origin !== new URL(at).origin) sent = anonymous(sent);
    at = next.href;
  }
}

function anonymous(headers: Headers): Headers {
  const few = GO_ANYWHERE.map((name) => [name, headers.get(name)] as const);
  return new Headers(few.filter((pair): pair is [string, string] => pair[1] !== null));
}
