import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as wait } from 'node:timers/promises';
import { sealed } from '../lib/inherited.ts';
import type { Script } from '../lib/server-appspec/parse.ts';
import { CODES, ScriptError } from './diagnostics.ts';
import type { ScriptLog } from './script-log.ts';
import { errorCode, systemWords } from './system-error.ts';

type Piped = ChildProcessByStdio<null, Readable, Readable>;

/** A script that ignores SIGTERM is killed after this. */
const KILL_AFTER_MS = 10_000;
/** Of a line that is longer, parts are logged as lines: it may never end. */
const LONGEST_LINE = 64 * 1024;
/** Outputs that end within this time end at once. */
const AT_ONCE_MS = 50;

/**
 * Runs one hook script to its end. Its process group gets SIGTERM when it takes too long.
 * @param path absolute
 * @param started is told its process at once
 * @throws ScriptError
 */
export async function runScript(
  script: Script,
  path: string,
  env: NodeJS.ProcessEnv,
  log: ScriptLog,
  started: (pid: number) => void = () => {},
): Promise<void> {
  const fail = (code: number, message: string) =>
    new ScriptError(code, script.location, log.tail(), message);
  const where = `Script at specified location: ${script.location}`;
  const who = script.runas === undefined ? where : `${where} run as user ${script.runas}`;
  log.line(`Script - ${script.location}`);
  const [command = '', ...args] = commandLine(script, path);
  const stdio = sealed(['ignore', 'pipe', 'pipe']);
  const child = spawn(command, args, { env, detached: true, stdio }) as Piped;
  if (child.pid !== undefined) started(child.pid);
  const outputs = drainBoth(child.stdout, child.stderr, log);
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
    throw fail(CODES.scriptFailed, `${who} failed with error ${startError(error, command)}`);
  } finally {
    timer.cancel();
    // A script that was told to end may still say something while it cleans up.
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
      closeOutputs();
  }
}

/**
 * `su` runs a command line, so the path is quoted. Without a name it means root. A name that looks like an option is
 * none: with `--help` for a user the script would not run, and have succeeded.
 */
function commandLine({ runas, sudo }: Script, path: string): string[] {
  const quoted = `'${path.replaceAll("'", `'\\''`)}'`;
  const user = runas ? ['--', runas] : [];
  const command = runas === undefined ? [path] : ['su', '-c', quoted, ...user];
  return sudo ? ['sudo', ...command] : command;
}

/** Why a script was not even started, in the official agent's words. */
function startError(error: unknown, command: string): string {
  const code = errorCode(error);
  const kind = code ? `Errno::${code}` : (error as Error).name;
  return `${kind} with message ${systemWords(error)}${code ? ` - ${command}` : ''}`;
}

/** The exit code, or the name of the signal that ended it. */
function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? ''));
  });
}

/**
 * Logs both outputs; what resolves is that one is closed. When both end at once in the middle of a line, stderr's
 * comes first, as in the official agent.
 */
function drainBoth(stdout: Readable, stderr: Readable, log: ScriptLog): Promise<void>[] {
  const finish = (prefix: string, rest: string) => {
    if (rest !== '') log.rest(prefix + rest);
  };
  const errors = drain(stderr, '[stderr]', log).then((rest) => finish('[stderr]', rest));
  const output = drain(stdout, '[stdout]', log).then(async (rest) => {
    if (rest !== '') await Promise.race([errors, wait(AT_ONCE_MS, undefined, { ref: false })]);
    finish('[stdout]', rest);
  });
  return [output, errors];
}

/** Logs an output line by line; when it is closed, also by our giving up, resolves to what has no line break. */
function drain(stream: Readable, prefix: string, log: ScriptLog): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) {
        lines.push(rest);
        rest = '';
      }
      if (lines.length > 0) log.lines(lines.map((line) => prefix + line));
    });
    stream.on('error', () => {});
    stream.once('close', () => resolve(rest + decoder.end()));
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
