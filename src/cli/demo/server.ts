import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DemoServer {
  process: ChildProcess;
  endpoint: string;
  region: string;
  accountId: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

const root = join(import.meta.dirname, '..', '..', '..');

export interface SpawnOptions {
  env: NodeJS.ProcessEnv;
  /** Outlives this process. */
  detached: boolean;
  /** File for its standard error; default: ours. */
  errors?: string;
}

/** Runs a script of this project under the same Node. */
export function spawnNode(
  script: string,
  args: string[],
  { env, detached, errors }: SpawnOptions,
): ChildProcess {
  const stderr = errors === undefined ? 'inherit' : openSync(errors, 'a');
  const child = spawn(process.execPath, [...process.execArgv, join(root, script), ...args], {
    env,
    detached,
    stdio: ['ignore', 'pipe', stderr],
  });
  if (typeof stderr === 'number') closeSync(stderr);
  return child;
}

/** Starts a server on a free port over a fresh data directory and waits for `Ready.` @throws Error when it ends before that. */
export async function startServer(
  dataDir: string,
  flags: string[],
  detached: boolean,
): Promise<DemoServer> {
  const readyFile = join(dataDir, 'ready.json');
  const args = ['up', '--port', '0', '--data', dataDir, '--ready-file', readyFile, ...flags];
  const child = spawnNode('src/main.ts', args, { env: process.env, detached });
  await new Promise<void>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      if (/^Ready\.$/m.test(output)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.\n${output}`)));
  });
  const ready = JSON.parse(readFileSync(readyFile, 'utf8'));
  return {
    process: child,
    endpoint: ready.endpoint,
    region: ready.region,
    accountId: ready.accountId,
    credentials: { accessKeyId: ready.accessKeyId, secretAccessKey: ready.secretAccessKey },
  };
}

/** Ends a child process: SIGTERM, then waits. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
