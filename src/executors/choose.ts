import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { isLoopback } from '../lib/loopback.ts';
import { StartError, UsageError } from '../lib/start-error.ts';
import type { Executor } from './executor.ts';
import { listDataDirectory } from './process/other-servers.ts';
import { makeProcessExecutor } from './process/process-executor.ts';
import { Executors } from './several.ts';

const DOCKER_SOCKET = '/var/run/docker.sock';

export interface ExecutorChoice {
  kind: 'auto' | 'docker' | 'process';
  /** Where the process executor keeps work: a directory in the server's data directory. */
  stateDir: string;
  /** PATH that commands of the process executor get. */
  path: string;
  /** That the server listens on: a loopback address is reached from containers over the machine's network only. */
  host: string;
  /** Files that work must not see beside the server's data, which may be written later: the ready file has the root key. */
  secrets: string[];
  /** When containers' images are pulled. */
  pull: 'missing' | 'always' | 'never';
  /** The environment says where the Docker Engine is (DOCKER_HOST). */
  dockerElsewhere: boolean;
  /** Takes work without a sandbox also where strangers can send it. */
  allowUnsandboxed: boolean;
}

export interface ChosenExecutors {
  executors: Executors;
  /** That work is not kept apart from the server, which whoever starts it has to be told loudly. */
  warning: string | undefined;
}

/** The configuration asks for what must not be here. */
export class ExecutorRefused extends UsageError {}

/**
 * The executors that the configuration asks for, of which nothing is made yet. `auto`: Docker when an engine answers, and
 * processes for what needs no image, unless they would be the only ones without a sandbox; else processes.
 * @throws StartError saying why it cannot be used; ExecutorRefused when its work would lie open to other machines
 */
export async function chooseExecutors(choice: ExecutorChoice): Promise<ChosenExecutors> {
  listDataDirectory(dirname(choice.stateDir));
  const docker = await findDocker(choice);
  const processes = choice.kind === 'docker' ? undefined : processExecutor(choice);
  const isolation = await processes?.isolation();
  if (docker) {
    const kept = processes && isolation?.kind !== 'none' ? [docker, processes] : [docker];
    return { executors: new Executors(kept), warning: undefined };
  }
  const executors = new Executors([await usable(processes ?? processExecutor(choice))]);
  if (isolation?.kind !== 'none') return { executors, warning: undefined };
  const open = `Builds run without a sandbox (${isolation.reason}): they can read and change all that the server can, its keys and data among it.`;
  if (!isLoopback(choice.host) && !choice.allowUnsandboxed) {
    throw new ExecutorRefused(
      `${open} On ${choice.host} that is refused: install bubblewrap, use --executor docker, or say --allow-unsandboxed-builds.`,
    );
  }
  return { executors, warning: open };
}

async function findDocker(choice: ExecutorChoice): Promise<Executor | undefined> {
  const { kind } = choice;
  if (kind === 'docker') return usable(await dockerExecutor(choice));
  if (kind === 'process' || !existsSync(DOCKER_SOCKET)) return undefined;
  const docker = await dockerExecutor(choice);
  return (await docker.unavailable()) === undefined ? docker : undefined;
}

function processExecutor({ stateDir, path, secrets }: ExecutorChoice): Executor {
  // The server's data (keys, artifacts, repositories) are beside the work.
  const hidden = [dirname(stateDir), ...secrets];
  return makeProcessExecutor({ stateDir, path, sandbox: 'auto', hidden });
}

/** Loaded only where it may be used: most servers run processes. */
async function dockerExecutor({
  host,
  stateDir,
  pull,
  dockerElsewhere: elsewhere,
}: ExecutorChoice): Promise<Executor> {
  const { makeDockerExecutor } = await import('./docker/docker-executor.ts');
  return makeDockerExecutor({
    network: isLoopback(host) && platform() === 'linux' ? 'host' : 'bridge',
    ...{ pull, elsewhere, disk: dirname(stateDir) },
  });
}

async function usable(executor: Executor): Promise<Executor> {
  const reason = await executor.unavailable();
  if (reason) throw new StartError(`The ${executor.kind} executor cannot be used here: ${reason}`);
  return executor;
}
