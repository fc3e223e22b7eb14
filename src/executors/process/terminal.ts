import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { sealed } from '../../lib/inherited.ts';
import { descendants, inSession, sendSignal } from '../../lib/process-table.ts';
import type { ExecSession, TerminalSize } from '../executor.ts';
import { KILLED } from '../executor.ts';
import type { Stdio } from './filter-descriptor.ts';

/** What programs are told of the terminal beside its size. */
export const TERMINAL_ENVIRONMENT = { TERM: 'xterm-256color', SHELL: '/bin/sh' };

/** Becomes the command, which ends with who started it: that its input ends is nothing to a program that reads none. */
const WITH_PARENT =
  'setpriv --pdeathsig KILL true 2>/dev/null && exec setpriv --pdeathsig KILL "$@"; exec "$@"';

/**
 * Runs a command in a terminal of its own, which `script` (util-linux) makes outside of the sandbox: so its size can be
 * changed from here, and nothing in the sandbox can reach another one. It ends with `script`, and that with this
 * server, also when that is killed.
 * @param wrap starts the command as the work runs, by the way of `start`
 * @throws Error where there is no `script`
 */
export async function inTerminal(
  { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string },
  size: TerminalSize,
  wrap: (
    stdio: Stdio,
    start: (command: string[], stdio: Stdio) => ChildProcess,
  ) => Promise<ChildProcess>,
): Promise<ExecSession> {
  const child = await wrap(sealed(['pipe', 'pipe', 'ignore']), (command, stdio) => {
    const how = ['--quiet', '--return', '--flush', '--command', entered(command, size)];
    const script = ['script', ...how, '/dev/null'];
    return spawn('/bin/sh', ['-c', WITH_PARENT, 'sh', ...script], { env, cwd, stdio });
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new Error('a terminal takes the program script, of util-linux', { cause: error });
  }
  const status = once(child, 'close').then(([code]) => (code as number | null) ?? KILLED);
  const [stdin, output] = [child.stdin as Writable, child.stdout as Readable];
  // It may have ended while somebody still types.
  stdin.on('error', () => {});
  return {
    ...{ stdin, output, status },
    async resize({ rows, columns }) {
      const device = await terminalOf(child);
      if (device === undefined) return;
      const args = ['-F', device, 'rows', `${rows}`, 'cols', `${columns}`];
      const options = { env: { PATH: env.PATH } };
      await new Promise<void>((resolve) => execFile('stty', args, options, () => resolve()));
    },
    // Bubblewrap takes all that is in it along; elsewhere what runs in the background would not hear the terminal hang up.
    async end() {
      const leader = childOf(child);
      const members = leader === undefined ? [] : inSession(leader);
      child.kill('SIGKILL');
      for (const pid of members) sendSignal(pid, 'SIGKILL');
    },
  };
}

/** The terminal that `script` has made: its child has it for its standard input. */
async function terminalOf(script: ChildProcess): Promise<string | undefined> {
  const path = await readlink(`/proc/${childOf(script)}/fd/0`).catch(() => undefined);
  return path?.startsWith('/dev/pts/') ? path : undefined;
}

/** The leader of the terminal's session. */
function childOf({ pid }: ChildProcess): number | undefined {
  return pid === undefined ? undefined : descendants(pid, [])?.[0]?.pid;
}

/**
 * The command line that becomes the command, in a terminal of that size. `script` takes the echo off where it is not at
 * a terminal itself.
 */
function entered(command: string[], { rows, columns }: TerminalSize): string {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return `stty echo rows ${rows} cols ${columns}; exec ${quoted}`;
}
