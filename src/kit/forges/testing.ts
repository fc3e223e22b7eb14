import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { gitClient } from '../../git/testing.ts';

/** What the API of the forge was asked. */
export interface ForgeCall {
  method: string;
  path: string;
  authorization: string | undefined;
  body: unknown;
}

/** One that stands in for GitHub, GitLab or Bitbucket on loopback: git over HTTP, and an API that answers as the test says. */
export async function standInForge() {
  const root = mkdtempSync(join(tmpdir(), 'slipway-forge-'));
  const calls: ForgeCall[] = [];
  /** `Authorization` headers that git came with. */
  const logins: (string | undefined)[] = [];
  const forge = {
    calls,
    logins,
    /** Password without which git gets nothing. */
    password: undefined as string | undefined,
    /** Where git is sent instead. */
    redirect: undefined as string | undefined,
    answer: (_call: ForgeCall): { status: number; body?: unknown } => ({ status: 201, body: {} }),
  };
  const server = createServer((request, response) => {
    serve(root, forge, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return Object.assign(forge, {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
        rmSync(root, { recursive: true, force: true, maxRetries: 3 });
      }),
    repository: (name: string) => repository(join(root, `${name}.git`)),
  });
}

export type StandInForge = Awaited<ReturnType<typeof standInForge>>;

async function repository(work: string) {
  mkdirSync(work, { recursive: true });
  const git = async (...args: string[]) => (await gitClient(work, args)).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  return {
    git,
    /** @returns its id */
    async commit(files: Record<string, string>, message = 'a change') {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true });
        writeFileSync(join(work, path), content);
      }
      await git('add', '-A');
      await git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}

type State = Pick<StandInForge, 'calls' | 'logins' | 'password' | 'redirect' | 'answer'>;

async function serve(
  root: string,
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '', 'http://forge');
  const [, name, what] = /^\/(.+?\.git)\/(info\/refs|git-upload-pack)$/.exec(pathname) ?? [];
  if (name !== undefined) return git(join(root, name), what ?? '', state, request, response);
  const text = (await buffer(request)).toString();
  const call = {
    ...{ method: request.method ?? '', path: request.url ?? '' },
    authorization: request.headers.authorization,
    body: text ? JSON.parse(text) : undefined,
  };
  state.calls.push(call);
  const { status, body } = state.answer(call);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function git(
  directory: string,
  what: string,
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { authorization } = request.headers;
  state.logins.push(authorization);
  if (state.redirect !== undefined)
    return void response.writeHead(302, { location: `${state.redirect}${request.url}` }).end();
  const [, password] = atob((authorization ?? '').replace('Basic ', '')).split(/:(.*)/s);
  if (state.password !== undefined && password !== state.password)
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end();
  const advertises = what === 'info/refs';
  const kind = advertises ? 'advertisement' : 'result';
  const args = ['--stateless-rpc', ...(advertises ? ['--advertise-refs'] : []), directory];
  const child = spawn('git', ['upload-pack', ...args], {
    env: { ...process.env, GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  response.writeHead(200, { 'content-type': `application/x-git-upload-pack-${kind}` });
  if (advertises) response.write('001e# service=git-upload-pack\n0000');
  const zipped = request.headers['content-encoding'] === 'gzip';
  child.stdin.on('error', () => undefined);
  (zipped ? request.pipe(createGunzip()) : request).pipe(child.stdin);
  child.stdout.pipe(response);
}
