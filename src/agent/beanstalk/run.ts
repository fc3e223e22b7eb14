import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { sealed } from '../../lib/inherited.ts';
import { sendSignal } from '../../lib/process-table.ts';
import { CURRENT, LOGS, PATH, WEBAPP } from './layout.ts';

/** A log is turned over when it is longer. */
const LONGEST_LOG = 10 * 1024 * 1024;

/** What an application's programs see: nothing of the agent's own. */
export const environmentOf = (properties: Record<string, string>, port: number) => ({
  ...{ PATH, HOME: '/home/webapp', USER: 'webapp', NODE_ENV: 'production' },
  ...properties,
  PORT: String(port),
});

/** Writes what streams bring, and turns the file over when it is long. */
export class Log {
  readonly #file: string;
  #to: WriteStream | undefined;
  #bytes = 0;

  constructor(name: string) {
    this.#file = `${LOGS}/${name}`;
  }

  async open(): Promise<void> {
    this.#bytes = (await stat(this.#file).catch(() => undefined))?.size ?? 0;
    this.#to = createWriteStream(this.#file, { flags: 'a' });
    this.#to.on('error', () => {});
  }

  write(chunk: Buffer | string): void {
    this.#to?.write(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < LONGEST_LOG) return;
    this.#bytes = 0;
    this.#to?.end();
    void rename(this.#file, `${this.#file}.1`)
      .catch(() => {})
      .then(() => this.open());
  }
}

/** Starts a program of the application as its user, at the head of a group of its own. */
export function startProgram(
  command: string,
  env: Record<string, string>,
  onOutput: (chunk: Buffer) => void,
): ChildProcess {
  const child = spawn('/bin/sh', ['-c', command], {
    ...{ cwd: CURRENT, env: { ...env, PATH: `${CURRENT}/node_modules/.bin:${PATH}` } },
    ...{ uid: WEBAPP, gid: WEBAPP, detached: true, stdio: sealed(['ignore', 'pipe', 'pipe']) },
  });
  child.stdout?.on('data', onOutput);
  child.stderr?.on('data', onOutput);
  return child;
}

/** Runs a program to its end. @returns its last words. @throws Error with them where it fails */
export async function runToEnd(
  [program = '', ...args]: readonly string[],
  {
    cwd,
    env,
    forMs,
    onOutput,
  }: {
    cwd: string;
    env: Record<string, string>;
    forMs: number;
    onOutput(chunk: Buffer): void;
  },
): Promise<void> {
  const child = spawn(program, args, {
    ...{ cwd, env, uid: WEBAPP, gid: WEBAPP, detached: true },
    stdio: sealed(['ignore', 'pipe', 'pipe']),
  });
  let last = '';
  const hear = (chunk: Buffer) => {
    onOutput(chunk);
    last = `${last}${chunk.toString('utf8')}`.slice(-500);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const late = setTimeout(() => killGroup(child.pid, 'SIGKILL'), forMs);
  try {
    const [status, signal] = await new Promise<[number | null, string | null]>(
      (resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code, by) => resolve([code, by]));
      },
    );
    if (status !== 0)
      throw new Error(`${program} ${args[0]} has ended with ${signal ?? status}: ${last.trim()}`);
  } finally {
    clearTimeout(late);
  }
}

export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) sendSignal(-pid, signal);
}
