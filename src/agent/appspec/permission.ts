import { resolve } from 'node:path';
import { type AclEntry, parseAclEntry } from './acl.ts';
import { AppSpecError, problem } from './error.ts';
import { matchesSimpleGlob } from './glob.ts';

export interface SelinuxContext {
  user?: string;
  type: string;
  range?: string;
}

/** One entry of the permissions section (CD-SPC-05). */
export interface Permission {
  object: string;
  /** `**`: everything below the object; otherwise a glob on one level. */
  pattern: string;
  except: string[];
  type: ('file' | 'directory')[];
  owner?: string;
  group?: string;
  /** Octal digits. */
  mode?: string;
  acls?: AclEntry[];
  context?: SelinuxContext;
}

type Yaml = Record<string, unknown>;

const noObject = () =>
  problem(
    'a permission listed in the application specification file has no object value.',
    'permissions',
  );

export function parsePermission(entry: unknown): Permission {
  if (typeof entry !== 'object' || entry === null) throw noObject();
  const yaml = entry as Yaml;
  const object = String(yaml.object ?? '').trim();
  if (object === '') throw noObject();
  return {
    object,
    pattern: String(yaml.pattern ?? '**'),
    except: list(yaml.except, 'except').map(String),
    type: parseTypes(yaml.type),
    ...(yaml.owner != null && { owner: String(yaml.owner) }),
    ...(yaml.group != null && { group: String(yaml.group) }),
    ...(yaml.mode != null && { mode: parseMode(yaml.mode) }),
    ...(yaml.acls != null && {
      acls: list(yaml.acls, 'acls').map((acl) => parseAclEntry(String(acl))),
    }),
    ...(yaml.context != null && { context: parseContext(yaml.context) }),
  };
}

function list(value: unknown, name: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    throw problem(`${name} in the application specification file is not a list.`, 'permissions');
  }
  return value;
}

function parseTypes(value: unknown): Permission['type'] {
  if (value === undefined || value === null) return ['file', 'directory'];
  return list(value, 'type').map((type) => {
    if (type === 'file' || type === 'directory') return type;
    throw problem(
      `the application specification file specifies a permission for an object type not supported for permissions (${type}).`,
      'permissions',
    );
  });
}

/**
 * Octal digits, one to four. As in the official agent, which reads YAML 1.1, an unquoted 0644 is the
 * number 420 and means mode 420: modes with a leading zero have to be quoted.
 */
export function parseMode(value: unknown): string {
  const mode = String(value).padStart(3, '0');
  if (mode.length > 4) {
    throw problem(
      `the length of a permissions mode (${mode}) in the application specification file is invalid. Permissions modes must be between one and four characters long.`,
      'permissions',
    );
  }
  const strange = [...mode].find((digit) => digit < '0' || digit > '7');
  if (strange !== undefined) {
    throw problem(
      `the permissions mode (${mode}) in the application specification file contains an invalid character (${strange}).`,
      'permissions',
    );
  }
  return mode;
}

/** The user of a context is `user` in AWS's documents and `name` in the agent: both are read. */
function parseContext(value: unknown): SelinuxContext {
  const { user, name, type, range } = (typeof value === 'object' ? value : {}) as Yaml;
  if (type === undefined || type === null) {
    throw problem(
      `the application specification file specifies an invalid context type (${JSON.stringify(value)}).`,
      'permissions',
    );
  }
  const owner = user ?? name;
  return {
    ...(owner != null && { user: String(owner) }),
    type: String(type),
    ...(range != null && { range: String(range) }),
  };
}

/** Does a permission for a directory apply to this path below it? Both are absolute. */
export function appliesTo(permission: Permission, path: string): boolean {
  const base = resolve(permission.object);
  const prefix = base === '/' ? base : `${base}/`;
  if (!path.startsWith(prefix)) return false;
  const relative = path.slice(prefix.length);
  const matches = permission.pattern === '**' || matchesSimpleGlob(relative, permission.pattern);
  return matches && !permission.except.some((pattern) => matchesSimpleGlob(relative, pattern));
}

/** What a permission whose object is a copied file may not have. @throws AppSpecError */
export function checkFilePermission(permission: Permission): void {
  const { object, pattern, except } = permission;
  if (pattern !== '**') {
    throw problem(
      `the application specification file includes an object (${object}) with an invalid pattern (${pattern}), such as a pattern for a file applied to a directory. Correct the permissions section of the AppSpec file, and then try again.`,
    );
  }
  if (except.length > 0) {
    throw problem(
      `the except parameter for a pattern in the permissions section (${except.join(', ')}) for the object named ${object} contains an invalid format. Update the AppSpec file, and then try again.`,
    );
  }
}

/** Default entries are for directories. @throws AppSpecError */
export function checkFileAcl({ acls }: Permission): void {
  if (!acls?.some((entry) => entry.isDefault)) return;
  throw new AppSpecError(
    'The deployment failed because the -d parameter has been specified to apply an acl setting to a file. This parameter is supported for directories only. Update the AppSpec file, and then try again.',
  );
}
