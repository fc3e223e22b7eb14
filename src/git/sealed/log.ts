import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWhole, sealWhole } from '../../lib/sealed-chunks.ts';
import { syncDirectory, writeSealed } from './files.ts';
import { afterEntry, type Entry, NOTHING, type SealedPack, type SealedState } from './state.ts';

/** What lies there is not what was written, or was written under another key. */
export class SealedIntegrityError extends Error {
  override name = 'SealedIntegrityError';
}

/** A pack or a record is not there any more: another server has begun the log anew. */
export class LogMovedError extends Error {
  override name = 'LogMovedError';
}

const MOST_LOADS = 5;
/** What nothing names may be on its way into the log for as long as it takes to write. */
const UNNAMED_LIVES_MS = 24 * 60 * 60_000;

/** The log of one sealed repository: docs/decisions/repositories-at-rest.md. Several servers may have it open. */
export class SealedLog {
  readonly directory: string;
  readonly #id: string;
  readonly #key: Uint8Array;

  /** @param id of the repository, to which all that is sealed is bound @param key its data key, 32 bytes */
  constructor(directory: string, id: string, key: Uint8Array) {
    this.directory = directory;
    this.#id = id;
    this.#key = key;
  }

  /** Makes an empty log's folders. */
  async prepare(): Promise<void> {
    for (const folder of ['log', 'packs', 'base'])
      await mkdir(join(this.directory, folder), { recursive: true, mode: 0o700 });
  }

  /** All that the records say. @throws SealedIntegrityError */
  async load(): Promise<SealedState> {
    for (let attempt = 0; ; attempt++) {
      const base = await this.#base();
      const last = Math.max(0, ...(await this.#numbers('log')));
      let state: SealedState = { ...NOTHING, generation: base - 1 };
      for (;;) {
        const entry = await this.read(state.generation + 1);
        if (!entry) break;
        state = afterEntry(state, entry);
      }
      if (state.generation >= Math.max(last, base)) return state;
      // One that is missing may have gone because somebody has begun the log anew.
      if (attempt >= MOST_LOADS || (attempt > 0 && base === (await this.#base())))
        throw new SealedIntegrityError(`A record of repository ${this.#id} is missing`);
    }
  }

  /** The record with this number, or undefined when there is none. @throws SealedIntegrityError */
  async read(number: number): Promise<Entry | undefined> {
    let sealed: Buffer;
    try {
      sealed = await readFile(this.#record(number));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return JSON.parse(openWhole(this.#place(`log/${number}`), this.#key, sealed).toString());
    } catch (error) {
      throw new SealedIntegrityError(`A record of repository ${this.#id} does not open`, {
        cause: error,
      });
    }
  }

  /** Whether there is nothing behind this record. @throws LogMovedError when the log begins behind it */
  async isLast(number: number): Promise<boolean> {
    const next = await stat(this.#record(number + 1)).catch(() => undefined);
    if (next) return false;
    if ((await this.#base()) > number) throw new LogMovedError('The log was begun anew');
    return true;
  }

  /**
   * Writes a record durably, unless there is one with its number.
   * @returns whether it is there @throws LogMovedError when the log begins behind it
   */
  async append(number: number, entry: Entry): Promise<boolean> {
    const draft = join(this.directory, 'log', `draft-${randomUUID()}`);
    const sealed = sealWhole(
      this.#place(`log/${number}`),
      this.#key,
      Buffer.from(JSON.stringify(entry)),
    );
    try {
      await writeFile(draft, sealed, { mode: 0o600, flush: true });
      await link(draft, this.#record(number));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
    if ((await this.#base()) > number) {
      await rm(this.#record(number), { force: true });
      throw new LogMovedError('The log was begun anew');
    }
    await syncDirectory(join(this.directory, 'log'));
    return true;
  }

  /** Reading begins at this record from now on, which says all. Older ones go. */
  async beginAt(number: number): Promise<void> {
    const bases = join(this.directory, 'base');
    // One file for each: of two that do this at once the later record counts, whoever comes last.
    await writeFile(join(bases, name(number)), '', { mode: 0o600, flush: true });
    await syncDirectory(bases);
    for (const folder of ['base', 'log'])
      for (const older of await this.#numbers(folder))
        if (older < number) await rm(join(this.directory, folder, name(older)), { force: true });
  }

  /** Seals a pack durably. @param parts its files: kind (`pack`, `idx` …) and where it lies */
  async addPack(
    name: string,
    parts: readonly { kind: string; path: string }[],
  ): Promise<SealedPack> {
    const file = randomUUID();
    const path = this.packPath(file);
    try {
      const sizes = await writeSealed(
        path,
        { id: this.#place(`packs/${file}`), key: this.#key },
        parts.map((part) => part.path),
      );
      await syncDirectory(join(this.directory, 'packs'));
      return { name, file, parts: parts.map(({ kind }, at) => ({ kind, bytes: sizes[at] ?? 0 })) };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** What opens a sealed pack. */
  sealOf({ file }: SealedPack): { path: string; id: string; key: Uint8Array } {
    return { path: this.packPath(file), id: this.#place(`packs/${file}`), key: this.#key };
  }

  packPath(file: string): string {
    // It comes out of a record: none may name another file.
    if (!/^[0-9a-f-]{36}$/.test(file)) throw new SealedIntegrityError('Not the name of a pack');
    return join(this.directory, 'packs', file);
  }

  /** Removes packs that no record names any more, and what a killed server left behind. @param gone files that may go at once */
  async removeUnnamed(
    { packs }: SealedState,
    gone: readonly string[] = [],
    now = Date.now(),
  ): Promise<void> {
    const named = new Set([...packs.values()].map(({ file }) => file));
    const paths = [
      ...(await names(join(this.directory, 'packs')))
        .filter((name) => !named.has(name))
        .map((name) => ({ path: join(this.directory, 'packs', name), now: gone.includes(name) })),
      ...(await names(join(this.directory, 'log')))
        .filter((name) => name.startsWith('draft-'))
        .map((name) => ({ path: join(this.directory, 'log', name), now: false })),
    ];
    for (const one of paths) {
      const made = (await stat(one.path).catch(() => undefined))?.mtimeMs ?? now;
      if (one.now || now - made > UNNAMED_LIVES_MS) await rm(one.path, { force: true });
    }
  }

  async #base(): Promise<number> {
    return Math.max(1, ...(await this.#numbers('base')));
  }

  async #numbers(folder: string): Promise<number[]> {
    const all = await names(join(this.directory, folder));
    return all.filter((one) => /^\d{8,15}$/.test(one)).map(Number);
  }

  #record(number: number): string {
    return join(this.directory, 'log', name(number));
  }

  #place(what: string): string {
    return `repository/${this.#id}/${what}`;
  }
}

const name = (number: number): string => String(number).padStart(8, '0');

async function names(directory: string): Promise<string[]> {
  return await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Whether a sealed repository lies here. */
export async function isSealed(directory: string): Promise<boolean> {
  return (await stat(join(directory, 'log')).catch(() => undefined)) !== undefined;
}
