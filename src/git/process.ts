import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type Bounds, GitLimitError, MOST_OUTPUT_BYTES, SHORT } from './bounds.ts';
import { type GitRuntime, gitEnvironment } from './environment.ts';

export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** Standard error that is kept for the error text; git says what matters at the end. */
const KEPT_STDERR_BYTES = 8 * 1024;
/** Who has not ended on SIGTERM by then is killed. */
const LAST_WORDS_MS = 2_000;

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
  /** Its arguments, for error texts. */
  command: string;
  process: GitProcess;
  /** The exit code once the process has ended and its pipes are closed; -1 when a signal ended it. Never rejects. */
  closed: Promise<number>;
  /** The last of what it wrote to standard error. */
  stderr(): string;
  /** Did it come to a bound of its own, of time or of memory? Known once it has closed. */
  exhausted(): boolean;
  /** Ends it and the commands that it started. */
  kill(): void;
}

/**
 * Bounds hold for git and for the commands that it starts, also when the server itself is killed. Node can set none for
 * a process that it starts; a shell can, and becomes git. A system that knows no such bound goes without it.
 */
const BOUNDED =
  'ulimit -d "$1" 2>/dev/null; test "$2" = 0 || ulimit -t "$2" 2>/dev/null; test "$3" = 0 || ulimit -f "$3" 2>/dev/null; shift 3; exec "$@"';

/** The program, and its arguments, that is this command within bounds. */
export function boundedCommand(
  { heapMib, seconds = 0, fileMib = 0 }: Pick<Bounds, 'heapMib' | 'seconds' | 'fileMib'>,
  command: readonly string[],
): [string, string[]] {
  // Files are bounded in blocks of 512 bytes.
  const bounds = [heapMib * 1024, seconds, fileMib * 2048].map(String);
  return ['/bin/sh', ['-c', BOUNDED, 'sh', ...bounds, ...command]];
}

/**
 * Starts git with nothing of the server's own environment and within bounds.
 * It leads a process group of its own, so that `kill` reaches its children (pack-objects, index-pack) too.
 * @param asks whether its hooks have two more pipes: 3, on which they ask, and 4, on which they are answered
 * @throws the reason of `bounds.signal` where that has aborted
 */
export function startGit(
  runtime: GitRuntime,
  directory: string,
  args: string[],
  {
    env = {},
    bounds = SHORT,
    asks = false,
  }: { env?: Record<string, string>; bounds?: Bounds; asks?: boolean } = {},
): RunningGit {
  bounds.signal?.throwIfAborted();
  const child = spawn(...boundedCommand(bounds, [runtime.binary, ...args]), {
    cwd: directory,
    env: { ...gitEnvironment(runtime, directory), ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...(asks ? (['pipe', 'pipe'] as const) : [])],
    detached: true,
  }) as GitProcess;
  let errors = Buffer.alloc(0);
  child.stderr.on('data', (chunk: Buffer) => {
    errors = Buffer.concat([errors, chunk]).subarray(-KEPT_STDERR_BYTES);
  });
  // git may end before it has read all of its input: the exit code says whether that was a failure.
  child.stdin.on('error', () => undefined);
  const kill = () => killGroup(child);
  const late = { passed: false };
  const forget = endInTime(bounds, kill, late);
  const closed = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      errors = Buffer.from(error.message);
      resolve(-1);
    });
    child.on('close', (code) => resolve(code ?? -1));
  });
  const exhausted = () =>
    late.passed ||
    child.signalCode === 'SIGXCPU' ||
    // 25 is SIGXFSZ, by which the process ends that writes a file beyond its bound.
    /out of memory|died of signal 25/i.test(errors.toString());
  const git = {
    ...{ command: args.join(' '), process: child, closed },
    ...{ stderr: () => errors.toString(), exhausted, kill },
  };
  const ending = {
    closed,
    end() {
      kill();
      // Where nobody reads what it said it would not be seen to end.
      child.stdout.destroy();
    },
  };
  runtime.running.add(ending);
  closed.then(() => {
    forget();
    runtime.running.delete(ending);
  });
  return git;
}

/** Ends a process when its time is over or nobody waits for it any more. @returns what takes that back */
function endInTime(
  { seconds, signal }: Bounds,
  kill: () => void,
  late: { passed: boolean },
): () => void {
  const timer =
    seconds === undefined
      ? undefined
      : setTimeout(() => {
          late.passed = true;
          kill();
        }, seconds * 1000).unref();
  signal?.addEventListener('abort', kill, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
  };
}

function killGroup(child: GitProcess): void {
  if (!signalGroup(child, 'SIGTERM')) return;
  setTimeout(() => signalGroup(child, 'SIGKILL'), LAST_WORDS_MS).unref();
}

/** @returns whether it was there */
function signalGroup(child: GitProcess, signal: NodeJS.Signals): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
  return true;
}

export interface RunOptions {
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
  bounds?: Bounds;
}

/**
 * Runs git to its end.
 * @returns all of its standard output: for commands whose answer is small.
 * @throws GitError when it does not end with 0, GitLimitError when it came to its bounds
 */
export async function runGit(
  runtime: GitRuntime,
  directory: string,
  args: string[],
  { stdin, env, bounds }: RunOptions = {},
): Promise<Buffer> {
  const git = startGit(runtime, directory, args, {
    env: { GIT_DIR: directory, ...env },
    ...(bounds && { bounds }),
  });
  git.process.stdin.end(stdin);
  return outputOf(git, `answers of git ${args[0]} of this size`);
}

/**
 * All that a process says, once it has ended well.
 * @param tooMuch what there is too much of where it says more than is read
 * @param signal ended by it, the process is to blame for nothing
 * @param well exit codes of a process that has ended well
 */
export async function outputOf(
  git: RunningGit,
  tooMuch: string,
  signal?: AbortSignal,
  well: readonly number[] = [0],
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  git.process.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_OUTPUT_BYTES) chunks.push(chunk);
    else git.kill();
  });
  const code = await git.closed;
  signal?.throwIfAborted();
  if (size > MOST_OUTPUT_BYTES) throw new GitLimitError(tooMuch);
  if (!well.includes(code)) throw failureOf(git, code);
  return Buffer.concat(chunks);
}

/** The failure of a process that has ended. */
export function failureOf(git: RunningGit, code: number): Error {
  return git.exhausted()
    ? new GitLimitError('histories and trees of this size')
    : new GitError(git.command, code, git.stderr());
}
