import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { sealed } from '../../lib/inherited.ts';
import {
  descendants,
  type ProcessIdentity,
  sendSignal,
  withEnvironment,
} from '../../lib/process-table.ts';
import { bytesWritten } from '../bytes-written.ts';
import {
  checkSpec,
  type ExecSession,
  type Executor,
  type Isolation,
  isName,
  KILLED,
  rootOf,
  type Select,
  TERMINATED,
  type TerminalSize,
  type WorkExit,
  type WorkHandle,
  type WorkInfo,
  type WorkSpec,
} from '../executor.ts';
import { followFile, nextChange } from '../follow-file.ts';
import { removeTree } from '../remove-tree.ts';
import { directoryInTree, packTree } from '../tree-tar.ts';
import { unpackInTree } from '../unpack-tree.ts';
import { endControlGroup, makeControlGroup } from './control-group.ts';
import { type Stdio, withFilter } from './filter-descriptor.ts';
import { readAsWork } from './read-as-work.ts';
import { BUBBLEWRAP, probeSandbox, type SandboxTools, sandboxed, uidOf } from './sandbox.ts';

import { inTerminal, TERMINAL_ENVIRONMENT } from './terminal.ts';
import { type StoredSpec, WorkDir } from './work-dir.ts';
import { MARKER, WRAPPER } from './wrapper.ts';

export interface ProcessExecutorOptions {
  /** Keeps the work's trees, logs and exit statuses. Servers on one machine that share it share the work. */
  stateDir: string;
  /** The PATH that commands get. */
  path: string;
  /** `auto`: bubblewrap where it works; `off`: never. */
  sandbox: 'auto' | 'off';
  /** Files and directories that sandboxed work must not see: the server's data and keys. */
  hidden: string[];
}

const HANDLE_PREFIX = 'process:';
const KILL_GRACE_MS = 1000;
/** What forks faster than it is looked for is met again, so often. */
const ROUNDS = 50;
/** For the tools of root's sandbox, and a `tar` that is root in name only: it cannot give files to others. */
const SANDBOX_ENVIRONMENT = { TAR_OPTIONS: '--no-same-owner' };

/** The handle of the work with this id. */
export function processHandle(id: string): WorkHandle {
  return HANDLE_PREFIX + id;
}

/** Runs work as processes of this machine, each in a session of its own. */
export function makeProcessExecutor(options: ProcessExecutorOptions): Executor {
  return new ProcessExecutor(options);
}

class ProcessExecutor implements Executor {
  readonly kind = 'process';
  readonly capabilities = [];
  readonly #options: ProcessExecutorOptions;
  #sandbox: Promise<SandboxTools | string> | undefined;

  constructor(options: ProcessExecutorOptions) {
    this.#options = options;
  }

  async unavailable(): Promise<string | undefined> {
    return process.platform === 'win32' ? 'the process executor needs a POSIX shell' : undefined;
  }

  async isolation(): Promise<Isolation> {
    const tools = await this.#tools();
    return typeof tools === 'string' ? { kind: 'none', reason: tools } : { kind: 'bubblewrap' };
  }

  async endpointFor(_handle: WorkHandle, endpoint: string): Promise<string> {
    return endpoint;
  }

  async prepare(spec: WorkSpec): Promise<WorkHandle> {
    checkSpec(this, spec);
    const dir = new WorkDir(join(this.#options.stateDir, spec.id));
    const tools = await this.#tools();
    const sandbox = typeof tools !== 'string';
    const root = sandbox ? rootOf(spec) : dir.tree;
    const environment = {
      PATH: this.#options.path,
      HOME: `${root}/home`,
      TMPDIR: sandbox ? '/tmp' : dir.tmp,
      LANG: 'C.UTF-8',
      ...(sandbox && SANDBOX_ENVIRONMENT),
      ...spec.environment,
    };
    const uid =
      sandbox && tools.root ? uidOf(createHash('sha256').update(spec.id).digest()) : undefined;
    const command = spec.command?.(root) ?? [];
    const group = sandbox ? undefined : makeControlGroup(spec.id);
    await dir.create({
      ...{ command, environment, root, sandbox },
      ...(uid !== undefined && { uid }),
      ...(group !== undefined && { group }),
    });
    return processHandle(spec.id);
  }

  async attach(handle: WorkHandle): Promise<WorkInfo> {
    const dir = this.#dir(handle);
    const spec = await dir?.spec();
    if (!dir || !spec) return { state: 'absent', root: '' };
    const reclaimed = await dir.isReclaimed();
    return { state: await dir.state(), root: spec.root, ...(reclaimed && { reclaimed }) };
  }

  async start(handle: WorkHandle): Promise<void> {
    const { dir, spec } = await this.#existing(handle);
    if ((await dir.state()) !== 'prepared') return;
    const silent = sealed(['ignore', 'ignore', 'ignore']);
    const child = await this.#wrap(dir, spec, spec.command, silent, (command, stdio) => {
      const own = ['slipway-work', dir.path, dir.id, spec.group ?? ''];
      const env = spec.environment;
      const options = { env, cwd: dir.path, stdio, detached: true };
      return spawn('/bin/sh', ['-c', WRAPPER, ...own, ...command], options);
    });
    await spawned(child);
    child.unref();
    const started = async () => (await dir.state()) !== 'prepared';
    while (child.exitCode === null && !(await started())) await nextChange(dir.path, started);
    if (!(await started())) throw new Error(`${handle} could not be started`);
  }

