import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { isBelowAny, SYSTEM } from './system-directories.ts';

/** Every data directory has this file. */
const DATA_MARK = 'master.key';
/** Where administrators put things: the data of servers of before the list may be there. */
const MIXED = ['/opt', '/usr/local', '/etc'];

/**
 * Lists a data directory, where the other servers of this user find it: what their work sees of the machine must not
 * hold it. Of a user's own files, modes keep nothing from work that runs as the same user.
 */
export function listDataDirectory(directory: string, list = listOf()): void {
  const real = realOf(directory) ?? directory;
  // What lies elsewhere is not there for work at all.
  if (!list || !isBelowAny(real, SYSTEM)) return;
  const name = createHash('sha256').update(real).digest('hex');
  writeFileSync(join(list, name), real, { mode: 0o600 });
}

/** The data directories of servers of this user, as far as they are known. */
export function dataDirectories(list = listOf()): string[] {
  return [...listed(list), ...found()];
}

function listed(list: string | undefined): string[] {
  if (!list) return [];
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
function listOf(): string | undefined {
  const { homedir, uid } = userInfo();
  for (const list of [
    join(homedir, '.local', 'state', 'slipway', 'servers'),
    `/var/tmp/slipway-servers-${uid}`,
  ]) {
    try {
      mkdirSync(list, { recursive: true, mode: 0o700 });
      const { uid: owner, mode } = statSync(list);
      if (owner === uid && (mode & 0o022) === 0) return list;
    } catch {
      // The next may do.
    }
  }
  return undefined;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
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
