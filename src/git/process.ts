import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type GitRuntime, gitEnvironment } from './environment.ts';

export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** Standard error that is kept for the error text; git says what matters at the end. */
const KEPT_STDERR_BYTES = 8 * 1024;

/** A git command that ended with a code other than 0. */
export class GitError extends Error {
  readonly exitCode: number;
  readonly stderr: string;

  constructor(command: string, exitCode: number, stderr: string) {
    super(`git ${command} ended with ${exitCode}: ${stderr.trim()}`);
    this.name = 'GitError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export interface RunningGit {
  process: GitProcess;
  /** The exit code once the process has ended and its pipes are closed; -1 when a signal ended it. Never rejects. */
  closed: Promise<number>;
  /** The last of what it wrote to standard error. */
  stderr(): string;
  /** Ends it and the commands that it started. */
  kill(): void;
}

/**
 * Starts git without a shell and without anything of the server's own environment.
 * It leads a process group of its own, so that `kill` reaches its children (pack-objects, index-pack) too.
 */
export function startGit(
  runtime: GitRuntime,
  directory: string,
  args: string[],
  env: Record<string, string> = {},
): RunningGit {
  const child = spawn(runtime.binary, args, {
    cwd: directory,
    env: { ...gitEnvironment(runtime, directory), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let errors = Buffer.alloc(0);
  child.stderr.on('data', (chunk: Buffer) => {
    errors = Buffer.concat([errors, chunk]).subarray(-KEPT_STDERR_BYTES);
  });
  // git may end before it has read all of its input: the exit code says whether that was a failure.
  child.stdin.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      errors = Buffer.from(error.message);
      resolve(-1);
    });
    child.on('close', (code) => resolve(code ?? -1));
  });
  return { process: child, closed, stderr: () => errors.toString(), kill: () => killGroup(child) };
}

function killGroup(child: GitProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    child.kill('SIGTERM');
  }
}

export interface RunOptions {
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
}

/**
 * Runs git to its end.
 * @returns all of its standard output: for commands whose answer is small.
 * @throws GitError when it does not end with 0
 */
export async function runGit(
  runtime: GitRuntime,
  directory: string,
  args: string[],
  options: RunOptions = {},
): Promise<Buffer> {
  const git = startGit(runtime, directory, args, { GIT_DIR: directory, ...options.env });
  git.process.stdin.end(options.stdin);
  const chunks: Buffer[] = [];
  git.process.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await git.closed;
  if (code !== 0) throw new GitError(args.join(' '), code, git.stderr());
  return Buffer.concat(chunks);
}
