import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import type { GitHost, GitRepository, TransportService } from './git-host.ts';
import { makeGitHost } from './local-git-host.ts';
import { peekPush } from './pkt-line.ts';
import { makeSealedGitHost, type SealedGitHostOptions } from './sealed/host.ts';
import { makeWorkingPlace } from './sealed/place.ts';

/** For tests: a host in a temporary directory that goes with `close`. @param sealed as a server has it */
export async function temporaryGitHost({ sealed = false } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-git-'));
  const host = sealed
    ? sealedGitHost(directory)
    : makeGitHost({ directory: join(directory, 'repositories'), searchPath: searchPath() });
  const close = async () => {
    await host.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  return { host, directory, close };
}

/** For tests: a host whose repositories lie sealed, in `directory`, and are worked on in `place`. */
export function sealedGitHost(
  directory: string,
  { place = makeWorkingPlace(directory), ...more }: Partial<SealedGitHostOptions> = {},
) {
  const dataKey = async (id: string) => createHash('sha256').update(id).digest();
  return makeSealedGitHost({
    directory: join(directory, 'repositories'),
    ...{ place, dataKey, searchPath: searchPath(), ...more },
  });
}

function searchPath(): string {
  return process.env.PATH ?? '/usr/bin:/bin';
}

/** A git client that nothing but its arguments influences. @returns standard output and error; rejects with both */
export async function gitClient(
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string }> {
  const person = { NAME: 'Mary Major', EMAIL: 'mary@example.com' };
  return await promisify(execFile)('git', args, {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      PATH: searchPath(),
      HOME: '/nonexistent',
      LC_ALL: 'C',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: person.NAME,
      GIT_AUTHOR_EMAIL: person.EMAIL,
      GIT_COMMITTER_NAME: person.NAME,
      GIT_COMMITTER_EMAIL: person.EMAIL,
      ...env,
    },
  });
}

/** Serves repositories over smart HTTP at `/<id>/…`, without asking who comes. */
export async function serveGit(host: GitHost, finished?: () => Promise<void>) {
  const server = createServer((request, response) => answer(host, request, response, finished));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}

function answer(
  host: GitHost,
  request: IncomingMessage,
  response: ServerResponse,
  finished: (() => Promise<void>) | undefined,
): void {
  const url = new URL(request.url ?? '', 'http://localhost');
  const [, id = '', ...rest] = url.pathname.split('/');
  const repository = host.repository(id);
  const protocol = request.headers['git-protocol'] as string | undefined;
  response.on('error', () => undefined);
  if (rest.join('/') === 'info/refs') {
    const service = url.searchParams.get('service') as TransportService;
    response.setHeader('content-type', `application/x-${service}-advertisement`);
    pipeline(repository.advertise({ service, protocol }), response, () => undefined);
    return;
  }
  const service = rest[0] as TransportService;
  response.setHeader('content-type', `application/x-${service}-result`);
  exchangeWith(repository, service, request, finished).then(
    (said) => pipeline(said, response, () => undefined),
    () => response.destroy(),
  );
}

async function exchangeWith(
  repository: GitRepository,
  service: TransportService,
  request: IncomingMessage,
  finished: (() => Promise<void>) | undefined,
) {
  const gzip = request.headers['content-encoding'] === 'gzip';
  const body = gzip ? pipeline(request, createGunzip(), () => undefined) : request;
  const protocol = request.headers['git-protocol'] as string | undefined;
  const push = service === 'git-receive-pack' && (await peekPush(body).catch(() => undefined));
  return repository.exchange({
    ...{ service, protocol, body },
    ...(push && { push }),
    ...(finished && { finished }),
  });
}

/** Ten names of the same folder, `levels` deep, of ten names of one file. @returns a commit of it, which no reference names */
export function treeBomb(
  directory: string,
  { levels = 9, bytes = 100_000 } = {},
): { commit: string; tree: string } {
  const git = plumbing(directory);
  const blob = git(['hash-object', '-w', '--stdin'], Buffer.alloc(bytes));
  return nested(git, tenOf(git, `100644 blob ${blob}`, 'f'), levels);
}

/** Many names of one file that no compression makes smaller: little to push, and long to archive. @returns the commit */
export function longArchive(directory: string, mebibytes: number): string {
  const git = plumbing(directory);
  const blob = git(['hash-object', '-w', '--stdin'], randomBytes(1024 * 1024));
  const names = Array.from({ length: mebibytes }, (_, i) => `100644 blob ${blob}\tf${i}\n`);
  return git(['commit-tree', '-m', 'long', git(['mktree'], names.join(''))]);
}

/** The same without any file. */
export function emptyFolders(directory: string): { commit: string; tree: string } {
  const git = plumbing(directory);
  return nested(git, git(['mktree'], ''), 12);
}

type Plumbing = (args: string[], input?: string | Buffer) => string;

function plumbing(cwd: string): Plumbing {
  const person = { NAME: 'Mary Major', EMAIL: 'mary@example.com' };
  const env = {
    PATH: searchPath(),
    GIT_AUTHOR_NAME: person.NAME,
    GIT_AUTHOR_EMAIL: person.EMAIL,
    GIT_COMMITTER_NAME: person.NAME,
    GIT_COMMITTER_EMAIL: person.EMAIL,
  };
  return (args, input = '') => execFileSync('git', args, { cwd, input, env }).toString().trim();
}

function tenOf(git: Plumbing, what: string, letter: string): string {
  const lines = Array.from({ length: 10 }, (_, i) => `${what}\t${letter}${i}\n`);
  return git(['mktree'], lines.join(''));
}

function nested(git: Plumbing, innermost: string, levels: number) {
  let tree = innermost;
  for (let level = 0; level < levels; level++) tree = tenOf(git, `040000 tree ${tree}`, 'd');
  return { commit: git(['commit-tree', '-m', 'bomb', tree]), tree };
}
