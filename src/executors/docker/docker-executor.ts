import { EventEmitter, once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as passed } from 'node:timers/promises';
import type Docker from 'dockerode';
import { unless } from '../../lib/unless.ts';
import { bytesWritten } from '../bytes-written.ts';
import {
  checkSpec,
  type ExecSession,
  type Executor,
  type Isolation,
  isName,
  KILLED,
  type Select,
  StartError,
  TERMINATED,
  type TerminalSize,
  type WorkExit,
  type WorkHandle,
  type WorkInfo,
  type WorkSpec,
} from '../executor.ts';
import { relativeTo } from '../tree-tar.ts';
import { archiveBelow, tarOfFiles } from './archives.ts';
import { configurationOf, HOST_NAME, NAME_PREFIX } from './container.ts';
import { createOnce } from './create.ts';
import {
  ANSWER_MS,
  CONFLICT,
  engineAt,
  ignoring,
  LABEL,
  MISSING,
  ping,
  refusalOf,
  silent,
  statusOf,
  takesConnections,
} from './engine.ts';
import { execIn } from './exec.ts';
import { frames, type OutputStream } from './frames.ts';
import { digestOf, hasImage, haveImage } from './images.ts';
import { type Look, lookOf, neverRun, placesOf } from './look.ts';
import { haveNetwork, removeNetwork } from './networks.ts';
import { putBelow } from './put-below.ts';
import { readContainer } from './read-container.ts';
import { lackedByEngine } from './rights.ts';
import { terminate } from './terminate.ts';
import { fillVolume, removeVolume } from './volumes.ts';
import { NEVER_RUN } from './wrapper.ts';

export interface DockerExecutorOptions {
  /** Where the engine is; default: as the docker command finds it. */
  socketPath?: string;
  /**
   * `host`: containers share the machine's network, so that a server on a loopback address is reached. `bridge`:
   * a network of their own, in which the machine is called host.docker.internal.
   */
  network: 'host' | 'bridge';
  /** The engine is where the environment says (DOCKER_HOST). */
  elsewhere?: boolean;
  /** When an image is asked of its registry; default: where it is not there. */
  pull?: 'missing' | 'always' | 'never';
  /** In milliseconds: how long the engine may take to answer a call. */
  answerMs?: number;
  /** A directory on the disk that `largest` is asked about; default: whichever the engine writes to. */
  disk?: string;
}

const HANDLE_PREFIX = 'docker:';
const ENGINE_STOPPED: WorkExit = {
  kind: 'lost',
  reason: 'the Docker Engine was stopped, and its container with it',
};
const KILL_ROUNDS = 5;
const SLOW_POLL_MS = 1000;
const ASK_AGAIN_MS = 15_000;
const ENGINE_FAULT = 500;
/** What it says of a container that it cannot make, however often it is asked. */
const BAD_PARAMETER = 400;
/** Nothing to do: it is in that state already. */
const UNCHANGED = 304;

/** Runs work in containers of a Docker Engine. No directory of the machine is mounted into them. */
export function makeDockerExecutor(options: DockerExecutorOptions): Executor {
  return new DockerExecutor(options);
}

class DockerExecutor implements Executor {
  readonly kind = 'docker';
  readonly capabilities = [
    'entry-point',
    'privileged',
    'ports',
    'mounts',
    'network',
    'machine',
  ] as const;
  readonly #engine: Docker.DockerOptions;
  #client: Docker | undefined;
  readonly #options: DockerExecutorOptions;
  /** Says `start` for work that this server starts, so that nobody has to wait for the next poll. */
  readonly #starts = new EventEmitter();
  /** Work that the engine ended when it was stopped itself: once it is back, nothing tells any more. */
  readonly #ended = new Set<WorkHandle>();
  /** Starts that the engine has not answered yet. */
  readonly #begun = new Map<WorkHandle, Promise<unknown>>();
  /** Stops that are under way: who follows a build and who was told to end it both do, and each costs the engine the same. */
  readonly #stops = new Map<string, Promise<void>>();

