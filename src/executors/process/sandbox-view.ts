import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** The system's own directories: programs and their configuration. All else of the machine is not there for work. */
const SYSTEM = [
  ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'etc', 'opt', 'sys', 'nix', 'gnu'],
].map((name) => `/${name}`);
/** Parts of directories that are otherwise full of what people and services keep. */
const PARTS = ['/var/lib/dpkg', '/var/lib/apt', '/var/lib/ca-certificates', '/run/current-system'];
/** Links of the name service lead to where the running system keeps it. */
const RESOLVER = '/etc/resolv.conf';
/** Where administrators put things: another server's data may be there. */
const MIXED = ['/opt', '/usr/local', '/etc'];
/** Every data directory has this file. */
const DATA_MARK = 'master.key';
/** Beside a directory of programs, what programs read. */
const BESIDE = ['lib', 'lib64', 'libexec', 'include', 'versions', 'bin'];

interface View {
  tree: string;
  tmp: string;
  hidden: string[];
  path: string;
}

/** bubblewrap's arguments for what work sees of the machine, without /proc and /dev. @param root where it sees its tree */
export function viewOf({ tree, tmp, hidden, path }: View, root: string): string[] {
  const visible = [...SYSTEM, ...PARTS];
  const secret = [...hidden, ...homes(), ...otherServers()];
  return [
    ...SYSTEM.flatMap(showSystem),
    ...PARTS.filter(existsSync).flatMap((part) => showAt(part, part)),
    ...resolver(visible),
    ...secret.flatMap((each) => hide(each, visible)),
    ...neededBy(path, visible, hidden).flatMap(([from, to]) => showAt(from, to)),
    ...['--bind', tmp, '/tmp', ...waysTo('/var/tmp'), '--symlink', '/tmp', '/var/tmp'],
    ...['--bind', tree, root],
  ];
}

function showSystem(path: string): string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  return stat.isSymbolicLink()
    ? ['--symlink', readlinkSync(path), path]
    : ['--ro-bind', path, path];
}

function resolver(visible: string[]): string[] {
  const real = realOf(RESOLVER);
  return real && !isBelowAny(real, visible) ? showAt(real, real) : [];
}

/** Homes are not among what is shown, but where somebody has put the server's user into /opt. */
function homes(): string[] {
  const home = homedir();
  return home.startsWith('/opt/') ? [home] : [];
}

function otherServers(): string[] {
  const below = (directory: string) => entries(directory).map((name) => join(directory, name));
  return MIXED.flatMap(below)
    .flatMap((path) => [path, ...below(path)])
    .filter((path) => existsSync(join(path, DATA_MARK)));
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function hide(path: string, visible: string[]): string[] {
  const real = realOf(path);
  if (!real || !isBelowAny(real, visible)) return [];
  return statSync(real).isDirectory() ? ['--tmpfs', real] : ['--ro-bind', '/dev/null', real];
}

/**
 * What the PATH names and is not shown already (a toolchain in a home): the directory, and of its neighbours those
 * that hold what programs need. @returns pairs of where it is and where the work sees it
 */
function neededBy(path: string, visible: string[], hidden: string[]): [string, string][] {
  const secret = hidden.flatMap((each) => realOf(each) ?? []);
  const home = homedir();
  const all = path.split(':').flatMap((each) => {
    if (!isAbsolute(each) || isBelow(home, each) || isBelow(each, '/tmp')) return [];
    const beside = /^(bin|sbin|shims)$/.test(basename(each)) && dirname(each) !== home;
    return [each, ...(beside ? BESIDE.map((name) => join(dirname(each), name)) : [])];
  });
  const places = new Map<string, string>();
  for (const each of all) {
    const real = realOf(each);
    if (!real || !statSync(real).isDirectory() || isBelow(home, real)) continue;
    if (secret.some((file) => isBelow(file, real) || isBelow(real, file))) continue;
    for (const place of [each, real]) if (!isShown(place, visible)) places.set(place, real);
  }
  return [...places].map(([to, from]) => [from, to]);
}

function showAt(from: string, to: string): string[] {
  return [...waysTo(to), '--ro-bind', from, to];
}

/** bubblewrap makes missing directories for its own user alone, which under root is not the work's. */
function waysTo(path: string): string[] {
  const above = dirname(path);
  if (above === '/' || isBelowAny(above, SYSTEM)) return [];
  return [...waysTo(above), '--perms', '0755', '--dir', above];
}

/** A home in /opt is hidden, so what the PATH names in it has to be shown. */
function isShown(path: string, visible: string[]): boolean {
  return isBelowAny(path, visible) && !isBelowAny(path, homes());
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

const isBelow = (path: string, directory: string) =>
  path === directory || path.startsWith(`${directory}/`);

const isBelowAny = (path: string, directories: string[]) =>
  directories.some((directory) => isBelow(path, directory));
