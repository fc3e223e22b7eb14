import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack as newPack } from 'tar-stream';
import { packed, writeEntry } from '../../../executors/tree-tar.ts';

/*
 * What a clone leaves for the next one of the same repository: the packs of its objects, and what they were reached from. A
 * clone that begins with them is sent what has come since, and nothing else. They are git's own files, and are named by what
 * is in them; what they lead to is told by the remote alone.
 */

/** Git's own: objects, the index of them, and the other way round. */
const PACK_FILE = /^pack-[0-9a-f]{40,64}\.(pack|idx|rev)$/;
/** Of archives of an earlier kind not all that is in them was told: these are read no more. */
const TIPS = 'all-tips';
const OBJECT = /^[0-9a-f]{40,64}$/;
/** So many are enough for a remote to know what is here. */
const MOST_SHOWN = 2000;
/** Of a repository with more nothing is kept: what cannot be told to be the remote's still is not to be there. */
const MOST_TIPS_BYTES = 8 * 1024 ** 2;
/** Where git sees them as its own while it asks the remote. */
const KEPT_REFS = 'refs/slipway-kept';

export interface KeptObjects {
  /** An archive of `archiveOf`, or nothing yet. */
  find(): Promise<Readable | undefined>;
  keep(archive: Readable): Promise<void>;
  /** The most that is kept, in bytes. */
  most: number;
  /** Git looks into each for each object: more are made one. */
  mostPacks: number;
}

/** What was kept: the names of the packs' files, and the objects from which all others in them are reached. */
export interface Restored {
  packs: string[];
  tips: string[];
}

export const NOTHING: Restored = { packs: [], tips: [] };

/** Puts what was kept into a new repository. */
export async function restoreObjects(
  kept: KeptObjects,
  gitDirectory: string,
  signal: AbortSignal,
): Promise<Restored> {
  const archive = await kept.find();
  if (!archive) return NOTHING;
  const directory = join(gitDirectory, 'objects', 'pack');
  await mkdir(directory, { recursive: true });
  const names: string[] = [];
  let text = '';
  const read = extract();
  const all = pipeline(archive, read as unknown as NodeJS.WritableStream, { signal });
  all.catch(() => {});
  for await (const entry of read) {
    const { name } = entry.header;
    if (name === TIPS) text = await textOf(Readable.from(entry));
    else if (PACK_FILE.test(name)) {
      const file = await open(join(directory, name), 'wx', 0o444);
      await pipeline(Readable.from(entry), file.createWriteStream());
      names.push(name);
    } else throw new Error('a cache of a source has a file that is none of git’s');
  }
  await all;
  const isWhole = (name: string) =>
    ['pack', 'idx'].every((end) =>
      names.includes(`${name.slice(0, name.lastIndexOf('.'))}.${end}`),
    );
  if (!names.every(isWhole)) throw new Error('a cache of a source has a part of a pack');
  const tips = tipsOf(text);
  await showTips(gitDirectory, tips);
  return { packs: names.sort(), tips };
}

async function textOf(entry: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of entry) {
    bytes += chunk.length;
    if (bytes > MOST_TIPS_BYTES) throw new Error('a cache of a source has too many tips');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Many references may name one object. @param text objects, one a line @throws Error for what are none */
export function tipsOf(text: string): string[] {
  const tips = [...new Set(text.split('\n').filter(Boolean))];
  if (!tips.every((tip) => OBJECT.test(tip))) throw new Error('a tip is no name of an object');
  return tips;
}

export async function showTips(gitDirectory: string, tips: string[]): Promise<void> {
  const directory = join(gitDirectory, KEPT_REFS);
  await mkdir(directory, { recursive: true });
  for (const [index, tip] of tips.slice(0, MOST_SHOWN).entries())
    await writeFile(join(directory, String(index)), `${tip}\n`);
}

/** The remote has been asked: what is reached is what it said. */
export async function hideTips(gitDirectory: string): Promise<void> {
  await rm(join(gitDirectory, KEPT_REFS), { recursive: true, force: true });
}

/** The packs of a repository. */
export async function packsOf(gitDirectory: string): Promise<string[]> {
  const names = await readdir(join(gitDirectory, 'objects', 'pack')).catch(() => []);
  return names.filter((name) => PACK_FILE.test(name)).sort();
}

/** Keeps them, unless they are too large. @param tips objects, from which the others are reached */
export async function keepObjects(
  kept: KeptObjects,
  gitDirectory: string,
  tips: string[],
  signal: AbortSignal,
): Promise<void> {
  const names = await packsOf(gitDirectory);
  const directory = join(gitDirectory, 'objects', 'pack');
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(directory, name))).size),
  );
  const list = tips.join('\n');
  const bytes = sizes.reduce((sum, size) => sum + size, list.length);
  if (names.length === 0 || bytes > kept.most || list.length > MOST_TIPS_BYTES) return;
  const pack = newPack();
  const writing = (async () => {
    await writeEntry(pack, { name: TIPS, size: list.length, type: 'file' }, [Buffer.from(list)]);
    for (const [index, name] of names.entries()) {
      const entry = { name, size: sizes[index] ?? 0, type: 'file' } as const;
      await writeEntry(pack, entry, createReadStream(join(directory, name)));
    }
    pack.finalize();
  })();
  writing.catch((error: Error) => pack.destroy(error));
  const archive = addAbortSignal(signal, packed(pack)).on('error', () => {});
  try {
    await kept.keep(archive);
  } finally {
    // Where not all of it was read, nothing else ends what is written into it.
    archive.destroy();
    pack.destroy();
  }
  await writing;
}

/** What has been kept already is not kept again. */
export const isSame = (before: Restored, { packs, tips }: Restored): boolean =>
  packs.join() === before.packs.join() &&
  new Set([...before.tips, ...tips]).size === before.tips.length;
