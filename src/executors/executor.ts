import type { Readable, Writable } from 'node:stream';

/** The status of what a signal has ended, as shells name it: by SIGTERM, and by SIGKILL. */
export const TERMINATED = 143;
export const KILLED = 137;

/** A piece of work: a command, its environment and a private directory tree, on some compute. */
export interface WorkSpec {
  /**
   * Committed by the caller before `prepare`; the handle follows from it. `[A-Za-z0-9][A-Za-z0-9_.-]{0,100}`.
   * Two calls with the same id mean the same work.
   */
  id: string;
  /**
   * What runs, given the root directory that the work will see; absent: the image's own entry point and command, in its
   * own directory and as its own user. Never put a secret here or in `environment`: both are visible to anybody who may
   * list processes or containers. Secrets go by `copyIn`, as a file with mode 0600.
   */
  command?: ((root: string) => string[]) | undefined;
  /** Without `command`: in place of the image's own command, for its entry point. */
  arguments?: string[];
  /** Added to the clean environment of the executor (PATH, HOME, TMPDIR, LANG). */
  environment: Record<string, string>;
  /** Container image; executors without images ignore it, where there is a command. */
  image?: string;
  /** For pulling the image; kept nowhere. */
  registryCredentials?: RegistryCredentials;
  /** Where the work sees its tree, absolute. Executors without a file system for each work put it where they must. */
  rootDirectory?: string;
  /** Limits; executors that cannot limit ignore them. */
  memoryBytes?: number;
  cpus?: number;
  /** Full rights on the machine, such as for Docker in Docker. */
  privileged?: boolean;
  /** TCP ports on which the work listens; `attach` says where each is reached. */
  ports?: number[];
  /** Directories that outlive the work, and that several can have at a time. */
  mounts?: Mount[];
  /** A network of that name, with others that name it: made when it is not there. */
  network?: string;
  /**
   * A machine rather than one run: `start` starts it again once it has ended, with its tree as it left that, and its log goes
   * on. It has an address in `network`, which `attach` says while it runs, and `linkLocal` besides.
   */
  machine?: { linkLocal: string };
  /** For people who look around: shown on the container. */
  labels: Record<string, string>;
}

export interface RegistryCredentials {
  username: string;
  password: string;
}

export interface Mount {
  /** Made when it is not there. `[A-Za-z0-9][A-Za-z0-9_.-]{0,100}`. */
  volume: string;
  /** Where the work sees it, absolute. */
  path: string;
  readOnly?: boolean;
}

/** What work may need that not every executor has. */
export type Capability = 'entry-point' | 'privileged' | 'ports' | 'mounts' | 'network' | 'machine';

/** What this work needs and the executor has not. Images, limits and the root directory are wishes where there is a command. */
export function missingFor(executor: Executor, spec: WorkSpec): Capability[] {
  const needs: Record<Capability, boolean> = {
    'entry-point': spec.command === undefined,
    privileged: spec.privileged === true,
    ports: (spec.ports ?? []).length > 0,
    mounts: (spec.mounts ?? []).length > 0,
    network: spec.network !== undefined,
    machine: spec.machine !== undefined,
  };
  return (Object.keys(needs) as Capability[]).filter(
    (need) => needs[need] && !executor.capabilities.includes(need),
  );
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/;
const DIRECTORY = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.-]{1,100})+$/;

/** Is it an id of work, or the name of a volume? */
export function isName(name: string): boolean {
  return NAME.test(name);
}

/** Where the work sees its tree, if it has a file system of its own. */
export function rootOf({ rootDirectory = '/work' }: WorkSpec): string {
  return rootDirectory;
}

/** No executor that is here can run the work. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
  readonly missing: Capability[];

  constructor(missing: Capability[], message: string) {
    super(message);
    this.missing = missing;
  }
}

/** What every executor does first. @throws CannotRun, or Error for names and paths that are none */
export function checkSpec(executor: Executor, spec: WorkSpec): void {
  const { id, mounts = [], network } = spec;
  const names = [
    id,
    ...(network === undefined ? [] : [network]),
    ...mounts.map(({ volume }) => volume),
  ];
  const directories = [rootOf(spec), ...mounts.map(({ path }) => path)];
  const bad =
    names.find((name) => !isName(name)) ?? directories.find((one) => !DIRECTORY.test(one));
  if (bad !== undefined) throw new Error(`no name or directory for work: ${JSON.stringify(bad)}`);
  const missing = missingFor(executor, spec);
  if (missing.length === 0) return;
  throw new CannotRun(missing, `the ${executor.kind} executor lacks: ${missing.join(', ')}`);
}

