import type { Dirent } from 'node:fs';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack as newPack, type Pack } from 'tar-stream';
import { greatest } from '../lib/append.ts';
import { isReferenceName, isRepositoryId } from './names.ts';

// What a backup needs to know of how repositories lie on the disk: all of it stands in this file.

/**
 * Read in this order: references first, then objects. What a reference leads to was there before it; so a copy that is
 * made while somebody pushes has every object that its references need.
 */
const PARTS = ['HEAD', 'info/attributes', 'refs', 'packed-refs', 'objects'];

const OBJECTS =
  /^objects\/(?:[0-9a-f]{2}\/[0-9a-f]{38}|pack\/(?:multi-pack-index|pack-[0-9a-f]{40}\.(?:pack|idx|rev|bitmap|mtimes))|info\/(?:packs|commit-graph|commit-graphs\/(?:commit-graph-chain|graph-[0-9a-f]{40}\.graph)))$/;

/** Files of these never change: others are written anew under their names. */
const IMMUTABLE = /^objects\/(?:[0-9a-f]{2}|pack\/pack-)/;

/** Of a sealed repository (sealed/log.ts). */
const SEALED_FOLDERS = ['log', 'packs'];
const SEALED = /^(?:log\/(?:base-)?\d{8,15}|packs\/[0-9a-f-]{36})$/;

/** Neither `config` nor `hooks`, which could name programs to run, nor `alternates`, which lead elsewhere. */
function isCopied(path: string, sealed: boolean): boolean {
  if (sealed) return SEALED.test(path);
  if (path === 'HEAD' || path === 'packed-refs' || path === 'info/attributes') return true;
  return OBJECTS.test(path) || isReferenceName(path);
}

const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

/** How often a repository is looked at anew in which git tidies up meanwhile. */
const MOST_LOOKS = 50;

const placeOf = (directory: string, id: string, sealed: boolean) =>
  join(directory, `${id}.${sealed ? 'sealed' : 'git'}`);

/** Ids of the repositories of a directory that an earlier version left in the clear. */
export async function plainIds(directory: string): Promise<Set<string>> {
  const names = (await entries(directory)).map(({ name }) => name);
  const ids = names.filter((name) => name.endsWith('.git')).map((name) => name.slice(0, -4));
  return new Set(ids.filter((id) => isRepositoryId(id) && !names.includes(`${id}.sealed`)));
}

/** Ids of the repositories of a directory. */
export async function* repositoryIds(directory: string): AsyncGenerator<string> {
  const ids = (await entries(directory)).flatMap(({ name }) => {
    const [, id = ''] = /^(.+)\.(?:git|sealed)$/.exec(name) ?? [];
    return isRepositoryId(id) ? [id] : [];
  });
  // One that is just being sealed is there twice.
  yield* new Set(ids);
}

/**
 * A repository as a tar stream, while it is in use: with every object that is in it, those that no reference leads to
 * as well. @returns undefined where it is gone. Errors of the disk come on the stream.
 */
export async function packRepository(directory: string, id: string): Promise<Readable | undefined> {
  const sealed = (await entries(placeOf(directory, id, true))).length > 0;
  const repository = placeOf(directory, id, sealed);
  if ((await entries(repository)).length === 0) return undefined;
  const tar = newPack();
  const out = new PassThrough();
  (sealed ? packSealed : packFiles)(repository, tar).then(
    () => tar.finalize(),
    (error) => out.destroy(error),
  );
  // Where it is destroyed, whatever is being read for it ends.
  pipeline(tar, out).catch(() => {});
  return out;
}

async function packFiles(repository: string, tar: Pack): Promise<void> {
  const seen = new Set<string>();
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    let whole = true;
    for (const part of PARTS) {
      for await (const path of filesBelow(repository, part)) {
        if (!isCopied(path, false) || seen.has(path)) continue;
        const found = await packFile(tar, join(repository, path), path);
        if (found && IMMUTABLE.test(path)) seen.add(path);
        // Moved into a pack, most likely, which may have come after packs were listed.
        whole &&= found;
      }
    }
    if (whole) return;
  }
  throw changing(repository);
}

