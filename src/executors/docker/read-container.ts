import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack as newPack, type Pack } from 'tar-stream';
import type { Select } from '../executor.ts';
import { isCircle, tooManyLinks } from '../links.ts';
import { copyEntries } from '../rename-entries.ts';
import { packed } from '../tree-tar.ts';
import { type PathStat, statOf } from './path-stat.ts';

interface Reading {
  container: Docker.Container;
  pack: Pack;
  select: Select;
  follow: boolean;
  /** A directory of the executor's own, which is never sent. */
  hidden: string;
  /** How many links to directories were followed. */
  followed: number;
  /** Where links lead, by their paths: links around in a circle are met again and again. */
  targets: Map<string, Promise<Target | undefined>>;
}

/** What a path leads to in the end. */
interface Target {
  path: string;
  directory: boolean;
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
  const found = await look(path, (at) => statOf(container, at));
  if (!found) {
    throw Object.assign(new Error(`ENOENT: no such directory ${path}`), { code: 'ENOENT' });
  }
  const pack = newPack();
  const reading = { container, pack, select, follow, hidden, followed: 0, targets: new Map() };
  const name = posix.basename(path);
  void (
    found.directory
      ? readDirectory(reading, { path: found.path, prefix: '', from: [] })
      : readSelected(reading, found.path, name)
  ).then(
    () => pack.finalize(),
    (error: Error) => pack.destroy(error),
  );
  return packed(pack);
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
    const target = await lookOnce(reading, at);
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

function lookOnce(reading: Reading, path: string): Promise<Target | undefined> {
  const { targets, container } = reading;
  const known = targets.get(path);
  if (known) return known;
  const looking = look(path, async (at) => (at === path ? statOf(container, at) : lookAt(at)));
  // Many links lead to one place, which is no link itself.
  const lookAt = async (at: string) => {
    const target = await lookOnce(reading, at);
    return target && { linkTarget: '', directory: target.directory };
  };
  targets.set(path, looking);
  return looking;
}

/** Undefined when the path leads to nothing. */
async function look(
  path: string,
  stat: (path: string) => Promise<PathStat | undefined>,
): Promise<Target | undefined> {
  const found = await stat(path);
  if (!found?.linkTarget) return found && { path, directory: found.directory };
  const target = await stat(found.linkTarget);
  return target && { path: found.linkTarget, directory: target.directory };
}
