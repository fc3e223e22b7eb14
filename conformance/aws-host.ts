import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Finished, run } from './run.ts';

const utf8 = { encoding: 'utf8' } as const;
const HOST = fileURLToPath(new URL('aws-host.py', import.meta.url));

/** The interpreter that `aws` runs on, where it is a script of Python's or pyenv's stand-in for one. */
function interpreter(): string | undefined {
  const directories = (process.env.PATH ?? '').split(':');
  const aws = directories.map((directory) => join(directory, 'aws')).find(existsSync);
  if (aws === undefined) return undefined;
  const stands =
    basename(dirname(aws)) === 'shims' ? execFileSync('pyenv', ['which', 'aws'], utf8) : aws;
  return /^#! ?(\/\S*python[\d.]*)\n/.exec(readFileSync(stands.trim(), 'latin1'))?.[1];
}

/** One a worker of the tests: it ends with the worker, whose end closes its standard input. */
let host: Promise<string | undefined> | undefined;

async function startHost(): Promise<string | undefined> {
  const python = interpreter();
  if (python === undefined) return undefined;
  const child = spawn(python, [HOST], { stdio: ['pipe', 'pipe', 'inherit'] });
  const socket = await firstLine(child);
  if (socket === undefined) throw new Error(`${python} ${HOST} has ended`);
  // The worker does not wait for it.
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as Socket).unref();
  return socket;
}

async function firstLine(
  child: ChildProcessByStdio<Writable, Readable, null>,
): Promise<string | undefined> {
  for await (const line of createInterface({ input: child.stdout })) return line;
  return undefined;
}

/**
 * Runs the real aws command to its end: the code that the machine's `aws` would run, in a fork of a process that has imported it
 * already (0.15 s of a processor a command in place of 1.1 s). Where `aws` is no script of Python's, the command itself.
 */
export async function runAws(
  args: string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string },
): Promise<Finished> {
  host ??= startHost();
  const path = await host;
  if (path === undefined) return run('aws', args, options);
  const { env, cwd = process.cwd() } = options;
  const connection = connect(path);
  connection.write(`${JSON.stringify({ args, env, cwd })}\n`);
  const answer = await text(connection);
  if (answer === '') throw new Error(`aws ${args.join(' ')} ended without an answer`);
  return JSON.parse(answer);
}
