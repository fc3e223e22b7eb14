import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { ComputeAway } from '../executor.ts';

type Dial = (options: Call, callback: (error: unknown, data?: unknown) => void) => void;

/** A call of the engine's API, as the client has it. */
interface Call {
  path: string;
  abortSignal?: AbortSignal | undefined;
  /** What is sent with it. */
  file?: unknown;
}

const require = createRequire(import.meta.url);
const SOCKET = '/var/run/docker.sock';
/** Docker Desktop's. */
const OWN_SOCKET = join(homedir(), '.docker/run/docker.sock');

/** How long an engine may take to answer: one that starts or removes a container of a busy machine takes some. */
export const ANSWER_MS = 60_000;
/** It asks a registry before it says anything, or who asks does not wait so long; a phase has a time of its own. */
const LONG_ANSWER_MS = 30 * 60_000;
/** Pulls, and starts of containers: these must not be broken off, as the engine goes on with them. */
const LONG = /^\/(images\/create|containers\/[^/?]+\/start)(\?|$)/;
/** To be there. */
const PING_MS = 10_000;

/**
 * A client of the engine, whose calls say so when the engine itself is not there, or takes a call and never answers. One that
 * is sent a stream may take its time as long as it reads.
 */
export function engineAt(options: Docker.DockerOptions, answerMs = ANSWER_MS): Docker {
  // The package takes as much memory as the rest of an idle server: it comes with the first work.
  const docker: Docker = new (require('dockerode') as typeof Docker)(options);
  const modem = docker.modem as { dial: Dial };
  const dial = modem.dial.bind(modem);
  modem.dial = (call, callback) => {
    const bound = boundOf(call, answerMs);
    dial({ ...call, abortSignal: bound.signal }, (error, data) => {
      bound.answered();
      callback(error && (bound.isLate() ? silent() : explained(error)), data);
    });
  };
  return docker;
}

interface Bound {
  signal: AbortSignal | undefined;
  answered(): void;
  isLate(): boolean;
}

/** Aborts a call that is not answered. Who waits for the end of a container asks as often as it likes. */
function boundOf({ path, abortSignal, file }: Call, answerMs: number): Bound {
  if (/\/wait\?/.test(path))
    return { signal: abortSignal, answered: () => {}, isLate: () => false };
  const late = new AbortController();
  const patience = LONG.test(path) ? LONG_ANSWER_MS : answerMs;
  const body = file instanceof Readable ? file : undefined;
  let timer: NodeJS.Timeout;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(look, patience).unref();
  };
  // Where nothing comes out of the source of what is sent, the engine is not to blame.
  const look = () => {
    if (body && !body.readableEnded && !body.destroyed && !body.isPaused()) wait();
    else late.abort();
  };
  wait();
  body?.on('data', wait);
  // Nothing was asked of it yet: who sends it does that.
  body?.pause();
  return {
    signal: AbortSignal.any([late.signal, ...(abortSignal ? [abortSignal] : [])]),
    answered: () => {
      clearTimeout(timer);
      body?.off('data', wait);
    },
    isLate: () => late.signal.aborted && !abortSignal?.aborted,
  };
}

/**
 * Asks the engine whether it is there, over a connection of its own.
 * @param elsewhere it is where the environment says
 * @throws ComputeAway when it takes none, or says nothing; Error when it refuses
 */
export async function ping(
  options: Docker.DockerOptions,
  { elsewhere = false, answerMs = PING_MS }: { elsewhere?: boolean; answerMs?: number } = {},
): Promise<void> {
  const socketPath = options.socketPath ?? (elsewhere ? undefined : defaultSocket());
  if (socketPath !== undefined) return pingSocket(socketPath, answerMs);
  const docker = engineAt(options, answerMs);
  const modem = docker.modem as { protocol?: string; agent?: unknown };
  if (modem.protocol !== 'https' && modem.protocol !== 'ssh')
    modem.agent = new Agent({ keepAlive: false });
  await docker.ping();
}

/**
 * Whether the engine takes new connections. One that was told to stop does not any more, though it goes on answering
 * on those that it has, until the last container has ended. True where that cannot be asked.
 */
export const takesConnections = (...engine: Parameters<typeof ping>): Promise<boolean> =>
  ping(...engine).then(
    () => true,
    (error) => !(error instanceof ComputeAway) || (error as { code?: string }).code === SILENT,
  );

/** Where the docker command finds the engine when nothing is said. */
const defaultSocket = () => (existsSync(OWN_SOCKET) ? OWN_SOCKET : SOCKET);

function pingSocket(socketPath: string, answerMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const signal = AbortSignal.timeout(answerMs);
  get({ socketPath, path: '/_ping', agent: false, signal }, (response) => {
    response.resume();
    if (response.statusCode === 200) resolve();
    else reject(new Error(`it answers with ${response.statusCode}`));
  }).on('error', (error) => reject(signal.aborted ? silent() : explained(error)));
  return promise;
}

/** No code of the system's: a connection that times out was not taken. */
const SILENT = 'ESILENT';

/** It took the call. */
export function silent(): ComputeAway {
  return Object.assign(new ComputeAway('the Docker Engine does not answer'), { code: SILENT });
}

function explained(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'connect' && code !== 'ECONNRESET' && code !== 'EPIPE') return error;
  const away = new ComputeAway('the Docker Engine does not answer', { cause: error });
  return Object.assign(away, { code, syscall });
}

/** There is no such thing. */
export const MISSING = 404;
/** There is one already, or it is in use. */
export const CONFLICT = 409;

/** On all that is made here: whose it is. */
export const LABEL = 'slipway.work';

/** What the engine answered. */
export function statusOf(error: unknown): number {
  return (error as { statusCode?: number }).statusCode ?? 0;
}

/** What the client puts before the engine's. */
const CLIENTS_WORDS = /^\(HTTP code \d{3}\) [a-z ]{1,40} - /;

/** Why the engine refused, in its own words; undefined where it did not answer. */
export function refusalOf(error: unknown): string | undefined {
  if (statusOf(error) === 0) return undefined;
  return (error as Error).message.replace(CLIENTS_WORDS, '').trim();
}

/** Waits for a call; that it came too late is no error. */
export async function ignoring<T>(statuses: number[], call: Promise<T>): Promise<T | undefined> {
  return call.catch((error) => {
    if (!statuses.includes(statusOf(error))) throw error;
    return undefined;
  });
}
