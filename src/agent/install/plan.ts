import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { AclEntry } from '../../lib/server-appspec/acl.ts';
import { problem } from '../../lib/server-appspec/error.ts';
import type { AppSpec } from '../../lib/server-appspec/parse.ts';
import {
  appliesTo,
  checkFileAcl,
  checkFilePermission,
  type Permission,
  type SelinuxContext,
} from '../../lib/server-appspec/permission.ts';
import { needString, type RubyValue } from '../../lib/server-appspec/ruby.ts';
import { exists } from '../layout.ts';
import type { FileExistsBehavior } from '../specification.ts';
import { sourceInArchive } from '../unpack.ts';
import type { Placement } from './placement.ts';

/** What an installation does, in this order. Paths are the host's; the names are the official agent's. */
export type Instruction =
  | { type: 'mkdir'; directory: string }
  | { type: 'copy'; source: string; destination: string }
  | PermissionInstruction;

export type PermissionInstruction =
  | { type: 'chmod'; mode: string; file: string }
  | { type: 'setfacl'; acl: AclEntry[]; file: string }
  | { type: 'semanage'; context: SelinuxContext; file: string }
  | { type: 'chown'; owner: RubyValue; group: RubyValue; file: string };

interface Plan {
  instructions: Instruction[];
  /** Destination to source. */
  copies: Map<string, string>;
  directories: Set<string>;
  permitted: Set<string>;
  /** Where the archive really is, once somebody had to know. */
  root?: string;
  /** Links to directories that were followed through others, `NESTED` of them and more. */
  nested: number;
}

/** Directories that link to each other have more ways through them than anybody can go; others are hardly ever so deep. */
const NESTED = 3;
const MOST_NESTED = 300;

interface PlanOptions {
  archive: string;
  appSpec: AppSpec;
  fileExistsBehavior: FileExistsBehavior;
  placement: Placement;
}

/** Plans an installation against what is on the host now (CD-AGT-10). @throws Error when it cannot be done */
export async function planInstall(options: PlanOptions): Promise<Instruction[]> {
  const { appSpec, placement } = options;
  const plan: Plan = {
    instructions: [],
    copies: new Map(),
    directories: new Set(),
    permitted: new Set(),
    nested: 0,
  };
  const behavior = appSpec.fileExistsBehavior ?? options.fileExistsBehavior;
  for (const { source, destination } of appSpec.files) {
    const from = await sourceInArchive(options.archive, sourcePath(source));
    const to = needString(destination);
    if (await isDirectory(from)) {
      const directory = placement.place(to);
      await planAncestors(plan, directory);
      // A blank path is no directory: making it fails.
      if (to === '') planMkdir(plan, directory);
      const way = [await realpath(from)];
      await planDirectory(plan, options, { source: from, way, links: 0 }, directory, behavior);
    } else {
      const file = placement.place(`${to}/${basename(from)}`);
      await planAncestors(plan, file);
      await planCopy(plan, options, from, file, behavior);
    }
  }
  for (const permission of appSpec.permissions) {
    await planPermission(plan, { ...permission, object: placement.place(permission.object) });
  }
  return plan.instructions;
}

/** The parts of a list are joined. @throws Error in the official agent's words for what is no path */
function sourcePath(source: RubyValue): string {
  return Array.isArray(source) ? join('', ...source.map(sourcePath)) : needString(source);
}

export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function planAncestors(plan: Plan, path: string): Promise<void> {
  const missing: string[] = [];
  for (
    let parent = dirname(path);
    !(await exists(parent)) && parent !== '/';
    parent = dirname(parent)
  ) {
    missing.unshift(parent);
  }
  for (const directory of missing) planMkdir(plan, directory);
}

/** A directory of the revision on the way to what is planned. */
interface Visit {
  source: string;
  /** Where the directories that were come through really are; the last one is this. */
  way: string[];
  /** How many links were followed on it. */
  links: number;
}

async function planDirectory(
  plan: Plan,
  options: PlanOptions,
  visit: Visit,
  destination: string,
  behavior: FileExistsBehavior,
): Promise<void> {
  if (!(await isDirectory(destination))) planMkdir(plan, destination);
  for (const name of await readdir(visit.source)) {
    const [from, to] = [join(visit.source, name), join(destination, name)];
    const own = await ownDirectory(plan, options.archive, from, visit);
    if (own) await planDirectory(plan, options, own, to, behavior);
    else await planCopy(plan, options, from, to, behavior);
  }
}

