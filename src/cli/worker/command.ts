import { spawn } from 'node:child_process';
import { machineEnvironment } from '../../lib/machine-environment.ts';

/** Credentials of the worker are its own business, and not the command's. */
const PRIVATE = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'];

export interface Ran {
  /** Undefined where a signal, or the time-out, ended it. */
  exitCode: number | undefined;
  timedOut: boolean;
  /** The end of what it wrote. */
  tail: string;
}

/** How much of a failed command's output is told. */
const TAIL = 2000;

/**
 * Runs a shell command in a directory; what it writes goes to the worker's own output. When its time is over, it ends
 * with all that it has started.
 */
export async function runCommand(
  command: string,
  {
    directory,
    variables,
    timeoutMs,
  }: {
    directory: string;
    variables: Record<string, string>;
    timeoutMs: number | undefined;
  },
): Promise<Ran> {
  const inherited = Object.entries(machineEnvironment(process.env)).filter(
    ([name]) => !PRIVATE.includes(name),
  );
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: directory,
    env: { ...Object.fromEntries(inherited), ...variables },
    // A process group of its own, which ends as a whole.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  const told = (out: NodeJS.WriteStream) => (chunk: Buffer) => {
    out.write(chunk);
    tail = `${tail}${chunk.toString('utf8')}`.slice(-TAIL);
  };
  child.stdout.on('data', told(process.stdout));
  child.stderr.on('data', told(process.stderr));
  let timedOut = false;
  const end = () => {
    timedOut = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { exitCode: exitCode ?? undefined, timedOut, tail: tail.trim() };
  } finally {
    clearTimeout(timer);
  }
}
