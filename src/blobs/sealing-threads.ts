import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { CHUNK_BYTES } from '../lib/sealed-chunks.ts';
import type { FilledSlot, SealingAnswer, SealingJob } from './sealing-thread.ts';

/** What one upload holds in memory: enough that network and disk seldom wait for each other. */
const SLOT_BYTES = 4 * CHUNK_BYTES;
const SLOTS = 4;
const MOST_THREADS = 4;
/** A thread that has nothing to do gives its memory back. */
const IDLE_MS = 10_000;

interface Thread {
  worker: Worker;
  jobs: Set<Sealing>;
  idle: NodeJS.Timeout | undefined;
}

const threads = new Set<Thread>();

/**
 * Hashes, encrypts, writes and syncs a body in another thread. The file at `path` exists and is empty.
 * @throws what the disk says (`code`), and what the body throws
 */
export async function sealInThread(
  job: Pick<SealingJob, 'path' | 'key' | 'salt'>,
  body: AsyncIterable<Uint8Array>,
): Promise<{ md5: string; size: number }> {
  const thread = leastBusy();
  const sealing = new Sealing(thread.worker, job);
  thread.jobs.add(sealing);
  clearTimeout(thread.idle);
  try {
    for await (const piece of body) await sealing.write(piece);
    return await sealing.end();
  } finally {
    sealing.close();
    thread.jobs.delete(sealing);
    if (thread.jobs.size === 0) endWhenIdle(thread);
  }
}

function leastBusy(): Thread {
  let best: Thread | undefined;
  for (const thread of threads) if (!best || thread.jobs.size < best.jobs.size) best = thread;
  if (best?.jobs.size === 0) return best;
  const most = Math.min(MOST_THREADS, availableParallelism());
  return best && threads.size >= most ? best : start();
}

function start(): Thread {
  const worker = new Worker(new URL('./sealing-thread.ts', import.meta.url));
  worker.unref();
  const thread: Thread = { worker, jobs: new Set(), idle: undefined };
  threads.add(thread);
  const gone = (error: Error) => {
    threads.delete(thread);
    for (const sealing of thread.jobs) sealing.fail(error);
  };
  worker.on('error', gone);
  worker.on('exit', () => gone(new Error('The thread that writes bodies ended.')));
  return thread;
}

function endWhenIdle(thread: Thread): void {
  thread.idle = setTimeout(() => {
    threads.delete(thread);
    thread.worker.terminate();
  }, IDLE_MS).unref();
}

/** One body on its way to a thread, through slots of shared memory: nothing is copied twice, and no more waits than they hold. */
class Sealing {
  readonly #port: MessagePort;
  readonly #memory = new SharedArrayBuffer(SLOTS * SLOT_BYTES);
  readonly #free = Array.from({ length: SLOTS - 1 }, (_, index) => index + 1);
  #slot = 0;
  #filled = 0;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #result: { md5: string; size: number } | undefined;

  constructor(worker: Worker, job: Pick<SealingJob, 'path' | 'key' | 'salt'>) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (answer: SealingAnswer) => this.#hear(answer));
    const whole: SealingJob = {
      ...job,
      ...{ port: port2, memory: this.#memory, slotBytes: SLOT_BYTES },
    };
    worker.postMessage(whole, [port2]);
  }

  async write(piece: Uint8Array): Promise<void> {
    let rest = piece;
    while (rest.length > 0) {
      // A full slot is sent when more comes: only then is it known not to be the last.
      if (this.#filled === SLOT_BYTES) await this.#next();
      const taken = rest.subarray(0, SLOT_BYTES - this.#filled);
      new Uint8Array(this.#memory, this.#slot * SLOT_BYTES + this.#filled).set(taken);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
    }
  }

  async end(): Promise<{ md5: string; size: number }> {
    this.#send(true);
    while (!this.#result) await this.#heard();
    return this.#result;
  }

  /** The thread lets go of the file. */
  close(): void {
    this.#port.close();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  async #next(): Promise<void> {
    this.#send(false);
    while (this.#free.length === 0) await this.#heard();
    this.#slot = this.#free.pop() as number;
    this.#filled = 0;
  }

  #send(last: boolean): void {
    if (this.#failure) throw this.#failure;
    const filled: FilledSlot = { slot: this.#slot, bytes: this.#filled, last };
    this.#port.postMessage(filled);
  }

  async #heard(): Promise<void> {
    if (!this.#failure)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#failure) throw this.#failure;
  }

  #hear(answer: SealingAnswer): void {
    if ('free' in answer) this.#free.push(answer.free);
    else if ('failed' in answer) {
      const { message, code } = answer.failed;
      this.fail(Object.assign(new Error(message), { code }));
    } else this.#result = answer;
    this.#wake?.();
  }
}