/** Names prepared work. Opaque; stored by the caller; finds the work again after a restart of the server. */
export type WorkHandle = string;

/** How work ended. */
export type WorkExit =
  /** The command ended with this status: 128 + number when a signal ended it. */
  | { kind: 'exited'; status: number }
  /** It is gone and nobody knows how it ended: the machine went down, or somebody removed it. */
  | { kind: 'lost'; reason: string };

export type WorkState = 'absent' | 'prepared' | 'running' | 'ended';

export interface WorkInfo {
  state: WorkState;
  /** The directory tree of the work as the work itself sees it: all paths of copyIn are below. */
  root: string;
  /** That it runs in; absent where there are no images. */
  image?: string;
  /** Of privileged work: what of that its machine has not, such as `SYS_RESOURCE`. */
  lacks?: string[];
  /** Where each port of the spec is reached, while the work runs. */
  ports?: Record<number, { host: string; port: number }>;
  /** Of a machine that runs: its own in its network. */
  address?: string;
  /** The tree has been given up, by `reclaim`. */
  reclaimed?: boolean;
}

/** In characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** A command run beside the work's own, in the same directory tree and on the same compute. */
export interface ExecSession {
  stdin: Writable;
  /** Both of its output streams, in the order they came. */
  output: Readable;
  /** Its exit status. */
  status: Promise<number>;
  /** Where it has a terminal: tells what runs in it of another size. Of one that is over it does nothing. */
  resize?(size: TerminalSize): Promise<void>;
  /** Ends the command, and with a terminal all that it started there. Resolves once that was told; of one that is over it does nothing. */
  end(): Promise<void>;
}

/**
 * Whether an entry is sent. It may take its time: many patterns may have to be asked.
 * @param name relative to the directory
 * @param link a symbolic link that is not followed
 */
export type Select = (name: string, link: boolean) => boolean | Promise<boolean>;

/** What stands between work and the machine that it runs on. */
export type Isolation =
  | { kind: 'container' | 'bubblewrap' | 'memory' }
  /** Nothing: work can do what the server can. */
  | { kind: 'none'; reason: string };

/** The image cannot be had. Trying again may help when the registry was away; the message says why. */
export class ImagePullError extends Error {
  override readonly name = 'ImagePullError';
}

/** What runs work does not start it. The message, in the words of what refused, is for who made the work. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What runs work is away, and may be back in a moment; the work may go on meanwhile. The message says what. */
export class ComputeAway extends Error {
  override readonly name = 'ComputeAway';
}

/**
 * Runs work somewhere: processes, containers. Every executor passes `contract.ts`, which is the exact
 * meaning of what follows.
 *
 * Order of calls: `prepare`, `copyIn` any number of times, `start`, then `logs`, `wait`, `stop`, `exec` in
 * any order and any number at the same time, `copyOut` any time after `prepare`, `remove` last. The caller
 * commits the id before `prepare`; after a crash it repeats the call that it is not sure of. All calls are
 * safe to repeat and to run at the same time. A handle of other executors, or of work that was removed,
 * is answered with state `absent` by `attach`, and with an error by the others (`stop` and `remove` succeed).
 *
 * The work does not depend on the server: it goes on when the server is killed, and its output is kept by
 * the operating system or the engine, so that a new server finds every byte once.
 *
 * Standard output of the command is its log; standard error is kept apart, for what the command's own
 * driver reports to its caller. Both are pipes: what was written cannot be taken back or written over.
 */
export interface Executor {
  /** A handle is this, a colon and the id of the work. */
  readonly kind: 'process' | 'docker' | 'dummy';
  readonly capabilities: readonly Capability[];

  /** Undefined when it can be used here, else the reason why not. */
  unavailable(): Promise<string | undefined>;

  /**
   * What the image of prepared work is, whatever becomes of its name: the digest under which its registry has it, or that
   * of one that was made here. Absent where there are no images.
   */
  imageDigest?(handle: WorkHandle): Promise<string | undefined>;

  /** Whether the image is there without being pulled; absent where images make no difference. */
  hasImage?(image: string): Promise<boolean>;
  /** How work is kept apart from the server and its data. */
  isolation(): Promise<Isolation>;

