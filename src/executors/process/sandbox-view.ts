import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { dataDirectories } from './other-servers.ts';
import { isBelow, isBelowAny, realOf, SYSTEM } from './system-directories.ts';

/** Parts of directories that are otherwise full of what people and services keep. */
const PARTS = ['/var/lib/dpkg', '/var/lib/apt', '/var/lib/ca-certificates', '/run/current-system'];
/** Links of the name service lead to where the running system keeps it. */
const RESOLVER = '/etc/resolv.conf';
/** Beside a directory of programs, what programs read. */
const BESIDE = ['lib', 'lib64', 'libexec', 'include', 'versions', 'bin'];

interface View {
  tree: string;
  /** Where work sees the tree. */
  root: string;
  tmp: string;
  hidden: string[];
  path: string;
}

/** bubblewrap's arguments for what work sees of the machine, without /proc and /dev. */
export function viewOf({ tree, root, tmp, hidden, path }: View): string[] {
  const visible = [...SYSTEM, ...PARTS];
  const own = homes();
  const secret = [...hidden, ...own, ...dataDirectories()];
  return [
    ...SYSTEM.flatMap(showSystem),
    ...PARTS.filter(existsSync).flatMap((part) => showAt(part, part)),
    ...resolver(visible),
    ...secret.flatMap((each) => hide(each, visible)),
    ...neededBy(path, { visible, own, hidden }).flatMap(([from, to]) => showAt(from, to)),
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

/**
 * Homes are not among what is shown, but where somebody has put one into the system's directories. Those of the
 * system's own users (`/usr/sbin`, `/bin`) are programs, and not theirs.
 */
export function homes(candidates = [homedir(), userInfo().homedir], uid = process.getuid?.()) {
  return [...new Set(candidates)].filter((home) => {
    if (home.startsWith('/opt/')) return true;
    const owner = statSync(home, { throwIfNoEntry: false })?.uid;
    return owner === uid && owner !== 0 && isBelowAny(dirname(home), SYSTEM);
  });
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
function neededBy(
  path: string,
  { visible, own, hidden }: { visible: string[]; own: string[]; hidden: string[] },
): [string, string][] {
  // A home among the system's directories is hidden, so what the PATH names in it has to be shown.
  const isShown = (place: string) => isBelowAny(place, visible) && !isBelowAny(place, own);
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
    for (const place of [each, real]) if (!isShown(place)) places.set(place, real);
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
