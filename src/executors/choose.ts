import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
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
const SOCKETS = ['/run/docker.sock', '/run/containerd', '/run/dbus', '/run/user'];

/** The executor that the configuration asks for. @throws Error saying why it cannot be used */
export async function chooseExecutor(
  kind: 'auto' | 'docker' | 'process',
  stateDir: string,
  log: Pick<Logger, 'warn'>,
  path = process.env.PATH ?? '',
): Promise<Executor> {
  if (kind === 'docker') throw new Error('The docker executor is not built yet');
  const executor = makeProcessExecutor({
    stateDir,
    path,
    sandbox: 'auto',
    hidden: hiddenPaths(stateDir),
    warn: (message) => log.warn(message),
  });
  const reason = await executor.unavailable();
  if (reason) throw new Error(`The process executor cannot be used here: ${reason}`);
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
