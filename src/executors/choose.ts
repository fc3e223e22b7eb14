import { existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { isLoopback } from '../lib/loopback.ts';
import type { Executor } from './executor.ts';
import { makeProcessExecutor } from './process/process-executor.ts';

/** What sandboxed work must not see: credentials of the server's user, and ways to other rights. */
const CREDENTIALS = [
  '.aws',
  '.ssh',
  '.gnupg',
  '.docker',
  '.kube',
  '.netrc',
  '.git-credentials',
  '.npmrc',
  '.config/gh',
];
const DOCKER_SOCKET = '/var/run/docker.sock';
const SOCKETS = [
  '/run/docker.sock',
  '/run/podman',
  '/run/containerd',
  '/run/dbus',
  '/run/user',
  // PostgreSQL takes who comes by its socket for the user that the server is.
  '/run/postgresql',
];

/**
 * The executor that the configuration asks for. `auto`: Docker when an engine answers, else processes.
 * @param path the PATH that commands of the process executor get
 * @param host that the server listens on: a loopback address is reached from containers over the machine's network only
 * @param secrets further files that work must not see, which may be written later: the ready file has the root key
 * @throws Error saying why it cannot be used
 */
export async function chooseExecutor(
  kind: 'auto' | 'docker' | 'process',
  stateDir: string,
  log: Pick<Logger, 'warn'>,
  path: string,
  host = '127.0.0.1',
  secrets: string[] = [],
): Promise<Executor> {
  if (kind === 'docker') return usable(await dockerExecutor(host));
  if (kind === 'auto' && existsSync(DOCKER_SOCKET)) {
    const docker = await dockerExecutor(host);
    if ((await docker.unavailable()) === undefined) return docker;
  }
  return usable(
    makeProcessExecutor({
      stateDir,
      path,
      sandbox: 'auto',
      hidden: [...hiddenPaths(stateDir), ...secrets],
      warn: (message) => log.warn(message),
    }),
  );
}

/** Loaded only where it may be used: most servers run processes. */
async function dockerExecutor(host: string): Promise<Executor> {
  const { makeDockerExecutor } = await import('./docker/docker-executor.ts');
  return makeDockerExecutor({
    network: isLoopback(host) && platform() === 'linux' ? 'host' : 'bridge',
  });
}

async function usable(executor: Executor): Promise<Executor> {
  const reason = await executor.unavailable();
  if (reason) throw new Error(`The ${executor.kind} executor cannot be used here: ${reason}`);
  return executor;
}

/** The server's data (keys, artifacts, repositories) are beside the work. */
function hiddenPaths(stateDir: string): string[] {
  const candidates = [
    dirname(stateDir),
    ...CREDENTIALS.map((name) => join(homedir(), name)),
    ...SOCKETS,
  ];
  return candidates.filter((path) => existsSync(path));
}
