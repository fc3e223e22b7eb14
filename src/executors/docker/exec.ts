import { randomUUID } from 'node:crypto';
import { type Duplex, PassThrough, Readable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { ExecSession, TerminalSize } from '../executor.ts';
import { KILLED } from '../executor.ts';
import { frames } from './frames.ts';

/** In the environment of all that a command with a terminal starts: an engine has no way to end such a command. */
const MARKER = 'SLIPWAY_EXEC';

/** A program may close its output and go on: how it ended is asked for more and more seldom. */
const LONGEST_WAIT_MS = 1_000;

/** Ends what carries the marker. A container's own programs may be few: this takes a shell and grep. */
const END = `for file in $(grep -lsF "$1" /proc/[0-9]*/environ); do
  file=\${file#/proc/}
  [ "\${file%/environ}" = $$ ] || kill -s KILL "\${file%/environ}" 2>/dev/null
done`;

/**
 * The same once its input ends, which is when it is told to, or when the server is no more: an engine ends nothing then. A
 * line says that the command is over by itself, and what it has left may stay.
 */
const GUARD = `read -r over && exit\n${END}`;

/** Runs a command in a container, with a terminal where it is for somebody who types. */
export async function execIn(
  container: Docker.Container,
  {
    command,
    root,
    terminal,
  }: { command: string[]; root: string; terminal?: TerminalSize | undefined },
): Promise<ExecSession> {
  const mark = `${MARKER}=${randomUUID()}`;
  const exec = await container.exec({
    Cmd: command,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    WorkingDir: root,
    Env: [mark, ...(terminal ? ['TERM=xterm-256color'] : [])],
    // Before the command starts: one that asks at once sees it.
    ...(terminal && { Tty: true, ConsoleSize: [terminal.rows, terminal.columns] }),
  });
  const guard = terminal && (await guardOf(container, mark));
  const starting = exec.start({ hijack: true, stdin: true, ...(terminal && { Tty: true }) });
  // What it would guard has not begun.
  starting.catch(() => guard?.duplex.destroy());
  const duplex = await starting;
  const closed = new Promise<void>((resolve) => duplex.once('close', () => resolve()));
  duplex.on('error', () => {});
  let [told, over] = [false, false];
  const status = closed.then(() => exitCode(exec, () => told));
  status.catch(() => {});
  const end = async () => {
    told = true;
    const isDone = guard && (await endGuard(guard));
    if (!isDone && !over) {
      const ending = await container.exec({ Cmd: ['/bin/sh', '-c', END, 'slipway-end', mark] });
      await ending.start({ Detach: true });
    }
    duplex.destroy();
  };
  if (!terminal) {
    const output = Readable.from(payloads(duplex), { objectMode: false });
    return { stdin: duplex, output, status, end };
  }
  const resize = async ({ rows, columns }: TerminalSize) =>
    // It may have ended.
    void (await exec.resize({ h: rows, w: columns }).catch(() => {}));
  await resize(terminal);
  const output = duplex.pipe(new PassThrough());
  void closed.then(() => output.end());
  void closed.then(() => {
    over = true;
    if (guard?.duplex.writable) guard.duplex.end('over\n');
  });
  return { stdin: duplex, output, status, resize, end };
}

interface Guard {
  exec: Docker.Exec;
  duplex: Duplex;
}

/** What ends all that carries the mark when its input ends without a line. */
async function guardOf(container: Docker.Container, mark: string): Promise<Guard> {
  const exec = await container.exec({
    ...{ Cmd: ['/bin/sh', '-c', GUARD, 'slipway-guard', mark], AttachStdin: true },
    // Its end is seen by it.
    AttachStdout: true,
  });
  const duplex = await exec.start({ hijack: true, stdin: true });
  duplex.on('error', () => {}).resume();
  return { exec, duplex };
}

/**
 * Resolves once what carries the mark has been ended.
 * @returns whether it has: a guard may have been killed in the container, by what it guards or for want of memory
 */
async function endGuard({ exec, duplex }: Guard): Promise<boolean> {
  if (!duplex.closed) {
    const over = new Promise<void>((resolve) => duplex.once('close', () => resolve()));
    duplex.end();
    await Promise.race([over, later(LONGEST_WAIT_MS)]);
  }
  duplex.destroy();
  const until = performance.now() + LONGEST_WAIT_MS;
  // Where the container is gone, all is.
  const status = await exitCode(exec, () => performance.now() > until).catch(() => 0);
  return status !== KILLED;
}

/** The end of its output comes before the engine has noted how it ended. One that was told to end is not waited for. */
async function exitCode(exec: Docker.Exec, wasTold: () => boolean): Promise<number> {
  for (let waitMs = 10; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const { Running, ExitCode } = await exec.inspect();
    if (!Running) return ExitCode ?? 0;
    if (wasTold()) return KILLED;
    await later(waitMs);
  }
}

async function* payloads(raw: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const { bytes } of frames(raw)) yield bytes;
}
