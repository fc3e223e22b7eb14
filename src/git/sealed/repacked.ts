import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** An index of git's, version 2 (gitformat-pack(5)): a head, how many ids begin with up to each byte, then the ids in order. */
const FANOUT_AT = 8;
const FANOUT_BYTES = 256 * 4;
const ID_BYTES = 20;

/** The ids of a pack's objects, by their first byte. */
class PackIndex {
  readonly name: string;
  readonly #file: FileHandle;
  readonly #fanout: Buffer;

  private constructor(name: string, file: FileHandle, fanout: Buffer) {
    this.name = name;
    this.#file = file;
    this.#fanout = fanout;
  }

  static async open(directory: string, name: string): Promise<PackIndex> {
    const file = await open(join(directory, 'objects', 'pack', `${name}.idx`));
    try {
      return new PackIndex(name, file, await bytesAt(file, FANOUT_AT, FANOUT_BYTES));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get count(): number {
    return this.#fanout.readUInt32BE(255 * 4);
  }

  async beginningWith(byte: number): Promise<Buffer> {
    const from = byte === 0 ? 0 : this.#fanout.readUInt32BE((byte - 1) * 4);
    const count = this.#fanout.readUInt32BE(byte * 4) - from;
    const at = FANOUT_AT + FANOUT_BYTES + from * ID_BYTES;
    return count === 0 ? Buffer.alloc(0) : await bytesAt(this.#file, at, count * ID_BYTES);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead < length) throw new Error('The index of a pack is cut off');
  return bytes;
}

/** What has been packed anew, and what has all of it now. */
export interface Repacked {
  replaced: ReadonlySet<string>;
  /** Packs that together have each object of those: as long as all of them are there, they can go. */
  by: ReadonlySet<string>;
}

/**
 * Which packs others make superfluous: each object of one of them is in a pack that stays. A new pack alone does not have all of
 * what it replaces: git leaves out what a pack has that it does not replace.
 * @param known packs of which some may go @param fresh packs that stay
 */
export async function repackedIn(
  directory: string,
  known: readonly string[],
  fresh: readonly string[],
): Promise<Repacked> {
  const opened: PackIndex[] = [];
  try {
    for (const name of [...fresh, ...known]) opened.push(await PackIndex.open(directory, name));
    const stay = new Set(opened);
    const replaced = new Set<string>();
    // Small ones first: what one of them has in a larger one has been looked for again when that goes, too.
    const candidates = opened.slice(fresh.length).sort((a, b) => a.count - b.count);
    for (const pack of fresh.length > 0 ? candidates : []) {
      stay.delete(pack);
      if (await hasAllOf([...stay], pack)) replaced.add(pack.name);
      else stay.add(pack);
    }
    return { replaced, by: new Set([...stay].map(({ name }) => name)) };
  } finally {
    for (const pack of opened) await pack.close();
  }
}

async function hasAllOf(packs: readonly PackIndex[], pack: PackIndex): Promise<boolean> {
  for (let byte = 0; byte < 256; byte++) {
    let left = idsIn(await pack.beginningWith(byte));
    for (const other of packs) {
      if (left.length === 0) break;
      const there = await other.beginningWith(byte);
      left = left.filter((id) => !isIn(there, id));
    }
    if (left.length > 0) return false;
  }
  return true;
}

const idsIn = (ids: Buffer): Buffer[] =>
  Array.from({ length: ids.length / ID_BYTES }, (_, n) =>
    ids.subarray(n * ID_BYTES, (n + 1) * ID_BYTES),
  );

/** @param ids in order */
function isIn(ids: Buffer, id: Buffer): boolean {
  let [low, high] = [0, ids.length / ID_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = ids.compare(id, 0, ID_BYTES, middle * ID_BYTES, (middle + 1) * ID_BYTES);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}