  constructor(options: DockerExecutorOptions) {
    this.#options = options;
    this.#engine = options.socketPath ? { socketPath: options.socketPath } : {};
    this.#starts.setMaxListeners(0);
  }

  get #docker(): Docker {
    this.#client ??= engineAt(this.#engine, this.#options.answerMs);
    return this.#client;
  }

  /** By its usual socket: another one may be another engine's. */
  get #isHere(): boolean {
    return !this.#options.socketPath && !this.#options.elsewhere;
  }

  async unavailable(): Promise<string | undefined> {
    try {
      await ping(this.#engine, this.#pinging);
      return undefined;
    } catch (error) {
      return `no Docker Engine answers: ${(error as Error).message}`;
    }
  }

  get #pinging() {
    const { elsewhere, answerMs } = this.#options;
    return { ...(elsewhere && { elsewhere }), ...(answerMs !== undefined && { answerMs }) };
  }

  async isolation(): Promise<Isolation> {
    return { kind: 'container' };
  }

  async endpointFor(handle: WorkHandle, endpoint: string): Promise<string> {
    if ((await this.#look(handle)).network === 'host') return endpoint;
    const url = new URL(endpoint);
    url.hostname = HOST_NAME;
    return url.href.replace(/\/$/, '');
  }

  async prepare(spec: WorkSpec): Promise<WorkHandle> {
    checkSpec(this, spec);
    const handle = HANDLE_PREFIX + spec.id;
    if ((await this.attach(handle)).state !== 'absent') return handle;
    const image = spec.image ?? '';
    const { pull = 'missing', network } = this.#options;
    await haveImage(this.#docker, image, { pull, credentials: spec.registryCredentials });
    if (spec.network !== undefined) await haveNetwork(this.#docker, NAME_PREFIX + spec.network);
    const { NCPU } = await this.#docker.info();
    const lacked = spec.privileged && this.#isHere ? await lackedByEngine() : [];
    const container = configurationOf(spec, { otherwise: network, processors: NCPU, lacked });
    const isThere = async () => (await this.attach(handle)).state !== 'absent';
    await createOnce(this.#docker, container, isThere, this.#options.answerMs).catch((error) => {
      if (statusOf(error) !== BAD_PARAMETER) throw error;
      throw new StartError(`the Docker Engine cannot make the container: ${refusalOf(error)}`);
    });
    return handle;
  }

  async attach(handle: WorkHandle): Promise<WorkInfo> {
    const { state, root, image, lacks, ports, address } = await this.#look(handle);
    return {
      ...{ state, root },
      ...(image && { image }),
      ...(lacks && { lacks }),
      ...(ports && { ports }),
      ...(address && { address }),
    };
  }

  async start(handle: WorkHandle): Promise<void> {
    const { state, machine } = await this.#look(handle);
    if (state === 'absent') throw unknownWork(handle);
    if (state === 'prepared' || (machine && state === 'ended')) {
      // Of a machine it is another run: how the last one ended says nothing of it.
      this.#ended.delete(handle);
      await this.#run(handle);
    }
    this.#starts.emit(handle);
  }

  /** An engine refuses here what it cannot give: a capability that its machine lacks, a program that the image has not. */
  async #run(handle: WorkHandle): Promise<void> {
    try {
      await ignoring([UNCHANGED], this.#begin(handle));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined || statusOf(error) === MISSING) throw error;
      throw new StartError(`the Docker Engine cannot start the container: ${refusal}`);
    }
  }

  /** Its network may have been removed by who did not know of it. */
  async #begin(handle: WorkHandle): Promise<unknown> {
    try {
      return await this.#beginOnce(handle);
    } catch (error) {
      if (statusOf(error) !== MISSING) throw error;
      const { network = '' } = await this.#look(handle);
      if (!network.startsWith(NAME_PREFIX)) throw error;
      await haveNetwork(this.#docker, network);
      return this.#beginOnce(handle);
    }
  }

  /**
   * A start that was not answered in time goes on, and who comes again waits for that one: an engine that is told twice runs
   * an image's own program again once it has ended.
   */
  async #beginOnce(handle: WorkHandle): Promise<unknown> {
    let call = this.#begun.get(handle);
    if (!call) {
      call = this.#container(handle)
        .start()
        .finally(() => this.#begun.delete(handle));
      this.#begun.set(handle, call);
    }
    const over = new AbortController();
    const { answerMs = ANSWER_MS } = this.#options;
    const late = passed(answerMs, undefined, { ref: false, signal: over.signal });
    try {
      return await Promise.race([call, late.then(() => Promise.reject(silent()))]);
    } finally {
      over.abort();
    }
  }

  logs(
    handle: WorkHandle,
    { stream = 'stdout', offset = 0, signal }: Parameters<Executor['logs']>[1] = {},
  ): Readable {
    return Readable.from(this.#follow(handle, stream, offset, signal), { objectMode: false });
  }

  /**
   * The engine counts no bytes, so its log is read from its beginning and what is before the offset is skipped. When
   * it stops sending while the work goes on (an engine that was restarted), or stopped as the work ended,
   * it is asked once more for what is missing.
   */
  async *#follow(
    handle: WorkHandle,
    stream: OutputStream,
    offset: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer> {
    await this.#started(handle, signal);
    let position = offset;
    for (;;) {
      // An engine that is ending a container tells nothing of it until what the container has written is on the disk.
      const look = await unlessAborted(signal, this.#look(handle));
      if (!look) return;
      const { state } = look;
      let skip = position;
      for await (const bytes of this.#read(handle, stream, signal)) {
        const rest = bytes.subarray(Math.min(skip, bytes.length));
        skip -= bytes.length - rest.length;
        if (rest.length === 0) continue;
        position += rest.length;
        yield rest;
      }
      if (signal?.aborted || state === 'ended' || state === 'absent') return;
    }
  }

  async *#read(
    handle: WorkHandle,
    stream: OutputStream,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer> {
    if (signal?.aborted) return;
    const asked = this.#container(handle).logs({
      follow: true,
      stdout: stream === 'stdout',
      stderr: stream === 'stderr',
    });
    const raw = (await unlessAborted(signal, asked)) as unknown as Readable | undefined;
    if (!raw)
      return void asked.then(
        (late) => (late as unknown as Readable).destroy(),
        () => {},
      );
    const end = () => raw.destroy();
    signal?.addEventListener('abort', end);
    try {
      for await (const { bytes } of frames(raw)) yield bytes;
    } catch (error) {
      if (!signal?.aborted) throw error;
    } finally {
      signal?.removeEventListener('abort', end);
      raw.destroy();
    }
  }

  async wait(handle: WorkHandle, signal?: AbortSignal): Promise<WorkExit> {
    if (this.#ended.has(handle)) return ENGINE_STOPPED;
    if ((await this.#look(handle)).state === 'absent') throw unknownWork(handle);
    await this.#started(handle, signal);
    const status = await this.#over(handle, signal);
    if (status === KILLED && !(await takesConnections(this.#engine, this.#pinging))) {
      this.#ended.add(handle);
      return ENGINE_STOPPED;
    }
    const { state, exitCode } = await this.#look(handle);
    if (state === 'absent') return { kind: 'lost', reason: 'its container was removed' };
    return { kind: 'exited', status: exitCode ?? 0 };
  }

  /**
   * The status that the container ended with, as the engine says it; undefined for one that is no more. It is asked anew
   * now and then: an answer that an engine has begun and never ends, as it was restarted, is none to its client. Whether
   * there is one at all is asked then, too.
   * @throws ComputeAway
   */
  async #over(handle: WorkHandle, signal?: AbortSignal): Promise<number | undefined> {
    signal?.throwIfAborted();
    for (;;) {
      const enough = new AbortController();
      const { answerMs = ASK_AGAIN_MS } = this.#options;
      const timer = setTimeout(() => enough.abort(), Math.min(answerMs, ASK_AGAIN_MS));
      const abortSignal = AbortSignal.any([enough.signal, ...(signal ? [signal] : [])]);
      const given = once(abortSignal, 'abort').then(() => 'again' as const);
      const call = ignoring([MISSING], this.#container(handle).wait({ abortSignal }));
      try {
        const answer = await Promise.race([call, given]);
        if (answer !== 'again') return answer?.StatusCode;
      } catch (error) {
        if (!abortSignal.aborted) throw error;
      } finally {
        clearTimeout(timer);
        call.catch(() => {});
      }
      signal?.throwIfAborted();
      await ping(this.#engine, { answerMs: ANSWER_MS, ...this.#pinging });
    }
  }

  async stop(handle: WorkHandle, graceMs: number): Promise<void> {
    const key = `${handle} ${graceMs}`;
    const underWay = this.#stops.get(key);
    if (underWay) return underWay;
    const stopping = this.#stop(handle, graceMs).finally(() => this.#stops.delete(key));
    this.#stops.set(key, stopping);
    return stopping;
  }

  async #stop(handle: WorkHandle, graceMs: number): Promise<void> {
    const { state, root, entryPoint, machine } = await this.#look(handle);
    if (machine && state === 'prepared') return;
    const container = this.#container(handle);
    if (state === 'prepared') {
      await container.putArchive(archiveBelow(tarOfFiles(NEVER_RUN), root), { path: '/' });
      if (entryPoint) return void this.#starts.emit(handle);
      await this.start(handle);
      await this.wait(handle);
      return;
    }
    if (state !== 'running') return;
    if (graceMs > 0 && (await terminate(container, entryPoint))) {
      const enough = AbortSignal.timeout(graceMs);
      const ended = await this.#over(handle, enough).then(
        () => true,
        () => false,
      );
      if (ended) return;
    }
    await this.#kill(handle, container);
  }

  /** The engine gives up before all of a crowd have gone, and calls that its own fault: it is told again then. */
  async #kill(handle: WorkHandle, container: Docker.Container): Promise<void> {
    for (let round = 1; ; round++) {
      try {
        await ignoring([MISSING, CONFLICT], container.kill({ signal: 'SIGKILL' }));
        return void (await this.#over(handle));
      } catch (error) {
        if (statusOf(error) !== ENGINE_FAULT || round === KILL_ROUNDS) throw error;
      }
    }
  }

  async exec(handle: WorkHandle, command: string[], terminal?: TerminalSize): Promise<ExecSession> {
    const { root } = await this.#look(handle);
    return execIn(this.#container(handle), { command, root, terminal });
  }

  async copyIn(handle: WorkHandle, path: string, tar: Readable): Promise<void> {
    // It may break before anybody reads it; the reader is told all the same.
    tar.once('error', () => {});
    relativeTo((await this.#look(handle)).root, path);
    await putBelow(this.#container(handle), path, tar);
  }

  async copyOut(
    handle: WorkHandle,
    path: string,
    select: Select = () => true,
    { follow = false } = {},
  ): Promise<Readable> {
    const container = this.#container(handle);
    const { state, root } = await this.#look(handle);
    if (state === 'absent') throw unknownWork(handle);
    return readContainer(container, path, select, { follow, hidden: `${root}/.work` });
  }

  async remove(handle: WorkHandle): Promise<void> {
    if (!idOf(handle)) return;
    this.#ended.delete(handle);
    await ignoring([MISSING, CONFLICT], this.#container(handle).remove({ force: true, v: true }));
  }

  /** A container's files cannot be had apart from the rest of it: both go, or neither. */
  async reclaim(handle: WorkHandle, { output = false } = {}): Promise<void> {
    if (output && (await this.#look(handle)).state === 'ended') await this.remove(handle);
  }

  /** Where the engine's files are on this machine and this server may read them: as root. */
  async largest(since?: number): Promise<{ handle: WorkHandle; bytes: number } | undefined> {
    const filters = { label: [LABEL], status: ['running', 'paused'] };
    let largest: { handle: WorkHandle; bytes: number } | undefined;
    for (const { Id, Labels } of await this.#docker.listContainers({ filters })) {
      const handle = HANDLE_PREFIX + Labels[LABEL];
      const info = await this.#docker.getContainer(Id).inspect();
      const places = await this.#onDisk(placesOf(info));
      const bytes = await Promise.all(places.map((place) => bytesWritten(place, since)));
      const sum = bytes.reduce((a, b) => a + b, 0);
      if (sum > (largest?.bytes ?? 0)) largest = { handle, bytes: sum };
    }
    return largest;
  }

  /** What an engine with a disk of its own writes is not what fills this one. */
  async #onDisk(places: string[]): Promise<string[]> {
    const { disk } = this.#options;
    if (disk === undefined) return places;
    const { dev } = await stat(disk);
    const devices = await Promise.all(
      places.map((place) =>
        stat(place).then(
          (found) => found.dev,
          () => undefined,
        ),
      ),
    );
    return places.filter((_, index) => devices[index] === dev);
  }

  async fillVolume(volume: string, files: () => Promise<Readable>): Promise<void> {
    if (!isName(volume)) throw new Error(`no name of a volume: ${JSON.stringify(volume)}`);
    await fillVolume(this.#docker, NAME_PREFIX + volume, files);
  }

  async removeVolume(volume: string): Promise<void> {
    await removeVolume(this.#docker, NAME_PREFIX + volume);
  }

  async removeNetwork(network: string): Promise<void> {
    await removeNetwork(this.#docker, NAME_PREFIX + network);
  }

  async #look(handle: WorkHandle): Promise<Look> {
    const absent: Look = { state: 'absent', root: '', entryPoint: false, machine: false };
    if (!idOf(handle)) return absent;
    const container = this.#container(handle);
    try {
      const info = await container.inspect();
      const look = lookOf(info);
      const never = look.state === 'prepared' && look.entryPoint && neverRun(container, look.root);
      return (await never) ? { ...look, state: 'ended', exitCode: TERMINATED } : look;
    } catch (error) {
      if (statusOf(error) === MISSING) return absent;
      throw error;
    }
  }

  /** Resolves once the work runs or has ended, or is no more. */
  async #started(handle: WorkHandle, signal?: AbortSignal): Promise<void> {
    while (!signal?.aborted && (await this.#look(handle)).state === 'prepared') {
      const patience = AbortSignal.any([
        AbortSignal.timeout(SLOW_POLL_MS),
        ...(signal ? [signal] : []),
      ]);
      await once(this.#starts, handle, { signal: patience }).catch(() => {});
    }
  }

  async hasImage(image: string): Promise<boolean> {
    return hasImage(this.#docker, image);
  }

  async imageDigest(handle: WorkHandle): Promise<string | undefined> {
    return digestOf(this.#docker, this.#container(handle));
  }

  #container(handle: WorkHandle): Docker.Container {
    const id = idOf(handle);
    if (!id) throw unknownWork(handle);
    return this.#docker.getContainer(NAME_PREFIX + id);
  }
}

function idOf(handle: WorkHandle): string | undefined {
  const id = handle.startsWith(HANDLE_PREFIX) ? handle.slice(HANDLE_PREFIX.length) : '';
  return isName(id) ? id : undefined;
}

/** @returns undefined once the signal aborts, whatever becomes of the work */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T | undefined> {
  if (!signal) return work;
  return unless(signal, work).catch((error) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
}

function unknownWork(handle: WorkHandle): Error {
  return new Error(`there is no work ${handle}`);
}
