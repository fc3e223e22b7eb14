import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../lib/files.ts';
import { openWhole, sealWhole } from '../../lib/sealed-chunks.ts';
import { plaintext } from '../../lib/sealed-file.ts';
import { writeSealed } from './files.ts';
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
    for (const folder of ['log', 'packs'])
      await mkdir(join(this.directory, folder), { recursive: true, mode: 0o700 });
  }

  /** All that the records say. @throws SealedIntegrityError */
  async load(): Promise<SealedState> {
    for (let attempt = 0; ; attempt++) {
      const { base, last } = await this.#extent();
      let state: SealedState = { ...NOTHING, generation: base - 1 };
      for (;;) {
        const entry = await this.read(state.generation + 1);
        if (!entry) break;
        state = afterEntry(state, entry);
      }
      if (state.generation >= Math.max(last, base)) return state;
      // One that is missing may have gone because somebody has begun the log anew.
      if (attempt >= MOST_LOADS || (attempt > 0 && base === (await this.#extent()).base))
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
    if (await found(this.#record(number + 1))) return false;
    if ((await this.#extent()).base > number) throw new LogMovedError('The log was begun anew');
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
      if (!(await linked(draft, this.#record(number)))) return false;
    } finally {
      await rm(draft, { force: true });
    }
    // A number below the beginning was free because its record has gone: nobody reads this one.
    if ((await this.#extent()).base > number) {
      await rm(this.#record(number), { force: true });
      throw new LogMovedError('The log was begun anew');
    }
    await syncDirectory(join(this.directory, 'log'));
    return true;
  }

  /** Reading begins at this record from now on, which says all. Older ones go. */
  async beginAt(number: number): Promise<void> {
    const folder = join(this.directory, 'log');
    // One file for each: of two that do this at once the later record counts, whoever comes last.
    await writeFile(join(folder, `${BASE}${name(number)}`), '', { mode: 0o600, flush: true });
    await syncDirectory(folder);
    for (const one of await names(folder))
      if ((numberOf(one) ?? baseOf(one) ?? number) < number)
        await rm(join(folder, one), { force: true });
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

  /**
   * Removes packs that no record names any more, and what a killed server left behind.
   * @param gone files that may go at once
   */
  async removeUnnamed(
    { packs, generation }: SealedState,
    gone: readonly string[] = [],
    now = Date.now(),
  ): Promise<void> {
    for (const file of gone) await rm(this.packPath(file), { force: true });
    const named = new Set([...packs.values()].map(({ file }) => file));
    const paths = [
      ...(await names(join(this.directory, 'packs')))
        .filter((name) => !named.has(name))
        .map((name) => join(this.directory, 'packs', name)),
      ...(await names(join(this.directory, 'log')))
        .filter((name) => name.startsWith('draft-'))
        .map((name) => join(this.directory, 'log', name)),
    ];
    // A server that slept for a day would take what others have named since for what nobody names.
    if (!(await this.isLast(generation).catch(whenMoved))) return;
    for (const path of paths) {
      const made = (await found(path))?.mtimeMs ?? now;
      if (now - made > UNNAMED_LIVES_MS) await rm(path, { force: true });
    }
  }

  /** Reads all of a pack. @throws SealedIntegrityError when it is gone or was changed */
  async verify(pack: SealedPack): Promise<void> {
    const { path, id, key } = this.sealOf(pack);
    try {
      let bytes = 0;
      for await (const piece of plaintext(path, id, key)) bytes += piece.length;
      const due = pack.parts.reduce((sum, part) => sum + part.bytes, 0);
      if (bytes !== due) throw new Error(`It has ${bytes} bytes instead of ${due}`);
    } catch (error) {
      throw new SealedIntegrityError(`The sealed pack ${pack.file} does not open`, {
        cause: error,
      });
    }
  }

  /** Where reading begins, and the last number that is taken. */
  async #extent(): Promise<{ base: number; last: number }> {
    let [base, last] = [1, 0];
    for (const one of await names(join(this.directory, 'log'))) {
      base = Math.max(base, baseOf(one) ?? 1);
      last = Math.max(last, numberOf(one) ?? 0);
    }
    return { base, last };
  }

  #record(number: number): string {
    return join(this.directory, 'log', name(number));
  }

  #place(what: string): string {
    return `repository/${this.#id}/${what}`;
  }
}

const name = (number: number): string => String(number).padStart(8, '0');
const numberOf = (file: string) => (/^\d{8,15}$/.test(file) ? Number(file) : undefined);

/** In the same folder as the records: whoever has just changed that is shown no older list of it by a network's file system. */
const BASE = 'base-';
const baseOf = (file: string) =>
  file.startsWith(BASE) ? numberOf(file.slice(BASE.length)) : undefined;

function whenMoved(error: unknown): false {
  if (error instanceof LogMovedError) return false;
  throw error;
}

async function found(path: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** @returns false where the name is taken */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // NFS may say so of its own link, when the first answer was lost.
    return (await stat(draft)).nlink > 1;
  }
  return true;
}

async function names(directory: string): Promise<string[]> {
  return await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Whether a sealed repository lies here. */
export async function isSealed(directory: string): Promise<boolean> {
  return (await found(join(directory, 'log'))) !== undefined;
}