/**
 * A directory, or a link to one elsewhere in the archive, whose content is copied. Links that lead out of the archive, or
 * back up to where they are or were come through, stay links: undefined.
 */
async function ownDirectory(
  plan: Plan,
  archive: string,
  source: string,
  { way, links }: Visit,
): Promise<Visit | undefined> {
  if (!(await isDirectory(source))) return undefined;
  const here = way.at(-1) ?? '';
  if (!(await lstat(source)).isSymbolicLink())
    return { source, way: [...way, join(here, basename(source))], links };
  plan.root ??= await realpath(archive);
  const real = await realpath(source);
  const leadsUp = here.startsWith(real + sep) || way.includes(real);
  if (leadsUp || !real.startsWith(plan.root + sep)) return undefined;
  if (links >= NESTED) plan.nested += 1;
  if (plan.nested > MOST_NESTED)
    throw new Error(`The revision has too many links to directories in it: ${source}`);
  return { source, way: [...way, real], links: links + 1 };
}

async function planCopy(
  plan: Plan,
  { placement }: PlanOptions,
  source: string,
  destination: string,
  behavior: FileExistsBehavior,
): Promise<void> {
  if (/[\n\0]/.test(destination))
    throw new Error(`A file name has a line break in it: ${JSON.stringify(destination)}`);
  await placement.check(destination);
  if (await exists(destination)) {
    if (behavior === 'RETAIN') return;
    if (behavior === 'DISALLOW') {
      throw problem(`a specified file already exists at this location: ${destination}`);
    }
    if (behavior !== 'OVERWRITE') {
      throw problem(
        `an invalid option was specified for fileExistsBehavior: ${behavior}. Valid options include OVERWRITE, RETAIN, and DISALLOW.`,
      );
    }
  }
  const other = plan.copies.get(destination);
  if (other !== undefined) {
    throw problem(
      `the application specification file specifies two source files named ${source} and ${other} for the same destination (${destination}). Remove one of the source file paths from the AppSpec file, and then try again.`,
    );
  }
  if (plan.directories.has(destination)) {
    throw problem(
      `the application specification file calls for installing the file ${source}, but a file with that name already exists at the location (${destination}). Update your AppSpec file or directory structure, and then try again.`,
    );
  }
  // Whether there is such a source shows when it is copied: what comes before it is installed.
  plan.copies.set(destination, source);
  plan.instructions.push({ type: 'copy', source, destination });
}

function planMkdir(plan: Plan, directory: string): void {
  const source = plan.copies.get(directory);
  if (source !== undefined) {
    throw problem(
      `the application specification file includes an mkdir command more than once for the same destination path (${directory}) from (${source}).`,
      'files',
    );
  }
  if (plan.directories.has(directory)) return;
  plan.directories.add(directory);
  plan.instructions.push({ type: 'mkdir', directory });
}

/** Only what this installation makes gets permissions. */
async function planPermission(plan: Plan, permission: Permission): Promise<void> {
  const object = resolve(permission.object);
  if (plan.copies.has(object)) {
    if (!permission.type.includes('file')) return;
    checkFilePermission(permission);
    checkFileAcl(permission);
    permit(plan, object, permission);
    return;
  }
  if (!plan.directories.has(object) && !(await isDirectory(object))) return;
  const below = (paths: Iterable<string>) =>
    [...paths].filter((path) => appliesTo(permission, path));
  if (permission.type.includes('file')) {
    for (const file of below(plan.copies.keys())) {
      checkFileAcl(permission);
      permit(plan, file, permission);
    }
  }
  if (permission.type.includes('directory')) {
    for (const directory of below(plan.directories)) permit(plan, directory, permission);
  }
}

function permit(plan: Plan, file: string, permission: Permission): void {
  if (plan.permitted.has(file)) {
    throw problem(
      `the permissions setting for (${file}) is specified more than once in the application specification file.`,
      'files',
    );
  }
  plan.permitted.add(file);
  const { mode, acls: acl, context, owner, group } = permission;
  if (mode !== undefined) plan.instructions.push({ type: 'chmod', mode, file });
  if (acl) plan.instructions.push({ type: 'setfacl', acl, file });
  if (context) plan.instructions.push({ type: 'semanage', context, file });
  if (owner !== null || group !== null)
    plan.instructions.push({ type: 'chown', owner, group, file });
}
