import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { isBelowAny, realOf, SYSTEM } from './system-directories.ts';

/** Every data directory has this file. */
const DATA_MARK = 'master.key';
/** Where administrators put things: the data of servers of before the list may be there. */
const MIXED = ['/opt', '/usr/local', '/etc'];

/**
 * Lists a data directory, where the other servers of this user find it: what their work sees of the machine must not
 * hold it. Of a user's own files, modes keep nothing from work that runs as the same user.
 */
export function listDataDirectory(directory: string, lists = ownLists()): void {
  const real = realOf(directory) ?? directory;
  // What lies elsewhere is not there for work at all.
  const list = isBelowAny(real, SYSTEM) ? lists.find(makeList) : undefined;
  if (list === undefined) return;
  const name = createHash('sha256').update(real).digest('hex');
  writeFileSync(join(list, name), real, { mode: 0o600 });
}

/** The data directories of servers of this user, as far as they are known. */
export function dataDirectories(lists = ownLists()): string[] {
  return [...lists.filter(isOwn).flatMap(listed), ...found()];
}

function listed(list: string): string[] {
  return readdirSync(list).flatMap((name) => {
    const file = join(list, name);
    const directory = contentOf(file);
    if (directory !== undefined && existsSync(join(directory, DATA_MARK))) return [directory];
    // The data was deleted, or its server has not begun: it lists itself again when it does.
    if (directory !== undefined && !existsSync(directory)) rmSync(file, { force: true });
    return [];
  });
}

function found(): string[] {
  const below = (directory: string) => entries(directory).map((name) => join(directory, name));
  return MIXED.flatMap(below)
    .flatMap((path) => [path, ...below(path)])
    .filter((path) => existsSync(join(path, DATA_MARK)));
}

/** In the user's home, or where that cannot be written (`nobody` has none) in a directory that is this user's alone. */
function ownLists(): string[] {
  const { homedir, uid } = userInfo();
  return [
    join(homedir, '.local', 'state', 'slipway', 'servers'),
    `/var/tmp/slipway-servers-${uid}`,
  ];
}

function makeList(list: string): boolean {
  try {
    mkdirSync(list, { recursive: true, mode: 0o700 });
  } catch {
    return false;
  }
  return isOwn(list);
}

/** Is it there, and has nobody else a hand in it? */
function isOwn(list: string): boolean {
  const stat = statSync(list, { throwIfNoEntry: false });
  return stat?.uid === userInfo().uid && (stat.mode & 0o022) === 0;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
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
