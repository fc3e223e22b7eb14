import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { sealed } from '../lib/inherited.ts';

type Piped = ChildProcessByStdio<null, Readable, Readable>;

/** A tool of the host that did not do what it was asked for. */
export class ToolError extends Error {
  /** The exit code, the signal, or why it could not be started. */
  readonly code: number | string;
  readonly stderr: string;

  constructor(command: string, code: number | string, stderr: string) {
    super(`${command} failed with ${code}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Runs a tool to its end, away from the agent's terminal and process group: a signal that tells the agent to finish
 * its command and end must not end the tool that the command needs.
 * @returns what it wrote to stdout
 * @throws ToolError
 */
export async function runTool(command: string, args: string[]): Promise<string> {
  const stdio = sealed(['ignore', 'pipe', 'pipe']);
  const child = spawn(command, args, { detached: true, stdio }) as Piped;
  const exit = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? ''));
  });
  const [code, out, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new ToolError(command, code, stderr);
  return out;
}
