import { existsSync } from 'node:fs';
import { chmod, chown, readFile, realpath, stat } from 'node:fs/promises';
import { fullAcl } from '../../lib/server-appspec/acl.ts';
import { problem } from '../../lib/server-appspec/error.ts';
import type { SelinuxContext } from '../../lib/server-appspec/permission.ts';
import { isTrue, needString, type RubyValue } from '../../lib/server-appspec/ruby.ts';
import { runTool, ToolError } from '../run-tool.ts';
import { named } from '../system-error.ts';
import type { PermissionInstruction } from './plan.ts';

/** @throws Error in the official agent's words */
export async function setPermission(instruction: PermissionInstruction): Promise<void> {
  const { type, file } = instruction;
  if (type === 'chmod') {
    await named('apply2files', file, chmod(file, Number.parseInt(instruction.mode, 8)));
  } else if (type === 'setfacl') {
    const { mode } = await named('rb_file_s_stat', file, stat(file));
    await setAcl(file, fullAcl(instruction.acl, mode));
  } else if (type === 'semanage') {
    await setContext(file, instruction.context);
  } else {
    const uid = await idOf('/etc/passwd', 'user', instruction.owner);
    const gid = await idOf('/etc/group', 'group', instruction.group);
    await named('apply2files', file, chown(file, uid, gid));
  }
}

async function setAcl(file: string, acl: string): Promise<void> {
  try {
    await runTool('setfacl', ['--set', acl, '--', file]);
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
    await runTool('semanage', ['fcontext', '-a', ...options, real]);
    await runTool('restorecon', ['-v', real]);
  } catch (error) {
    throw problem(
      `the application specification file contains an error in the settings for the context parameter. ${reason(error)}`,
      'permissions',
    );
  }
}

/** Takes back what setContext told SELinux. */
export async function removeContext(file: string): Promise<void> {
  await runTool('semanage', ['fcontext', '-d', file]).catch(() => {});
}

function reason(error: unknown): string {
  if (!(error instanceof ToolError)) return (error as Error).message;
  return `Exit code: ${error.code}. ${error.stderr || error.message}`;
}

/** Says to chown that the owner or the group stays. */
const KEPT = -1;

/** The numeric id of a user or group; only a name will do. */
async function idOf(file: string, kind: 'user' | 'group', value: RubyValue): Promise<number> {
  if (!isTrue(value)) return KEPT;
  const name = needString(value);
  const entries = (await readFile(file, 'utf8')).split('\n').map((line) => line.split(':'));
  const found = entries.find((entry) => entry[0] === name) ?? (await lookUp(file, name));
  if (!found) throw new Error(`can't find ${kind} for ${name}`);
  return Number(found[2]);
}

/** Users and groups of a directory service are not in the files. */
async function lookUp(file: string, name: string): Promise<string[] | undefined> {
  const database = file === '/etc/passwd' ? 'passwd' : 'group';
  return runTool('getent', [database, '--', name]).then(
    (out) => {
      const entry = out.trim().split(':');
      // It takes numbers, too.
      return entry[0] === name ? entry : undefined;
    },
    () => undefined,
  );
}
