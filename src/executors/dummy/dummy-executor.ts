import { EventEmitter, once } from 'node:events';
import { posix } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack as newPack } from 'tar-stream';
import { archiveEntries } from '../archive-entries.ts';
import {
  checkSpec,
  type ExecSession,
  type Executor,
  type Isolation,
  KILLED,
  type Select,
  TERMINATED,
  type WorkExit,
  type WorkHandle,
  type WorkInfo,
  type WorkSpec,
} from '../executor.ts';
import { relativeTo } from '../tree-tar.ts';

/** A file of the work's tree, by its path below the root. */
export interface DummyFile {
  body: Buffer;
  mode: number;
  /** Target of a symbolic link. */
  link?: string;
}

/** What a scripted command gets, in place of a process. */
export interface DummyProcess {
  command: string[];
  environment: Record<string, string>;
  root: string;
  files: Map<string, DummyFile>;
  print(text: string): void;
  /** Writes to standard error. */
  report(text: string): void;
  /** Aborted by SIGTERM. A program that does not listen is killed when the grace is over. */
  terminate: AbortSignal;
  /** Resolves at the next change of `files`. */
  changed(): Promise<void>;
}

/** A scripted command: runs to its exit status. */
export type DummyProgram = (process: DummyProcess) => Promise<number>;

interface Work {
  spec: WorkSpec;
  started: boolean;
  output: Record<'stdout' | 'stderr', Buffer>;
  exit: WorkExit | undefined;
  files: Map<string, DummyFile>;
  terminate: AbortController;
  /** Says `change` for output, end and files. */
  changes: EventEmitter;
}

const ROOT = '/dummy';
const HANDLE_PREFIX = 'dummy:';
const DEFAULT_MODE = 0o644;

/** All work of dummy executors, as the machine keeps it for real ones: outlives them. */
export class DummyMachine {
  readonly works = new Map<WorkHandle, Work>();
}

/** Runs scripted programs in memory, for tests of what is above executors. @param program picks what a command does */
export function makeDummyExecutor(
  program: (command: string[]) => DummyProgram,
  machine: DummyMachine = new DummyMachine(),
): Executor {
  return new DummyExecutor(program, machine);
}

class DummyExecutor implements Executor {
  readonly kind = 'dummy';
  /** A scripted program is told nothing of its rights. */
  readonly capabilities = ['privileged'] as const;
  readonly #program: (command: string[]) => DummyProgram;
  readonly #works: Map<WorkHandle, Work>;

  constructor(program: (command: string[]) => DummyProgram, machine: DummyMachine) {
    this.#program = program;
    this.#works = machine.works;
  }

  async unavailable(): Promise<string | undefined> {
    return undefined;
  }

  async isolation(): Promise<Isolation> {
    return { kind: 'memory' };
  }

  async endpointFor(_handle: WorkHandle, endpoint: string): Promise<string> {
    return endpoint;
  }

