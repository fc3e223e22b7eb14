import {
  access,
  chown,
  mkdir,
  open,
  readFile,
  rename,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAlive, type ProcessIdentity, parseIdentity } from '../../lib/process-table.ts';
import type { WorkExit, WorkState } from '../executor.ts';
import { removeTree } from '../remove-tree.ts';

/** What `prepare` fixed: a restarted server with other settings must start the work as it was prepared. */
export interface StoredSpec {
  command: string[];
  environment: Record<string, string>;
  /** The tree as the work sees it. */
  root: string;
  sandbox: boolean;
  /** The control group of work without a sandbox, where it has one. */
  group?: string;
  /** The user that it runs as, for work of a root-run server. */
  uid?: number;
}

/** A wrapper that was started but has not written who it is after this time never will. */
const START_GRACE_MS = 10_000;

/** Room for what the wrapper will write when the disk may be full: longer than any of it, and no line end. */
const BLANK = ' '.repeat(1024);
const WRITTEN_LATER = { pid: BLANK, pumps: BLANK, 'exit.new': '    ' };

/** The directory that keeps one piece of work; see wrapper.ts for the files that the wrapper writes. */
export class WorkDir {
  readonly path: string;
  readonly id: string;
  readonly tree: string;
  readonly tmp: string;
  readonly stdout: string;
  readonly stderr: string;

  constructor(path: string) {
    this.path = path;
    this.id = basename(path);
    this.tree = join(path, 'root');
    this.tmp = join(path, 'tmp');
    this.stdout = join(path, 'stdout');
    this.stderr = join(path, 'stderr');
  }

  /** Makes all of it; the spec comes last and marks the directory as complete. */
  async create(spec: StoredSpec): Promise<void> {
    if (await this.spec()) return;
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await mkdir(join(this.tree, 'home'), { recursive: true });
    await mkdir(this.tmp, { recursive: true });
    const { uid } = spec;
    if (uid !== undefined) {
      for (const path of [this.tree, join(this.tree, 'home'), this.tmp])
        await chown(path, uid, uid);
    }
    for (const file of [this.stdout, this.stderr]) await (await open(file, 'a', 0o600)).close();
    for (const [name, blank] of Object.entries(WRITTEN_LATER))
      await writeFile(join(this.path, name), blank, { mode: 0o600 });
    const draft = join(this.path, 'spec.json.new');
    await writeFile(draft, JSON.stringify(spec), { mode: 0o600 });
    await rename(draft, join(this.path, 'spec.json'));
  }

  async spec(): Promise<StoredSpec | undefined> {
    const text = await this.#read('spec.json');
    return text === undefined ? undefined : (JSON.parse(text) as StoredSpec);
  }

  async identity(): Promise<ProcessIdentity | undefined> {
    return parseIdentity((await this.#read('pid')) ?? '');
  }

  /** The processes that write its outputs: they must outlive what writes to them. */
  async pumps(): Promise<number[]> {
    return ((await this.#read('pumps')) ?? '').split(/\s+/).filter(Boolean).map(Number);
  }

  /** Its command has ended, though its output may still be on the way. */
  async isOver(): Promise<boolean> {
    return (await this.#statusIn('status')) !== undefined || (await this.exit()) !== undefined;
  }

  /** Deletes the tree. @param output deletes its output too; reports are small, and tell how it went */
  async reclaim(output: boolean): Promise<void> {
    for (const path of [this.tree, this.tmp]) await removeTree(path);
    if (output) await truncate(this.stdout);
  }

  async isReclaimed(): Promise<boolean> {
    return access(this.tree).then(
      () => false,
      () => true,
    );
  }

  /** How it ended, or undefined while it has not. */
  async exit(): Promise<WorkExit | undefined> {
    const written = await this.#statusIn('exit');
    if (written) return written;
    const startedAt = await this.#startedAt();
    if (startedAt === undefined) return undefined;
    const identity = await this.identity();
    if (identity ? isAlive(identity) : Date.now() - startedAt < START_GRACE_MS) return undefined;
    // It may have written its end between the two looks, or died before its output was complete.
    return (
      (await this.#statusIn('exit')) ??
      (await this.#statusIn('status')) ?? {
        kind: 'lost',
        reason: 'its process is gone and left no exit status',
      }
    );
  }

  async state(): Promise<WorkState> {
    if (!(await this.spec())) return 'absent';
    if (await this.exit()) return 'ended';
    return (await this.#startedAt()) === undefined ? 'prepared' : 'running';
  }

  /** Takes the one start for itself; false when it has been started, or removed. */
  async claimStart(): Promise<boolean> {
    return this.#createNew('started', '');
  }

  /** Records an end that the wrapper could not; one that it did record stays. Needs no room. */
  async writeExit(status: number): Promise<void> {
    if (await this.#becomes('status')) return;
    await this.#overwrite('exit.new', `${String(status).padStart(3, '0')}\n`);
    if (await this.#becomes('exit.new')) return;
    await this.#createNew('exit', `${status}\n`);
  }

  /** @returns true when there is an exit status now, from the file `name` or already */
  async #becomes(name: string): Promise<boolean> {
    if (await this.#statusIn('exit')) return true;
    return rename(join(this.path, name), join(this.path, 'exit')).then(
      () => true,
      () => false,
    );
  }

  /** In place, so that it needs no room; work that an earlier server prepared has no such file. */
  async #overwrite(name: string, text: string): Promise<void> {
    const file = await open(join(this.path, name), 'r+').catch(() => undefined);
    await file?.write(text, 0).finally(() => file.close());
  }

  async #statusIn(name: string): Promise<WorkExit | undefined> {
    const text = await this.#read(name);
    return text?.endsWith('\n') ? { kind: 'exited', status: Number(text) } : undefined;
  }

  async #startedAt(): Promise<number | undefined> {
    return stat(join(this.path, 'started')).then(
      (found) => found.mtimeMs,
      () => undefined,
    );
  }

  async #read(name: string): Promise<string | undefined> {
    return readFile(join(this.path, name), 'utf8').catch(() => undefined);
  }

  async #createNew(name: string, text: string): Promise<boolean> {
    try {
      await writeFile(join(this.path, name), text, { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      // It is there, or the work has been removed.
      if (/^(EEXIST|ENOENT)$/.test((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  }
}
