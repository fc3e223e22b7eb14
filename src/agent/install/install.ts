import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { AppSpec } from '../../lib/server-appspec/parse.ts';
import type { Layout } from '../layout.ts';
import type { FileExistsBehavior } from '../specification.ts';
import { errorCode, named } from '../system-error.ts';
import { removeContext, setPermission } from './permissions.ts';
import type { Placement } from './placement.ts';
import { type Instruction, isDirectory, planInstall } from './plan.ts';

export interface InstallOptions {
  layout: Layout;
  placement: Placement;
  groupId: string;
  archive: string;
  appSpec: AppSpec;
  fileExistsBehavior: FileExistsBehavior;
  warn(message: string): void;
}

const CONTEXT_MARK = 'semanage\0';

/** Removes what the last installation of the group made, then makes this one's files (CD-AGT-10). */
export async function install(options: InstallOptions): Promise<void> {
  const { layout, groupId } = options;
  await mkdir(layout.instructions, { recursive: true });
  await cleanUp(options);
  const instructions = await planInstall(options);
  await writeFile(layout.installFile(groupId), JSON.stringify({ instructions }, numbers));
  await execute(options, instructions);
}

/** An owner that is a number fails when it is set, not here. */
const numbers = (_key: string, value: unknown) =>
  typeof value === 'bigint' ? Number(value) : value;

/**
 * Undoes the cleanup list from its end; directories go only when they are empty. When something does not go, the
 * installation fails, and the list stays for the next one.
 */
async function cleanUp({ layout, groupId, placement, warn }: InstallOptions): Promise<void> {
  const file = layout.cleanupFile(groupId);
  const list = await readFile(file, 'utf8').catch(() => '');
  // A last line without an end was cut off by a crash.
  const paths = list.split('\n').slice(0, -1);
  for (const path of paths.reverse()) {
    if (path.startsWith(CONTEXT_MARK)) await removeContext(path.slice(CONTEXT_MARK.length));
    else await remove(path, placement, warn);
  }
  await rm(file, { force: true });
}

async function remove(
  path: string,
  placement: Placement,
  warn: (message: string) => void,
): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  try {
    await placement.check(path);
  } catch (error) {
    warn(`${path} is left: ${(error as Error).message}`);
    return;
  }
  if (!found.isDirectory()) return named('apply2files', path, unlink(path));
  const removed = rmdir(path).catch((error) => {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error;
  });
  await named('dir_s_rmdir', path, removed);
}

/** Does the instructions, each noted in the cleanup list. */
async function execute(
  { layout, groupId, placement }: InstallOptions,
  instructions: Instruction[],
): Promise<void> {
  const list = await open(layout.cleanupFile(groupId), 'w');
  const note = (path: string) => list.appendFile(`${path}\n`);
  try {
    for (const instruction of instructions) await executeOne(instruction, placement, note);
  } finally {
    await list.close();
  }
}

async function executeOne(
  instruction: Instruction,
  placement: Placement,
  note: (path: string) => Promise<void>,
): Promise<void> {
  if (instruction.type === 'mkdir') {
    const { directory } = instruction;
    await placement.check(directory);
    await named('dir_s_mkdir', directory, mkdir(directory));
    await note(directory);
  } else if (instruction.type === 'copy') {
    // An earlier instruction may have made a link on the way.
    await placement.check(instruction.destination);
    await note(instruction.destination);
    await copy(instruction.source, instruction.destination, placement);
  } else {
    const { file } = instruction;
    await placement.check(file);
    await checkTarget(file, placement);
    await setPermission(instruction);
    if (instruction.type === 'semanage') await note(CONTEXT_MARK + file);
  }
}

/** Copies a file with its mode, times and owner; a link is made anew. Where a directory is in the way, into that. */
async function copy(source: string, destination: string, placement: Placement): Promise<void> {
  const target = await linkTarget(source);
  const file = (await isDirectory(destination))
    ? join(destination, basename(target ?? source))
    : destination;
  await placement.check(file);
  if (target !== undefined) return link(target, file);
  await checkTarget(file, placement);
  const found = await named('rb_sysopen', source, stat(source));
  // A pipe would be waited for without end, by the agent and not by a hook that has a time.
  if (!found.isFile()) throw new Error(`${source} is neither a file, a directory nor a link.`);
  if (await isPipe(file)) throw new Error(`${file} is a pipe.`);
  const { mode, atime, mtime, uid, gid } = found;
  await named('rb_sysopen', file, copyFile(source, file));
  if (process.getuid?.() === 0) await chown(file, uid, gid);
  await chmod(file, mode & 0o7777);
  await utimes(file, atime, mtime);
}

function isPipe(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFIFO(),
    () => false,
  );
}

function link(target: string, file: string): Promise<void> {
  const made = symlink(target, file).catch((error) => {
    // Of this error alone Ruby names no more than the file.
    if (errorCode(error) === 'EEXIST') return named('syserr_fail2_in', file, Promise.reject(error));
    throw error;
  });
  return named('rb_file_s_symlink', `(${target}, ${file})`, made);
}

/** Writing to a link, or changing its mode, changes what it points at. */
async function checkTarget(path: string, placement: Placement): Promise<void> {
  const target = await linkTarget(path);
  if (target === undefined) return;
  const real = await realpath(path).catch(() => resolve(dirname(path), target));
  await placement.check(real);
}

/** The target of a link, or undefined for anything else. */
async function linkTarget(path: string): Promise<string | undefined> {
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  return isLink ? readlink(path) : undefined;
}
