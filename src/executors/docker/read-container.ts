import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack as newPack, type Pack } from 'tar-stream';
import type { Select } from '../executor.ts';
import { isCircle, tooManyLinks } from '../links.ts';
import { copyEntries } from '../rename-entries.ts';

const MISSING = 404;
/** The bit of Go's FileMode that says directory. */
const DIRECTORY_BIT = 2 ** 31;

interface Reading {
  container: Docker.Container;
  pack: Pack;
  select: Select;
  follow: boolean;
  /** A directory of the executor's own, which is never sent. */
  hidden: string;
  /** How many links to directories were followed. */
  followed: number;
}

/** A directory, and under which names what is below it is sent. */
interface Directory {
  path: string;
  /** Empty, or ends with a slash. */
  prefix: string;
  /** The directories that links were followed from. */
  from: string[];
}

/**
 * A tar stream of what is below a directory of a container. Paths and links are resolved by the engine inside of the
 * container's own file system, so none leads to the machine's. Second names of a file are files of their own in it.
 */
export async function readContainer(
  container: Docker.Container,
  path: string,
  select: Select,
  { follow, hidden }: { follow: boolean; hidden: string },
): Promise<Readable> {
  const found = await look(container, path);
  if (!found) {
    throw Object.assign(new Error(`ENOENT: no such directory ${path}`), { code: 'ENOENT' });
  }
  const pack = newPack();
  const reading = { container, pack, select, follow, hidden, followed: 0 };
  const name = posix.basename(path);
  void (
    found.directory
      ? readDirectory(reading, { path: found.path, prefix: '', from: [] })
      : readSelected(reading, found.path, name)
  ).then(
    () => pack.finalize(),
    (error: Error) => pack.destroy(error),
  );
  return Readable.from(pack);
}

async function readDirectory(reading: Reading, { path, prefix, from }: Directory): Promise<void> {
  const { container, pack, select, follow, hidden } = reading;
  const links: string[] = [];
  const secondNames: string[] = [];
  const tar = (await container.getArchive({ path })) as unknown as Readable;
  await copyEntries(tar, pack, async (entry, type) => {
    const inside = posix.normalize(entry).split('/').slice(1).join('/');
    if (type === 'directory' || inside === '') return undefined;
    if (posix.join(path, inside).startsWith(`${hidden}/`)) return undefined;
    if (type === 'symlink' && follow) {
      links.push(inside);
      return undefined;
    }
    const name = prefix + inside;
    if (!(await select(name, type === 'symlink'))) return undefined;
    if (type !== 'link') return name;
    secondNames.push(inside);
    return undefined;
  });
  for (const name of secondNames) {
    await readFile(reading, posix.join(path, name), prefix + name);
  }
  for (const link of links) {
    const at = posix.join(path, link);
    const target = await look(container, at);
    const parents = [...from, posix.dirname(at)];
    if (!target || isCircle(target.path, parents)) continue;
    const name = prefix + link;
    if (target.directory) {
      reading.followed += 1;
      if (tooManyLinks(reading.followed)) {
        throw Object.assign(new Error(`${path} has too many symbolic links`), { code: 'ELOOP' });
      }
      await readDirectory(reading, { path: target.path, prefix: `${name}/`, from: parents });
    } else await readSelected(reading, target.path, name);
  }
}

async function readSelected(reading: Reading, path: string, name: string): Promise<void> {
  if (await reading.select(name, false)) await readFile(reading, path, name);
}

/** An archive of one file has it as a file, whatever other names it has. */
async function readFile({ container, pack }: Reading, path: string, name: string): Promise<void> {
  const tar = (await container.getArchive({ path })) as unknown as Readable;
  await copyEntries(tar, pack, (_, type) => (type === 'file' ? name : undefined));
}

/** What a path leads to in the end; undefined when that is nothing. */
async function look(
  container: Docker.Container,
  path: string,
): Promise<{ path: string; directory: boolean } | undefined> {
  const stat = await statOf(container, path);
  if (!stat?.linkTarget) return stat && { path, directory: isDirectory(stat.mode) };
  const target = await statOf(container, stat.linkTarget);
  return target && { path: stat.linkTarget, directory: isDirectory(target.mode) };
}

async function statOf(
  container: Docker.Container,
  path: string,
): Promise<{ mode: number; linkTarget: string } | undefined> {
  try {
    const info = (await container.infoArchive({ path })) as unknown as {
      headers: Record<string, string>;
    };
    const header = info.headers['x-docker-container-path-stat'] ?? '';
    return JSON.parse(Buffer.from(header, 'base64').toString());
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== MISSING) throw error;
    return undefined;
  }
}

function isDirectory(mode: number): boolean {
  return Math.floor(mode / DIRECTORY_BIT) % 2 === 1;
}