  logs(
    handle: WorkHandle,
    { stream = 'stdout', offset = 0, signal }: Parameters<Executor['logs']>[1] = {},
  ): Readable {
    const dir = this.#dir(handle);
    if (!dir) throw unknownWork(handle);
    return followFile(dir[stream], offset, async () => (await dir.exit()) !== undefined, signal);
  }

  async wait(handle: WorkHandle, signal?: AbortSignal): Promise<WorkExit> {
    const { dir } = await this.#existing(handle);
    for (;;) {
      const exit = await dir.exit();
      if (exit?.kind === 'lost') await endAll(dir);
      if (exit) return exit;
      signal?.throwIfAborted();
      await nextChange(dir.path, async () => (await dir.exit()) !== undefined, signal);
    }
  }

  async stop(handle: WorkHandle, graceMs: number): Promise<void> {
    const dir = this.#dir(handle);
    if (!dir || !(await dir.spec())) return;
    if (await dir.claimStart()) return dir.writeExit(TERMINATED);
    if (await endsWithin(dir, 0)) return;
    await this.#signal(dir, 'SIGTERM');
    if (await endsWithin(dir, graceMs)) return;
    await this.#kill(dir);
  }

  async exec(handle: WorkHandle, command: string[], terminal?: TerminalSize): Promise<ExecSession> {
    const { dir, spec } = await this.#existing(handle);
    if ((await dir.state()) !== 'running') throw new Error(`${handle} is not running`);
    if (terminal) {
      const env = { ...spec.environment, ...TERMINAL_ENVIRONMENT, [MARKER]: dir.id };
      return inTerminal({ env, cwd: dir.tree }, terminal, (stdio, start) =>
        this.#wrap(dir, spec, command, stdio, start),
      );
    }
    const child = await this.#spawn(dir, spec, command);
    const status = new Promise<number>((resolve) => {
      child.on('close', (code) => resolve(code ?? KILLED));
    });
    const output = new PassThrough();
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    void status.then(() => output.end());
    const end = async () => void child.kill('SIGKILL');
    return { stdin: child.stdin, output, status, end };
  }

  async copyIn(handle: WorkHandle, path: string, tar: Readable): Promise<void> {
    // It may break before anybody reads it; the reader is told all the same.
    tar.once('error', () => {});
    const { dir, spec } = await this.#existing(handle);
    await unpackInTree(dir.tree, spec.root, path, tar, spec.uid);
  }

