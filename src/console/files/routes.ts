import { createHash } from 'node:crypto';
import type { WireRequest, WireResponse } from '../../aws/http.ts';
import { htmlPage } from '../../kit/html-page.ts';
import type { Route } from '../../kit/service.ts';
import { mediaTypeOf } from '../../lib/media-types.ts';
import { type FoundFile, findFile } from './find-file.ts';
import { pageHeaders } from './headers.ts';

/** Content codings that files lie in beside themselves, the best first. */
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** The page's files, and the page itself at all addresses that are its own. */
export function fileRoutes(root: string): Route[] {
  const common = {
    ...{ api: 'slipway', operation: 'ConsoleFile' },
    identity: { by: 'none' as const },
  };
  return [
    {
      ...{ ...common, path: '/_slipway/console' },
      handle: async () => ({
        ...{ status: 308, headers: { location: '/_slipway/console/' }, body: undefined },
      }),
    },
    {
      ...{ ...common, path: '/_slipway/console/{rest*}' },
      async handle(_platform, { request, labels }) {
        const reads = request.method === 'GET' || request.method === 'HEAD';
        const answer = reads ? await fileOrPage(root, request, labels.rest ?? '') : readOnly();
        return { ...answer, headers: { ...answer.headers, ...pageHeaders(request) } };
      },
    },
  ];
}

async function fileOrPage(root: string, request: WireRequest, path: string): Promise<WireResponse> {
  const file = path === 'index.html' ? undefined : await fileAt(root, request, path);
  if (file) return file;
  const { accept = '' } = request.headers;
  if (path.startsWith('assets/') || !/text\/html|\*\/\*/.test(accept)) return missing();
  const page = await fileAt(root, request, 'index.html');
  if (!page) return notBuilt();
  return { ...page, headers: { ...page.headers, 'cache-control': 'no-store' } };
}

const missing = (): WireResponse => ({
  ...{ status: 404, body: 'The console has no such file.\n' },
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
});

const readOnly = (): WireResponse => ({
  ...{ status: 405, body: 'Files are only read.\n' },
  headers: { 'content-type': 'text/plain; charset=utf-8', allow: 'GET, HEAD' },
});

const notBuilt = (): WireResponse => ({
  ...htmlPage(
    'The console is not built',
    '<p>Build it in the directory of this server, and load this page again:</p>\n<pre>npm ci\nnpm run build --workspace console</pre>',
  ),
  status: 404,
});

async function fileAt(
  root: string,
  request: WireRequest,
  path: string,
): Promise<WireResponse | undefined> {
  const plain = await findFile(root, path);
  if (!plain) return undefined;
  const { file, coding } = await smallest(root, request, path, plain);
  const etag = etagOf(file, coding);
  const type = mediaTypeOf(path) ?? 'application/octet-stream';
  const headers: Record<string, string> = {
    'content-type': /^text\/|javascript|json|svg/.test(type) ? `${type}; charset=utf-8` : type,
    ...{ etag, vary: 'accept-encoding' },
    // The bundler puts a hash of the content into these names: what has changed is called otherwise.
    'cache-control': path.startsWith('assets/')
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
    ...(coding && { 'content-encoding': coding }),
  };
  if (isKnown(request.headers['if-none-match'], etag)) {
    await file.handle.close();
    return { status: 304, headers, body: undefined };
  }
  try {
    return { status: 200, headers, body: await file.handle.readFile() };
  } finally {
    await file.handle.close();
  }
}

/** The file as the browser gets it soonest. Lets go of `plain` where it is not the one. */
async function smallest(
  root: string,
  request: WireRequest,
  path: string,
  plain: FoundFile,
): Promise<{ file: FoundFile; coding?: string }> {
  for (const [coding, ending] of CODINGS) {
    if (!accepts(request.headers['accept-encoding'] ?? '', coding)) continue;
    const file = await findFile(root, `${path}${ending}`);
    // One that was made of an older build is another file's.
    if (file && file.stats.mtimeMs >= plain.stats.mtimeMs) {
      await plain.handle.close();
      return { file, coding };
    }
    await file?.handle.close();
  }
  return { file: plain };
}

function accepts(header: string, coding: string): boolean {
  return header.split(',').some((one) => {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    return name === coding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

function etagOf({ stats: { mtimeMs, size, ino } }: FoundFile, coding = ''): string {
  const facts = `${mtimeMs} ${size} ${ino} ${coding}`;
  return `"${createHash('sha256').update(facts).digest('base64url').slice(0, 22)}"`;
}

function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