/** Records one after the other, from where reading begins, and then packs: those that a record names were there before it. */
async function packSealed(repository: string, tar: Pack): Promise<void> {
  const seen = new Set<string>();
  const copied = async (path: string) => {
    if (seen.has(path)) return true;
    const found = await packFile(tar, join(repository, path), path);
    if (found) seen.add(path);
    return found;
  };
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const base = await beginning(repository);
    if (base > 1) await copied(`log/base-${eight(base)}`);
    for (let number = base; await copied(`log/${eight(number)}`); number += 1);
    for await (const path of filesBelow(repository, 'packs'))
      if (isCopied(path, true)) await copied(path);
    // A log that was begun anew meanwhile has taken away what was still to be read.
    if (base === (await beginning(repository))) return;
  }
  throw changing(repository);
}

async function beginning(repository: string): Promise<number> {
  const found = await entries(join(repository, 'log'));
  return greatest(found.map(({ name }) => Number(/^base-(\d+)$/.exec(name)?.[1] ?? 1))) ?? 1;
}

const eight = (number: number) => String(number).padStart(8, '0');

const changing = (repository: string) =>
  new Error(`Repository ${repository} changes all the time: it could not be copied.`);

/** @returns false when it is gone */
async function packFile(tar: Pack, file: string, name: string): Promise<boolean> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return false;
  const { size } = await handle.stat();
  const header = { name, size, mode: 0o600 };
  if (size === 0) {
    await handle.close();
    tar.entry(header, '');
  } else {
    // No further than where its end was.
    await pipeline(createReadStream('', { fd: handle, end: size - 1 }), tar.entry(header));
  }
  return true;
}

/** Makes a repository of what `packRepository` made. @throws Error where there is something else in it */
export async function unpackRepository(
  directory: string,
  id: string,
  tar: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (!isRepositoryId(id)) throw new Error('Not a repository id');
  const entries = extract();
  const fed = pipeline(tar, entries);
  // Said by the loop below.
  fed.catch(() => {});
  let repository: string | undefined;
  let sealed = false;
  for await (const entry of entries) {
    const { name, type } = entry.header;
    if (!repository) {
      sealed = SEALED.test(name);
      repository = placeOf(directory, id, sealed);
      await makeFolders(repository, sealed);
    }
    if (type !== 'file' || !isCopied(name, sealed))
      throw new Error(`a repository has ${JSON.stringify(name.slice(0, 200))} in it`);
    const file = join(repository, name);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await pipeline(entry, createWriteStream(file, { mode: 0o600 }));
  }
  await fed;
}

async function makeFolders(repository: string, sealed: boolean): Promise<void> {
  const folders = sealed
    ? SEALED_FOLDERS
    : ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'];
  for (const name of folders) await mkdir(join(repository, name), { recursive: true, mode: 0o700 });
  if (!sealed) await writeFile(join(repository, 'config'), CONFIG);
}

/** Paths of files at or below a path, relative to the repository. Those that go meanwhile are left out. */
async function* filesBelow(repository: string, path: string): AsyncGenerator<string> {
  const found = await entries(join(repository, path), true);
  if (found === undefined) yield path;
  for (const entry of found ?? []) {
    const name = `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(repository, name);
    else if (entry.isFile()) yield name;
  }
}

async function entries(directory: string): Promise<Dirent[]>;
/** @returns undefined for a file */
async function entries(directory: string, orFile: true): Promise<Dirent[] | undefined>;
async function entries(directory: string, orFile = false): Promise<Dirent[] | undefined> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' && orFile) return undefined;
    if (code !== 'ENOENT') throw error;
    return [];
  }
}