  async prepare(spec: WorkSpec): Promise<WorkHandle> {
    checkSpec(this, spec);
    const handle = HANDLE_PREFIX + spec.id;
    if (this.#works.has(handle)) return handle;
    const changes = new EventEmitter();
    changes.setMaxListeners(0);
    this.#works.set(handle, {
      spec,
      started: false,
      output: { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) },
      exit: undefined,
      files: new Map(),
      terminate: new AbortController(),
      changes,
    });
    return handle;
  }

  async attach(handle: WorkHandle): Promise<WorkInfo> {
    const work = this.#works.get(handle);
    if (!work) return { state: 'absent', root: '' };
    return { state: work.exit ? 'ended' : work.started ? 'running' : 'prepared', root: ROOT };
  }

  async start(handle: WorkHandle): Promise<void> {
    const work = this.#existing(handle);
    if (work.started || work.exit) return;
    work.started = true;
    const command = work.spec.command?.(ROOT) ?? [];
    const status = this.#program(command)(processOf(work, command, 'stderr'));
    void status.then(
      (code) => end(work, code),
      (error) => {
        write(work, 'stdout', `${error}\n`);
        end(work, 1);
      },
    );
  }

  logs(
    handle: WorkHandle,
    { stream = 'stdout', offset = 0, signal }: Parameters<Executor['logs']>[1] = {},
  ): Readable {
    return Readable.from(follow(this.#existing(handle), stream, offset, signal), {
      objectMode: false,
    });
  }

  async wait(handle: WorkHandle, signal?: AbortSignal): Promise<WorkExit> {
    const work = this.#existing(handle);
    while (!work.exit) {
      signal?.throwIfAborted();
      await nextChange(work, signal);
    }
    return work.exit;
  }

  async stop(handle: WorkHandle, graceMs: number): Promise<void> {
    const work = this.#works.get(handle);
    if (!work || work.exit) return;
    if (!work.started) return end(work, TERMINATED);
    work.terminate.abort();
    const patience = AbortSignal.timeout(graceMs);
    await this.wait(handle, patience).catch(() => {});
    end(work, KILLED);
  }

  async exec(handle: WorkHandle, command: string[]): Promise<ExecSession> {
    const work = this.#existing(handle);
    if (!work.started || work.exit) throw new Error(`${handle} is not running`);
    const stdin = new PassThrough();
    const output = new PassThrough();
    const print = (text: string) => void output.write(text);
    const process = { ...processOf(work, command, 'stdout'), print, report: print };
    // What is typed is there as a file, since programs have no standard input.
    const status = buffer(stdin).then((typed) => {
      work.files.set('stdin', { body: typed, mode: DEFAULT_MODE });
      return this.#program(command)(process);
    });
    void status.catch(() => {}).then(() => output.end());
    return { stdin, output, status, end: async () => void stdin.end() };
  }

  async copyIn(handle: WorkHandle, path: string, tar: Readable): Promise<void> {
    const work = this.#existing(handle);
    const base = relativeTo(ROOT, path);
    for await (const entry of archiveEntries(tar)) {
      const name = posix.join(base, ...entry.path);
      const { kind, mode } = entry;
      if (kind === 'file')
        work.files.set(name, { body: await buffer(Readable.from(entry.body)), mode });
      if (kind === 'link')
        work.files.set(name, { body: Buffer.alloc(0), mode, link: entry.target });
      const first = kind === 'hard-link' && work.files.get(posix.join(base, ...entry.of));
      if (first) work.files.set(name, first);
    }
    work.changes.emit('change');
  }

  async copyOut(
    handle: WorkHandle,
    path: string,
    select: Select = () => true,
    { follow = false } = {},
  ): Promise<Readable> {
    const work = this.#existing(handle);
    const base = relativeTo(ROOT, path);
    const prefix = base === '' ? '' : `${base}/`;
    const below = [...work.files].filter(([name]) => name.startsWith(prefix));
    if (base !== '' && below.length === 0)
      throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    const pack = newPack();
    for (const [name, file] of below) {
      const inside = name.slice(prefix.length);
      const sent = follow ? linked(work.files, name) : file;
      if (!sent || !(await select(inside, sent.link !== undefined))) continue;
      const { body, mode, link } = sent;
      if (link) pack.entry({ name: inside, mode, type: 'symlink', linkname: link });
      else pack.entry({ name: inside, mode }, body);
    }
    pack.finalize();
    return Readable.from(pack);
  }

  async remove(handle: WorkHandle): Promise<void> {
    await this.stop(handle, 0);
    this.#works.delete(handle);
  }

  #existing(handle: WorkHandle): Work {
    const work = this.#works.get(handle);
    if (!work) throw new Error(`there is no work ${handle}`);
    return work;
  }
}

/** The file that a name leads to, through one link. */
function linked(files: Map<string, DummyFile>, name: string): DummyFile | undefined {
  const file = files.get(name);
  const found = file?.link ? files.get(posix.join(posix.dirname(name), file.link)) : file;
  return found?.link ? undefined : found;
}

function processOf(work: Work, command: string[], errors: 'stdout' | 'stderr'): DummyProcess {
  return {
    command,
    environment: work.spec.environment,
    root: ROOT,
    files: work.files,
    print: (text) => write(work, 'stdout', text),
    report: (text) => write(work, errors, text),
    terminate: work.terminate.signal,
    changed: () => nextChange(work),
  };
}

function write(work: Work, stream: 'stdout' | 'stderr', text: string): void {
  if (work.exit) return;
  work.output[stream] = Buffer.concat([work.output[stream], Buffer.from(text)]);
  work.changes.emit('change');
}

function end(work: Work, status: number): void {
  work.exit ??= { kind: 'exited', status };
  work.changes.emit('change');
}

async function nextChange(work: Work, signal?: AbortSignal): Promise<void> {
  await once(work.changes, 'change', signal ? { signal } : {}).catch(() => {});
}

async function* follow(
  work: Work,
  stream: 'stdout' | 'stderr',
  offset: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  let position = offset;
  while (!signal?.aborted) {
    const fresh = work.output[stream].subarray(position);
    position += fresh.length;
    if (fresh.length > 0) yield fresh;
    else if (work.exit) return;
    else await nextChange(work, signal);
  }
}
