import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, readFile, realpath, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fullAcl } from '../appspec/acl.ts';
import { problem } from '../appspec/error.ts';
import type { Permission, SelinuxContext } from '../appspec/permission.ts';

const run = promisify(execFile);

/**
 * Sets mode, access control list, SELinux context and owner, in this order.
 * @returns true when a context was set, which the next installation has to take away
 */
export async function setPermissions(file: string, permission: Permission): Promise<boolean> {
  const { mode, acls, context, owner, group } = permission;
  if (mode !== undefined) await chmod(file, Number.parseInt(mode, 8));
  if (acls) await setAcl(file, fullAcl(acls, (await stat(file)).mode));
  if (context) await setContext(file, context);
  if (owner !== undefined || group !== undefined) {
    const kept = await stat(file);
    const uid = owner === undefined ? kept.uid : await idOf('/etc/passwd', 'user', owner);
    const gid = group === undefined ? kept.gid : await idOf('/etc/group', 'group', group);
    await chown(file, uid, gid);
  }
  return context !== undefined;
}

async function setAcl(file: string, acl: string): Promise<void> {
  try {
    await run('setfacl', ['--set', acl, '--', file]);
  } catch (error) {
    throw problem(
      `of a problem with the acls permission settings in the application specification file for this object: ${file}. Failed command: setfacl --set ${acl} ${file}. ${reason(error)}`,
    );
  }
}

async function setContext(file: string, context: SelinuxContext): Promise<void> {
  if (!existsSync('/sys/fs/selinux/enforce')) {
    throw problem(
      `the application specification file sets an SELinux context for ${file}, but SELinux is not enabled on this host.`,
    );
  }
  const { user, type, range } = context;
  const options = [...(user ? ['-s', user] : []), '-t', type, ...(range ? ['-r', range] : [])];
  const real = await realpath(file);
  try {
    await run('semanage', ['fcontext', '-a', ...options, real]);
    await run('restorecon', ['-v', real]);
  } catch (error) {
    throw problem(
      `the application specification file contains an error in the settings for the context parameter. ${reason(error)}`,
      'permissions',
    );
  }
}

/** Takes back what setContext told SELinux. */
export async function removeContext(file: string): Promise<void> {
  await run('semanage', ['fcontext', '-d', file]).catch(() => {});
}

function reason(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  return `Exit code: ${code}. ${stderr || message}`;
}

/** The numeric id of a user or group. */
async function idOf(file: string, kind: 'user' | 'group', name: string): Promise<number> {
  const entries = (await readFile(file, 'utf8')).split('\n').map((line) => line.split(':'));
  const found = entries.find((entry) => entry[0] === name) ?? (await lookUp(file, name));
  if (!found) throw new Error(`can't find ${kind} for ${name}`);
  return Number(found[2]);
}

/** Users and groups of a directory service are not in the files. */
async function lookUp(file: string, name: string): Promise<string[] | undefined> {
  const database = file === '/etc/passwd' ? 'passwd' : 'group';
  return run('getent', [database, name]).then(
    ({ stdout }) => stdout.trim().split(':'),
    () => undefined,
  );
}
