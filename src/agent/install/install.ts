import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import {
  chmod,
  copyFile,
  lchown,
  lstat,
  mkdir,
  readFile,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { AppSpec } from '../appspec/parse.ts';
import type { Layout } from '../layout.ts';
import type { FileExistsBehavior } from '../specification.ts';
import { removeContext, setPermissions } from './permissions.ts';
import type { Placement } from './placement.ts';
import { type Instruction, linkTarget, planInstall } from './plan.ts';

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
  await writeFile(layout.installFile(groupId), JSON.stringify({ instructions }));
  await execute(options, instructions);
}

/** Undoes the cleanup list from its end; directories go only when they are empty. */
async function cleanUp({ layout, groupId, placement, warn }: InstallOptions): Promise<void> {
  const file = layout.cleanupFile(groupId);
  const list = await readFile(file, 'utf8').catch(() => '');
  // A last line without an end was cut off by a crash.
  const paths = list.split('\n').slice(0, -1);
  for (const path of paths.reverse()) {
    if (path.startsWith(CONTEXT_MARK)) await removeContext(path.slice(CONTEXT_MARK.length));
    else await remove(path, placement).catch((error) => warn(`${path} is left: ${error.message}`));
  }
  await rm(file, { force: true });
}

async function remove(path: string, placement: Placement): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  await placement.check(path);
  if (!found.isDirectory()) return unlink(path);
  await rmdir(path).catch((error) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** Does the instructions, each noted in the cleanup list. */
async function execute(
  { layout, groupId, placement }: InstallOptions,
  instructions: Instruction[],
): Promise<void> {
  const list = createWriteStream(layout.cleanupFile(groupId));
  const note = (path: string) =>
    new Promise<void>((resolve, reject) =>
      list.write(`${path}\n`, (error) => (error ? reject(error) : resolve())),
    );
  try {
    for (const instruction of instructions) await executeOne(instruction, placement, note);
  } finally {
    list.end();
    await once(list, 'close');
  }
}

async function executeOne(
  instruction: Instruction,
  placement: Placement,
  note: (path: string) => Promise<void>,
): Promise<void> {
  if (instruction.type === 'mkdir') {
    await placement.check(instruction.directory);
    await mkdir(instruction.directory);
    await note(instruction.directory);
  } else if (instruction.type === 'copy') {
    // An earlier instruction may have made a link on the way.
    await placement.check(instruction.destination);
    await note(instruction.destination);
    await copy(instruction.source, instruction.destination, placement);
  } else {
    const { file, permission } = instruction;
    await placement.check(file);
    await checkTarget(file, placement);
    if (await setPermissions(file, permission)) await note(CONTEXT_MARK + file);
  }
}

/** Copies a file with its mode, times and owner; a link is made anew. */
async function copy(source: string, destination: string, placement: Placement): Promise<void> {
  const target = await linkTarget(source);
  if (target !== undefined) return symlink(target, destination);
  await checkTarget(destination, placement);
  await copyFile(source, destination);
  const { mode, atime, mtime, uid, gid } = await stat(source);
  if (process.getuid?.() === 0) await lchown(destination, uid, gid);
  await chmod(destination, mode & 0o7777);
  await utimes(destination, atime, mtime);
}

/** Writing to a link, or changing its mode, changes what it points at. */
async function checkTarget(path: string, placement: Placement): Promise<void> {
  const target = await linkTarget(path).catch(() => undefined);
  if (target === undefined) return;
  const real = await realpath(path).catch(() => resolve(dirname(path), target));
  await placement.check(real);
}
