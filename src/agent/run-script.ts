import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Script } from './appspec/parse.ts';
import { CODES, ScriptError } from './diagnostics.ts';
import type { ScriptLog } from './script-log.ts';

/** A script that ignores SIGTERM is killed after this. */
const KILL_AFTER_MS = 10_000;

/**
 * Runs one hook script to its end. Its process group gets SIGTERM when it takes too long.
 * @param path absolute
 * @throws ScriptError
 */
export async function runScript(
  script: Script,
  path: string,
  env: NodeJS.ProcessEnv,
  log: ScriptLog,
): Promise<void> {
  const fail = (code: number, message: string) =>
    new ScriptError(code, script.location, log.tail(), message);
  const where = `Script at specified location: ${script.location}`;
  const who = script.runas === undefined ? where : `${where} run as user ${script.runas}`;
  log.line(`Script - ${script.location}`);
  const [command = '', ...args] = commandLine(script, path);
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const outputs = [drain(child.stdout, '[stdout]', log), drain(child.stderr, '[stderr]', log)];
  const timer = timeout(script.timeout * 1000);
  const closeOutputs = () => {
    child.stdout.destroy();
    child.stderr.destroy();
  };
  try {
    const exit = await Promise.race([exitOf(child), timer.passed]);
    if (exit === undefined) {
      endGroup(child, closeOutputs);
      throw fail(CODES.scriptTimedOut, `${where} failed to complete in ${script.timeout} seconds`);
    }
    for (const [index, output] of outputs.entries()) {
      if ((await Promise.race([output.then(() => true), timer.passed])) === undefined) {
        throw fail(
          CODES.outputsLeftOpen,
          `${where} failed to close ${index === 0 ? 'STDOUT' : 'STDERR'}`,
        );
      }
    }
    if (exit !== 0) throw fail(CODES.scriptFailed, `${who} failed with exit code ${exit}`);
  } catch (error) {
    if (error instanceof ScriptError) throw error;
    throw fail(CODES.scriptFailed, `${who} failed with error ${(error as Error).message}`);
  } finally {
    timer.cancel();
    // A script that was told to end may still say something while it cleans up.
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
      closeOutputs();
  }
}

/** `su` runs a command line, so the path is quoted. */
function commandLine({ runas, sudo }: Script, path: string): string[] {
  const command =
    runas === undefined ? [path] : ['su', runas, '-c', `'${path.replaceAll("'", `'\\''`)}'`];
  return sudo ? ['sudo', ...command] : command;
}

/** The exit code, or the name of the signal that ended it. */
function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? ''));
  });
}

/** Logs an output line by line; resolves when it is closed, also by our giving up. */
function drain(stream: Readable | null, prefix: string, log: ScriptLog): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return new Promise((resolve) => {
    stream?.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) log.line(prefix + line);
    });
    stream?.on('error', () => {});
    stream?.once('close', () => {
      if (rest !== '') log.line(prefix + rest);
      resolve();
    });
  });
}

/** `passed` becomes undefined after `ms`. */
function timeout(ms: number): { passed: Promise<undefined>; cancel(): void } {
  let cancel = () => {};
  const passed = new Promise<undefined>((resolve) => {
    // Node counts timers in 31 bits.
    const timer = setTimeout(() => resolve(undefined), Math.min(ms, 2 ** 31 - 1));
    cancel = () => clearTimeout(timer);
  });
  return { passed, cancel };
}

/** Ends a script and its children: politely, and after a while for good. */
function endGroup(child: ChildProcess, closeOutputs: () => void): void {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // It is gone.
    }
  };
  if (child.pid === undefined) return;
  signal('SIGTERM');
  setTimeout(() => {
    signal('SIGKILL');
    closeOutputs();
  }, KILL_AFTER_MS).unref();
}