  async copyOut(
    handle: WorkHandle,
    path: string,
    select: Select = () => true,
    { follow = false } = {},
  ): Promise<Readable> {
    const { dir, spec } = await this.#existing(handle);
    // What lies outside of its tree, and where links lead, only the work itself may say.
    const own = follow
      ? undefined
      : await directoryInTree(dir.tree, spec.root, path).catch(() => undefined);
    if (own !== undefined && (await stat(own)).isDirectory()) return packTree(own, select);
    return readAsWork((command) => this.#spawn(dir, spec, command), path, select, follow);
  }

  async reclaim(handle: WorkHandle, { output = false } = {}): Promise<void> {
    const dir = this.#dir(handle);
    if (!dir || !(await dir.isOver())) return;
    await endAll(dir);
    await dir.reclaim(output);
  }

  async largest(since?: number): Promise<{ handle: WorkHandle; bytes: number } | undefined> {
    const { stateDir } = this.#options;
    let largest: { handle: WorkHandle; bytes: number } | undefined;
    for (const id of await readdir(stateDir).catch(() => [])) {
      const dir = new WorkDir(join(stateDir, id));
      if ((await dir.state()) !== 'running') continue;
      const bytes = await bytesWritten(dir.path, since);
      if (bytes > (largest?.bytes ?? -1)) largest = { handle: processHandle(id), bytes };
    }
    return largest;
  }

  async remove(handle: WorkHandle): Promise<void> {
    const dir = this.#dir(handle);
    if (!dir) return;
    await this.stop(handle, 0);
    await endAll(dir);
    await removeTree(dir.path);
  }

  /** Runs a command where and as the work runs. */
  async #spawn(
    dir: WorkDir,
    spec: StoredSpec,
    command: string[],
  ): Promise<ChildProcessWithoutNullStreams> {
    const env = { ...spec.environment, [MARKER]: dir.id };
    const pipes = sealed(['pipe', 'pipe', 'pipe']);
    const child = await this.#wrap(dir, spec, command, pipes, ([program = '', ...args], stdio) =>
      spawn(program, args, { env, cwd: dir.tree, stdio }),
    );
    await spawned(child);
    return child as ChildProcessWithoutNullStreams;
  }

  /** @param start gets the command as it is run for this work, and the descriptors that it needs */
  async #wrap(
    dir: WorkDir,
    spec: StoredSpec,
    command: string[],
    stdio: Stdio,
    start: (command: string[], stdio: Stdio) => ChildProcess,
  ): Promise<ChildProcess> {
    if (!spec.sandbox) return start(inDirectory(dir.tree, spec.group, command), stdio);
    const tools = await this.#tools();
    if (typeof tools === 'string') throw new Error(`the work needs its sandbox: ${tools}`);
    const { hidden, path } = this.#options;
    const place = { tree: dir.tree, root: spec.root, tmp: dir.tmp, hidden, path, uid: spec.uid };
    return withFilter(stdio, (all, filter) => start(sandboxed(place, tools, filter, command), all));
  }

  async #signal(dir: WorkDir, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const leader = await knownLeader(dir);
    if (!leader) return;
    const members = descendants(leader.pid, await dir.pumps());
    for (const { pid, name } of members ?? []) {
      // Told to end, bubblewrap would take the work with it before that could tidy up.
      if (signal === 'SIGKILL' || name !== BUBBLEWRAP) sendSignal(pid, signal);
    }
    if (!members) sendSignal(-leader.pid, signal);
  }

  /** Kills the work first, so that its wrapper can still write the exit status, and then the wrapper. */
  async #kill(dir: WorkDir): Promise<void> {
    await this.#signal(dir, 'SIGKILL');
    if (await endsWithin(dir, KILL_GRACE_MS)) return;
    await dir.writeExit(KILLED);
    const leader = await dir.identity();
    if (leader) sendSignal(-leader.pid, 'SIGKILL');
    await endAll(dir);
  }

  #tools(): Promise<SandboxTools | string> {
    this.#sandbox ??= this.#probe();
    return this.#sandbox;
  }

  async #probe(): Promise<SandboxTools | string> {
    if (this.#options.sandbox === 'off') return 'it is switched off';
    if (process.platform !== 'linux') return 'bubblewrap is for Linux';
    return probeSandbox(this.#options.path);
  }

  #dir(handle: WorkHandle): WorkDir | undefined {
    const id = handle.startsWith(HANDLE_PREFIX) ? handle.slice(HANDLE_PREFIX.length) : '';
    return isName(id) ? new WorkDir(join(this.#options.stateDir, id)) : undefined;
  }

  async #existing(handle: WorkHandle): Promise<{ dir: WorkDir; spec: StoredSpec }> {
    const dir = this.#dir(handle);
    const spec = await dir?.spec();
    if (!dir || !spec) throw unknownWork(handle);
    return { dir, spec };
  }
}

/** Ends whatever the work started and nobody else can end any more, wherever it went. */
async function endAll(dir: WorkDir): Promise<void> {
  const group = (await dir.spec())?.group;
  if (group) await endControlGroup(group);
  for (let round = 0; round < ROUNDS; round++) {
    const left = withEnvironment(`${MARKER}=${dir.id}`);
    if (left.length === 0) return;
    for (const pid of left) sendSignal(pid, 'SIGKILL');
  }
}

function unknownWork(handle: WorkHandle): Error {
  return new Error(`there is no work ${handle}`);
}

/** The wrapper stays in the state directory; the command begins in its tree, as in a container, and in its group. */
const ENTER =
  '[ -z "$2" ] || { echo $$ >"$2/cgroup.procs"; } 2>/dev/null; cd "$1" && shift 2 && exec "$@"';

function inDirectory(directory: string, group = '', command: string[]): string[] {
  return ['/bin/sh', '-c', ENTER, 'slipway-work', directory, group, ...command];
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

/** The wrapper's process, which is a moment away when the work has just been started; undefined once it has ended, or is removed. */
async function knownLeader(dir: WorkDir): Promise<ProcessIdentity | undefined> {
  for (;;) {
    const identity = await dir.identity();
    if (identity || (await dir.exit()) || !existsSync(dir.path)) return identity;
    await nextChange(dir.path, async () => (await dir.identity()) !== undefined);
  }
}

async function endsWithin(dir: WorkDir, ms: number): Promise<boolean> {
  const deadline = AbortSignal.timeout(ms);
  while (!(await dir.exit())) {
    if (deadline.aborted || ms === 0) return false;
    await nextChange(dir.path, async () => (await dir.exit()) !== undefined, deadline);
  }
  return true;
}
