import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack as newPack, type Pack } from 'tar-stream';
import { packed, writeEntry } from '../../../executors/tree-tar.ts';
import { setOwn } from '../../../lib/own.ts';
import { ANCHORS, type Anchor, cachedFiles, keptBy } from '../model/cache.ts';
import { expandPath } from '../model/file-choice.ts';
import { failureOf, type Session } from './session.ts';
import { workFiles } from './work-files.ts';

const GIB = 1024 ** 3;
/** Unpacked: more is not brought into a build. */
const MAX_BYTES = 16 * GIB;
const LEVEL = 1;
const OTHER_VARIABLE = /\$\{?(?!HOME\b|CODEBUILD_SRC_DIR\b)[A-Za-z_]/;

/** A name that the driver unpacks. */
const fileOf = (anchor: Anchor) => `cache-${anchor}.tar`;

/** Empty while the files come, and filled behind the last of them: the driver unpacks nothing before. */
const WHOLE = 'cache-whole';

/** All that the paths name, as one archive. @returns `count` once it has been read to its end */
export function archiveOf(
  session: Session,
  paths: string[],
  log: string[],
): { archive: Readable; count: Promise<number> } {
  const pack = newPack();
  const count = fill(pack, session, paths, log).then((files) => {
    pack.finalize();
    return files;
  });
  count.catch((error) => pack.destroy(error));
  const gzip = createGzip({ level: LEVEL });
  const { signal } = session;
  pipeline(packed(pack), gzip, { signal }).catch(() => {});
  return { archive: gzip, count };
}

/** Containers have the home of their images' root; processes one of their own. */
async function placesOf({ platform, stored }: Session) {
  const { handle = '', root = '', sources } = stored.run;
  const { image } = await platform.executors.attach(handle);
  const home = image === undefined ? `${root}/home` : '/root';
  return { source: sources?.[0]?.directory ?? root, home };
}

/** What the paths of a buildspec mean in this build. @param variables at its end, or at its beginning */
async function filesOf(session: Session, paths: string[]) {
  const places = await placesOf(session);
  const values = { ...session.stored.run.variables };
  setOwn(values, 'HOME', places.home);
  setOwn(values, 'CODEBUILD_SRC_DIR', places.source);
  return paths.map((text) => ({ text, ...cachedFiles(expandPath(text, values), places) }));
}

/** All files of the buildspec's paths, by their anchors. @returns how many */
async function fill(pack: Pack, session: Session, paths: string[], log: string[]): Promise<number> {
  const names = new Set<string>();
  for (const { text, anchor, below, directory, globs } of await filesOf(session, paths)) {
    const spec = { files: globs, excludePaths: [], baseDirectory: directory, discardPaths: false };
    try {
      for await (const file of workFiles(session, spec, 'keep', [])) {
        const name = posix.join(anchor, below, file.name);
        if (names.has(name)) continue;
        names.add(name);
        const { mode, size, mtime, link, body } = file;
        const header = { name, mode, ...(mtime && { mtime }) };
        if (link === undefined) await writeEntry(pack, { ...header, size, type: 'file' }, body);
        else await writeEntry(pack, { ...header, linkname: link, type: 'symlink' }, []);
      }
    } catch (error) {
      if (!failureOf(error)) throw error;
      log.push(`Nothing is kept of ${text}: it is not there`);
    }
  }
  return names.size;
}

/**
 * Brings an archive into the driver's directory, for the driver to unpack: files and links that the paths keep, and nothing
 * else of it, nor behind one of its links. Builds have written it, and where it is shared those of others.
 * @param directory an empty one of the server's own
 * @returns how many files there are
 */
export async function bringArchive(
  session: Session,
  archive: Readable,
  { paths, directory, into }: { paths: string[]; directory: string; into: string },
): Promise<number> {
  const { platform, stored, signal } = session;
  // What a variable of the image's is nobody knows before the build has ended.
  const told = paths.every((path) => !OTHER_VARIABLE.test(path));
  const isKept = told ? keptBy(await filesOf(session, paths)) : () => true;
  const count = await split(archive, directory, { isKept, signal });
  await platform.executors.copyIn(stored.run.handle ?? '', into, parts(directory));
  return count;
}

/** Parts the archive by anchors, each into a file of its own. @returns how many files there are */
async function split(
  archive: Readable,
  directory: string,
  { isKept, signal }: { isKept: ReturnType<typeof keptBy>; signal: AbortSignal },
): Promise<number> {
  const packs = new Map<Anchor, { pack: Pack; written: Promise<void> }>();
  const packOf = (anchor: Anchor) => {
    const found = packs.get(anchor);
    if (found) return found.pack;
    const pack = newPack();
    const file = createWriteStream(join(directory, fileOf(anchor)), { mode: 0o600 });
    const written = pipeline(packed(pack), file, { signal });
    written.catch(() => {});
    packs.set(anchor, { pack, written });
    return pack;
  };
  const parser = extract();
  const feeding = pipeline(archive, createGunzip(), parser as unknown as NodeJS.WritableStream, {
    signal,
  });
  feeding.catch(() => {});
  const links = new Set<string>();
  let [count, bytes] = [0, 0];
  try {
    for await (const entry of parser) {
      const { header } = entry;
      bytes += header.size ?? 0;
      if (bytes > MAX_BYTES) throw new Error(`a cache has more than ${MAX_BYTES} bytes`);
      const place = placeIn(header, links);
      if (!place || !isKept(place.anchor, place.name)) {
        entry.resume();
        continue;
      }
      count += 1;
      const { mode = 0o644, mtime, size = 0, type, linkname } = header;
      const taken = { name: place.name, mode: mode & 0o777, ...(mtime && { mtime }) };
      const pack = packOf(place.anchor);
      if (type === 'file')
        await writeEntry(pack, { ...taken, size, type: 'file' }, Readable.from(entry));
      else {
        links.add(`${place.anchor}/${place.name}`);
        await writeEntry(pack, { ...taken, type: 'symlink', linkname: linkname ?? '' }, []);
        entry.resume();
      }
    }
    await feeding;
  } catch (error) {
    // Or what was begun of an archive that breaks off would stay open.
    for (const { pack } of packs.values()) pack.destroy();
    throw error;
  }
  for (const { pack } of packs.values()) pack.finalize();
  await Promise.all([...packs.values()].map(({ written }) => written));
  return count;
}

/** Where an entry of the archive belongs; undefined for what is none of a cache's, or lies behind a link. */
function placeIn(
  { name, type }: { name: string; type?: string | null | undefined },
  links: Set<string>,
): { anchor: Anchor; name: string } | undefined {
  if (type !== 'file' && type !== 'symlink') return undefined;
  const [first = '', ...rest] = name.split('/');
  const anchor = ANCHORS.find((one) => one === first);
  if (!anchor || rest.some((part) => part === '' || part === '.' || part === '..'))
    return undefined;
  let above = anchor as string;
  for (const part of rest) {
    if (links.has(above)) return undefined;
    above = `${above}/${part}`;
  }
  return rest.length > 0 && !links.has(above) ? { anchor, name: rest.join('/') } : undefined;
}

/** The files of `split` as they go into the driver's directory. */
function parts(directory: string): Readable {
  const pack = newPack();
  const mark = (text: string) => {
    const body = Buffer.from(text);
    const header = { name: WHOLE, mode: 0o600, size: body.length, type: 'file' as const };
    return writeEntry(pack, header, [body]);
  };
  const writing = async () => {
    await mark('');
    for (const anchor of ANCHORS) {
      const path = join(directory, fileOf(anchor));
      const found = await stat(path).catch(() => undefined);
      if (!found) continue;
      const header = { name: fileOf(anchor), mode: 0o600, size: found.size, type: 'file' as const };
      await writeEntry(pack, header, createReadStream(path));
    }
    await mark('whole\n');
    pack.finalize();
  };
  writing().catch((error) => pack.destroy(error));
  return packed(pack);
}
