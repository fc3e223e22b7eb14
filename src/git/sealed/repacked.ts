import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MAINTENANCE } from '../bounds.ts';
import type { GitRuntime } from '../environment.ts';
import { runGit } from '../process.ts';
import { packNames } from './packing.ts';

/** An index of git's, version 2 (gitformat-pack(5)): a head, how many ids begin with up to each byte, then the ids. */
const FANOUT_END = 8 + 256 * 4;
const ID_BYTES = 20;
const AT_ONCE = 50_000;

/**
 * Which packs a repack has replaced. That one is gone does not tell: somebody else may have taken it away. It is replaced when
 * each object of it is in another one, for which its index is kept until that has been looked at.
 */
export class Repacked {
  readonly #runtime: GitRuntime;
  readonly #directory: string;
  readonly #kept: string;
  readonly #names: readonly string[];

  private constructor(runtime: GitRuntime, directory: string, kept: string, names: string[]) {
    this.#runtime = runtime;
    this.#directory = directory;
    this.#kept = kept;
    this.#names = names;
  }

  /** @param names of packs that may be replaced */
  static async before(runtime: GitRuntime, directory: string, names: string[]): Promise<Repacked> {
    const kept = join(directory, `repack-${randomUUID()}`);
    await mkdir(kept);
    for (const name of names)
      await link(join(directory, 'objects', 'pack', `${name}.idx`), join(kept, `${name}.idx`));
    return new Repacked(runtime, directory, kept, names);
  }

  /** @returns packs that are gone and whose objects are there, and whether some objects are not */
  async after(signal?: AbortSignal): Promise<{ replaced: string[]; lost: boolean }> {
    const there = new Set(await packNames(this.#directory));
    const gone = this.#names.filter((name) => !there.has(name));
    const replaced: string[] = [];
    for (const name of gone)
      if (await this.#hasAllOf(join(this.#kept, `${name}.idx`), signal)) replaced.push(name);
    return { replaced, lost: replaced.length < gone.length };
  }

  forget(): Promise<void> {
    return rm(this.#kept, { recursive: true, force: true });
  }

  async #hasAllOf(index: string, signal: AbortSignal | undefined): Promise<boolean> {
    const file = await open(index);
    try {
      const count = (await file.read(Buffer.alloc(4), 0, 4, FANOUT_END - 4)).buffer.readUInt32BE();
      for (let from = 0; from < count; from += AT_ONCE) {
        const ids = Buffer.alloc(Math.min(AT_ONCE, count - from) * ID_BYTES);
        await file.read(ids, 0, ids.length, FANOUT_END + from * ID_BYTES);
        if (!(await this.#hasAll(ids, signal))) return false;
      }
      return true;
    } finally {
      await file.close();
    }
  }

  async #hasAll(ids: Buffer, signal: AbortSignal | undefined): Promise<boolean> {
    let stdin = '';
    for (let at = 0; at < ids.length; at += ID_BYTES)
      stdin += `${ids.toString('hex', at, at + ID_BYTES)}\n`;
    const args = ['cat-file', '--batch-check=%(objecttype)', '--buffer'];
    const bounds = { ...MAINTENANCE, signal };
    const said = await runGit(this.#runtime, this.#directory, args, { stdin, bounds });
    return !said.includes(' missing\n');
  }
}
