import type { GitRuntime } from './environment.ts';
import { ObjectReader } from './object-reader.ts';

const IDLE_MS = 30_000;
const MOST_READERS = 32;

interface Pooled {
  reader: ObjectReader;
  timer: NodeJS.Timeout;
}

/** One object reader a repository, kept while it is used: a git process costs milliseconds, a question to one microseconds. */
export class ReaderPool {
  #runtime: GitRuntime;
  /** By directory, least recently used first. */
  #readers = new Map<string, Pooled>();

  constructor(runtime: GitRuntime) {
    this.#runtime = runtime;
  }

  get(directory: string): ObjectReader {
    const known = this.#readers.get(directory);
    if (known && !known.reader.ended) {
      known.timer.refresh();
      this.#readers.delete(directory);
      this.#readers.set(directory, known);
      return known.reader;
    }
    this.close(directory);
    if (this.#readers.size >= MOST_READERS) this.close([...this.#readers.keys()][0] ?? '');
    const reader = new ObjectReader(this.#runtime, directory);
    const timer = setTimeout(() => this.close(directory), IDLE_MS).unref();
    this.#readers.set(directory, { reader, timer });
    return reader;
  }

  /** Ends the reader of a repository, if there is one. */
  close(directory: string): void {
    const pooled = this.#readers.get(directory);
    if (!pooled) return;
    clearTimeout(pooled.timer);
    pooled.reader.close();
    this.#readers.delete(directory);
  }

  closeAll(): void {
    for (const directory of [...this.#readers.keys()]) this.close(directory);
  }
}