  /** The base URL under which this work reaches the server that is at `endpoint` for processes on this machine. */
  endpointFor(handle: WorkHandle, endpoint: string): Promise<string>;

  /**
   * Makes the place where the work will run: directories, container, image. Nothing of it runs yet.
   * @throws ImagePullError when there is no such image; CannotRun when it lacks what the spec needs
   */
  prepare(spec: WorkSpec): Promise<WorkHandle>;

  /** Looks at the work; never fails because it is not there. */
  attach(handle: WorkHandle): Promise<WorkInfo>;

  /**
   * Starts the command. At most once in the life of the work, however often it is called; after `stop` never. A machine is
   * started whenever it does not run.
   * @throws StartError when the work is there and cannot be started
   */
  start(handle: WorkHandle): Promise<void>;

  /**
   * The bytes of one output stream from `offset` on (default 0), as they come, to the end of the work. Reading
   * may begin before the work does. Any number of readers, each gets all.
   * @param options.signal ends the stream early, without an error
   */
  logs(
    handle: WorkHandle,
    options?: { stream?: 'stdout' | 'stderr'; offset?: number; signal?: AbortSignal },
  ): Readable;

  /** Resolves when the work has ended. @param signal rejects with its reason */
  wait(handle: WorkHandle, signal?: AbortSignal): Promise<WorkExit>;

  /**
   * SIGTERM to the whole process group, SIGKILL when it is still there after `graceMs`. Resolves when the
   * work has ended, and with it all that it started, wherever that went (`setsid`, a double fork); so it is when
   * the command ends by itself. Work that was not started never will be, and counts as exited with 143.
   */
  stop(handle: WorkHandle, graceMs: number): Promise<void>;

  /**
   * Runs another command in the work's place, while the work is running.
   * @param terminal gives it a terminal of its own of that size, for who types; it never outlives this server's part in it
   *   where the executor can see to that
   */
  exec(handle: WorkHandle, command: string[], terminal?: TerminalSize): Promise<ExecSession>;

  /**
   * Unpacks a tar stream into the directory `path` (absolute, below the root; made when missing), as `archiveEntries` says:
   * names as Linux has them, links last and as they are. Fails for entries that would land outside, also through
   * links; what came before them may be there.
   */
  copyIn(handle: WorkHandle, path: string, tar: Readable): Promise<void>;

  /**
   * A tar stream of what is below the directory `path` (absolute, anywhere in the work's file system as the work itself
   * sees it, and no more than it could read): names relative to it. Of a
   * file: that file, by its own name. Fails with `ENOENT` when there is neither.
   * @param select only files and links that pass are sent (directories are not)
   * @param options.follow sends what symbolic links lead to, files and what is below directories, under the links'
   *   names; links that lead nowhere or around in a circle are left out. Else links are sent as links.
   */
  copyOut(
    handle: WorkHandle,
    path: string,
    select?: Select,
    options?: { follow?: boolean },
  ): Promise<Readable>;

  /**
   * For a full disk: deletes the tree of work whose command has ended, and keeps how it ended. Does nothing to other work.
   * @param options.output deletes what it has written on its standard output too; where none of it can be had apart from the
   *   rest, nothing goes without this, and the work is `absent` with it
   */
  reclaim?(handle: WorkHandle, options?: { output?: boolean }): Promise<void>;

  /**
   * For a full disk: which of the work that runs takes most of it, tree and output together, and how many bytes; undefined
   * when none runs. Absent where that cannot be told.
   * @param since epoch milliseconds: files that were not written after it do not count
   */
  largest?(since?: number): Promise<{ handle: WorkHandle; bytes: number } | undefined>;

  /** Ends what still runs and deletes all traces, however deep the tree and whatever its modes. */
  remove(handle: WorkHandle): Promise<void>;

  /**
   * Fills a volume with these files, unless that was done before, whoever asks and however often: with them alone, whatever
   * images have where work mounts it. Made when it is not there; work may have it already. Absent without `mounts`.
   */
  fillVolume?(volume: string, files: () => Promise<Readable>): Promise<void>;

  /** Deletes a volume that no work has any more; fails while some has it; does nothing when there is none. Absent without `mounts`. */
  removeVolume?(volume: string): Promise<void>;

  /** Deletes a network that no work names any more; does nothing while some does. Absent without `network`. */
  removeNetwork?(network: string): Promise<void>;

  /** Lets go of connections. The work goes on. */
  close?(): Promise<void>;
}
