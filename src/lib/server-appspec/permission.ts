import { resolve } from 'node:path';
import { type AclEntry, parseAclEntry } from './acl.ts';
import { AppSpecError, problem } from './error.ts';
import { matchesSimpleGlob } from './glob.ts';
import { inspect, isTrue, member, type RubyValue, strip, toText } from './ruby.ts';

export interface SelinuxContext {
  user?: string;
  type: string;
  range?: string;
}

/** One entry of the permissions section (CD-SPC-05). */
export interface Permission {
  object: string;
  /** `**`: everything below the object; otherwise a glob on one level, which fails when it is none and has to match. */
  pattern: RubyValue;
  except: RubyValue[];
  type: RubyValue[];
  /** Null: stays as it is. What is no string fails when it is set. */
  owner: RubyValue;
  group: RubyValue;
  /** Octal digits. */
  mode?: string;
  acls?: AclEntry[];
  context?: SelinuxContext;
}

const noObject = () =>
  problem(
    'a permission listed in the application specification file has no object value.',
    'permissions',
  );

export function parsePermission(entry: RubyValue): Permission {
  if (!(entry instanceof Map)) throw noObject();
  const get = (key: string): RubyValue => entry.get(key) ?? null;
  if (get('object') === null) throw noObject();
  const [pattern, mode, acls, context] = [get('pattern'), get('mode'), get('acls'), get('context')];
  const permission: Permission = {
    object: strip(toText(get('object'))),
    pattern: isTrue(pattern) ? pattern : '**',
    except: isTrue(get('except')) ? list(get('except'), 'except') : [],
    type: parseTypes(get('type')),
    owner: get('owner'),
    group: get('group'),
    ...(mode !== null && { mode: parseMode(mode) }),
    ...(acls !== null && { acls: list(acls, 'acls').map(parseAcl) }),
    ...(context !== null && { context: parseContext(context) }),
  };
  if (permission.object === '') throw noObject();
  return permission;
}

function list(value: RubyValue, name: string): RubyValue[] {
  if (Array.isArray(value)) return value;
  // The pairs of a mapping are its items.
  if (value instanceof Map) return [...value];
  throw problem(`${name} in the application specification file is not a list.`, 'permissions');
}

function parseTypes(value: RubyValue): RubyValue[] {
  if (!isTrue(value)) return ['file', 'directory'];
  const types = list(value, 'type');
  const strange = types.find((type) => type !== 'file' && type !== 'directory');
  if (strange === undefined) return types;
  throw problem(
    `the application specification file specifies a permission for an object type not supported for permissions (${toText(strange)}).`,
    'permissions',
  );
}

/**
 * Octal digits, one to four. As in the official agent, which reads YAML 1.1, an unquoted 0644 is the
 * number 420 and means mode 420: modes with a leading zero have to be quoted.
 */
export function parseMode(value: RubyValue): string {
  const mode = toText(value).padStart(3, '0');
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

function parseAcl(entry: RubyValue): AclEntry {
  if (typeof entry === 'string') return parseAclEntry(entry);
  throw problem(
    `of a problem with the acls permission settings in the application specification file. Invalid acl entry (${toText(entry)}).`,
  );
}

/** The user of a context is `user` in AWS's documents and `name` in the agent: both are read. */
function parseContext(value: RubyValue): SelinuxContext {
  const type = member(value, 'type');
  if (type === null) {
    throw problem(
      `the application specification file specifies an invalid context type (${inspect(value)}).`,
      'permissions',
    );
  }
  const [user, name, range] = [
    member(value, 'user'),
    member(value, 'name'),
    member(value, 'range'),
  ];
  const owner = user ?? name;
  return {
    ...(owner !== null && { user: toText(owner) }),
    type: toText(type),
    ...(range !== null && { range: toText(range) }),
  };
}

/** Does a permission for a directory apply to this path below it? Both are absolute. */
export function appliesTo(permission: Permission, path: string): boolean {
  const base = resolve(permission.object);
  const prefix = base === '/' ? base : `${base}/`;
  if (!path.startsWith(prefix)) return false;
  const relative = path.slice(prefix.length);
  const matches = (pattern: RubyValue) => matchesGlob(relative, pattern);
  return (
    (permission.pattern === '**' || matches(permission.pattern)) && !permission.except.some(matches)
  );
}

/** @throws AppSpecError when a pattern that is no string would have to match */
function matchesGlob(name: string, pattern: RubyValue): boolean {
  if (typeof pattern === 'string') return matchesSimpleGlob(name, pattern);
  if (name.includes('/')) return false;
  throw problem(
    `a pattern or an exception in the application specification file is not a string (${inspect(pattern)}).`,
    'permissions',
  );
}

/** What a permission whose object is a copied file may not have. @throws AppSpecError */
export function checkFilePermission(permission: Permission): void {
  const { object, pattern, except } = permission;
  if (pattern !== '**') {
    throw problem(
      `the application specification file includes an object (${object}) with an invalid pattern (${toText(pattern)}), such as a pattern for a file applied to a directory. Correct the permissions section of the AppSpec file, and then try again.`,
    );
  }
  if (except.length > 0) {
    throw problem(
      `the except parameter for a pattern in the permissions section (${inspect(except)}) for the object named ${object} contains an invalid format. Update the AppSpec file, and then try again.`,
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
