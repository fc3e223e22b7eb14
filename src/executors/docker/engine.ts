import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { ComputeAway } from '../executor.ts';

type Dial = (options: unknown, callback: (error: unknown, data?: unknown) => void) => void;

const require = createRequire(import.meta.url);
const SOCKET = '/var/run/docker.sock';
/** Docker Desktop's. */
const OWN_SOCKET = join(homedir(), '.docker/run/docker.sock');

/** A client of the engine, whose calls say so when the engine itself is not there. */
export function engineAt(options: Docker.DockerOptions): Docker {
  // The package takes as much memory as the rest of an idle server: it comes with the first work.
  const docker: Docker = new (require('dockerode') as typeof Docker)(options);
  const modem = docker.modem as { dial: Dial };
  const dial = modem.dial.bind(modem);
  modem.dial = (request, callback) =>
    dial(request, (error, data) => callback(error && explained(error), data));
  return docker;
}

/**
 * Asks the engine whether it is there, over a connection of its own.
 * @param elsewhere it is where the environment says
 * @throws ComputeAway when it takes none; Error when it refuses
 */
export async function ping(options: Docker.DockerOptions, elsewhere = false): Promise<void> {
  const socketPath = options.socketPath ?? (elsewhere ? undefined : defaultSocket());
  if (socketPath !== undefined) return pingSocket(socketPath);
  const docker = engineAt(options);
  const modem = docker.modem as { protocol?: string; agent?: unknown };
  if (modem.protocol !== 'https' && modem.protocol !== 'ssh')
    modem.agent = new Agent({ keepAlive: false });
  await docker.ping();
}

/**
 * Whether the engine takes new connections. One that was told to stop does not any more, though it goes on answering
 * on those that it has, until the last container has ended. True where that cannot be asked.
 */
export const takesConnections = (
  options: Docker.DockerOptions,
  elsewhere?: boolean,
): Promise<boolean> =>
  ping(options, elsewhere).then(
    () => true,
    (error) => !(error instanceof ComputeAway),
  );

/** Where the docker command finds the engine when nothing is said. */
const defaultSocket = () => (existsSync(OWN_SOCKET) ? OWN_SOCKET : SOCKET);

function pingSocket(socketPath: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get({ socketPath, path: '/_ping', agent: false }, (response) => {
    response.resume();
    if (response.statusCode === 200) resolve();
    else reject(new Error(`it answers with ${response.statusCode}`));
  }).on('error', (error) => reject(explained(error)));
  return promise;
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
