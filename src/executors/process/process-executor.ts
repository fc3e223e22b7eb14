import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import type {
  ExecSession,
  Executor,
  Select,
  WorkExit,
  WorkHandle,
  WorkInfo,
  WorkSpec,
} from '../executor.ts';
import { followFile, nextChange } from '../follow-file.ts';
import { directoryInTree, packTree, unpackInTree } from '../tree-tar.ts';
import { descendants, type ProcessIdentity, sendSignal } from './process-table.ts';
import { readAsWork } from './read-as-work.ts';
import { probeSandbox, SANDBOX_ROOT, sandboxArguments } from './sandbox.ts';
import { type StoredSpec, WorkDir } from './work-dir.ts';
import { WRAPPER } from './wrapper.ts';

export interface ProcessExecutorOptions {
  /** Keeps the work's trees, logs and exit statuses. Servers on one machine that share it share the work. */
  stateDir: string;
  /** The PATH that commands get. */
  path: string;
  /** `auto`: bubblewrap where it works; `off`: never. */
  sandbox: 'auto' | 'off';
  /** Files and directories that sandboxed work must not see: the server's data, the user's credentials. */
  hidden: string[];
  /** Told once, why there is no sandbox. */
  warn(message: string): void;
}

const HANDLE_PREFIX = 'process:';
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/;
const KILLED = 137;
const TERMINATED = 143;
const KILL_GRACE_MS = 1000;
/** bubblewrap's own processes: told to end, they would take the work with them before it could tidy up. */
const SANDBOX_PROCESS = 'bwrap';

/** Runs work as processes of this machine, each in a session of its own. */
export function makeProcessExecutor(options: ProcessExecutorOptions): Executor {
  return new ProcessExecutor(options);
}

class ProcessExecutor implements Executor {
  readonly kind = 'process';
  readonly #options: ProcessExecutorOptions;
  #sandbox: Promise<boolean> | undefined;

  constructor(options: ProcessExecutorOptions) {
    this.#options = options;
  }

  async unavailable(): Promise<string | undefined> {
    return process.platform === 'win32' ? 'the process executor needs a POSIX shell' : undefined;
  }

  endpointFor(endpoint: string): string {
    return endpoint;
  }

  async prepare(spec: WorkSpec): Promise<WorkHandle> {
    if (!ID.test(spec.id)) throw new Error(`no id of work: ${spec.id}`);
    if (spec.privileged) throw new Error('privileged work needs the docker executor');
    const dir = new WorkDir(join(this.#options.stateDir, spec.id));
    const sandbox = await this.#useSandbox();
    const root = sandbox ? SANDBOX_ROOT : dir.tree;
    const environment = {
      PATH: this.#options.path,
      HOME: `${root}/home`,
      TMPDIR: sandbox ? '/tmp' : dir.tmp,
      LANG: 'C.UTF-8',
      ...spec.environment,
    };
    await dir.create({ command: spec.command(root), environment, root, sandbox });
    return HANDLE_PREFIX + spec.id;
  }

  async attach(handle: WorkHandle): Promise<WorkInfo> {
    const dir = this.#dir(handle);
    const spec = await dir?.spec();
    if (!dir || !spec) return { state: 'absent', root: '' };
    return { state: await dir.state(), root: spec.root };
  }

  async start(handle: WorkHandle): Promise<void> {
    const { dir, spec } = await this.#existing(handle);
    if ((await dir.state()) !== 'prepared') return;
    const command = this.#wrap(dir, spec, spec.command);
    const child = spawn('/bin/sh', ['-c', WRAPPER, 'slipway-work', dir.path, ...command], {
      env: spec.environment,
      cwd: dir.path,
      stdio: 'ignore',
      detached: true,
    });
    await spawned(child);
    child.unref();
    const started = async () => (await dir.state()) !== 'prepared';
    while (child.exitCode === null && !(await started())) await nextChange(dir.path, started);
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

  async exec(handle: WorkHandle, command: string[]): Promise<ExecSession> {
    const { dir, spec } = await this.#existing(handle);
    if ((await dir.state()) !== 'running') throw new Error(`${handle} is not running`);
    const child = await this.#spawn(dir, spec, command);
    const status = new Promise<number>((resolve) => {
      child.on('close', (code) => resolve(code ?? KILLED));
    });
    const output = new PassThrough();
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    void status.then(() => output.end());
    return { stdin: child.stdin, output, status };
  }

  async copyIn(handle: WorkHandle, path: string, tar: Readable): Promise<void> {
    const { dir, spec } = await this.#existing(handle);
    await unpackInTree(dir.tree, spec.root, path, tar);
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

  async remove(handle: WorkHandle): Promise<void> {
    const dir = this.#dir(handle);
    if (!dir) return;
    await this.stop(handle, 0);
    // Processes that were killed a moment ago may still be writing.
    await rm(dir.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  /** Runs a command where and as the work runs. */
  async #spawn(
    dir: WorkDir,
    spec: StoredSpec,
    command: string[],
  ): Promise<ChildProcessWithoutNullStreams> {
    const [program = '', ...args] = this.#wrap(dir, spec, command);
    const child = spawn(program, args, { env: spec.environment, cwd: dir.tree });
    await spawned(child);
    return child;
  }

  #wrap(dir: WorkDir, spec: StoredSpec, command: string[]): string[] {
    if (!spec.sandbox) return inDirectory(dir.tree, command);
    const args = sandboxArguments(dir.tree, dir.tmp, this.#options.hidden);
    return [SANDBOX_PROCESS, ...args, '--chdir', spec.root, '--', ...command];
  }

  async #signal(dir: WorkDir, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const leader = await knownLeader(dir);
    if (!leader) return;
    const members = descendants(leader.pid);
    for (const { pid, name } of members ?? []) {
      if (signal === 'SIGKILL' || name !== SANDBOX_PROCESS) sendSignal(pid, signal);
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
  }

  #useSandbox(): Promise<boolean> {
    this.#sandbox ??= this.#probe();
    return this.#sandbox;
  }

  async #probe(): Promise<boolean> {
    if (this.#options.sandbox === 'off' || process.platform !== 'linux') return false;
    const works = await probeSandbox(SANDBOX_PROCESS, this.#options.path);
    if (works === true) return true;
    this.#options.warn(`builds run without a sandbox: ${works}`);
    return false;
  }

  #dir(handle: WorkHandle): WorkDir | undefined {
    const id = handle.startsWith(HANDLE_PREFIX) ? handle.slice(HANDLE_PREFIX.length) : '';
    return ID.test(id) ? new WorkDir(join(this.#options.stateDir, id)) : undefined;
  }

  async #existing(handle: WorkHandle): Promise<{ dir: WorkDir; spec: StoredSpec }> {
    const dir = this.#dir(handle);
    const spec = await dir?.spec();
    if (!dir || !spec) throw unknownWork(handle);
    return { dir, spec };
  }
}

function unknownWork(handle: WorkHandle): Error {
  return new Error(`there is no work ${handle}`);
}

/** The wrapper stays in the state directory; the command begins in its tree, as in a container. */
function inDirectory(directory: string, command: string[]): string[] {
  return ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'slipway-work', directory, ...command];
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

/** The wrapper's process, which is a moment away when the work has just been started; undefined once it has ended. */
async function knownLeader(dir: WorkDir): Promise<ProcessIdentity | undefined> {
  for (;;) {
    const identity = await dir.identity();
    if (identity || (await dir.exit())) return identity;
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
