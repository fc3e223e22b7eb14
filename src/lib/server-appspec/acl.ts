import { ownValue } from '../own.ts';
import { AppSpecError } from './error.ts';

type Kind = 'user' | 'group' | 'mask' | 'other';

/** One entry of an access control list. An empty name is the owner, the owning group, or no name at all. */
export interface AclEntry {
  isDefault: boolean;
  kind: Kind;
  name: string;
  /** `rwx` with `-` for what is missing. */
  permissions: string;
}

const KINDS: Record<string, Kind> = {
  u: 'user',
  user: 'user',
  g: 'group',
  group: 'group',
  m: 'mask',
  mask: 'mask',
  o: 'other',
  other: 'other',
};

const invalid = (text: string) =>
  new AppSpecError(
    `The deployment failed because of a problem with the acls permission settings in the application specification file. Invalid acl entry (${text}).`,
  );

/** Reads `[d:](u|g|m|o):[name]:perms`; a kind left out is user. Base entries belong in `mode`. @throws AppSpecError */
export function parseAclEntry(text: string): AclEntry {
  const parts = text.split(':');
  // Of two parts the first is a name, whatever it is.
  const isDefault = parts.length > 2 && (parts[0] === 'd' || parts[0] === 'default');
  if (isDefault) parts.shift();
  if (parts.length < 2 || parts.length > 3) throw invalid(text);
  const entry = readEntry(parts, text);
  if (!isDefault && entry.kind !== 'mask' && entry.name === '') {
    throw new AppSpecError(
      `The deployment failed because of a problem with the acls permission settings in the application specification file. Use mode to set the base acl entry (${text}). Update the permissions section of the AppSpec file, and then try again.`,
    );
  }
  return { isDefault, ...entry, permissions: readPermissions(parts.at(-1) ?? '', text) };
}

function readEntry(parts: string[], text: string): Pick<AclEntry, 'kind' | 'name'> {
  const [first = '', second = ''] = parts;
  if (parts.length === 3) {
    const kind = ownValue(KINDS, first);
    const nameless = kind === 'mask' || kind === 'other';
    if (!kind || (nameless && second !== '')) throw invalid(text);
    return { kind, name: second };
  }
  // Two parts: `mask:rwx` and `other:rx`, or a user's name.
  const kind = ownValue(KINDS, first);
  if (kind === 'mask' || kind === 'other') return { kind, name: '' };
  return { kind: 'user', name: first };
}

function readPermissions(text: string, entry: string): string {
  if (/^[0-7]$/.test(text)) return octal(Number(text));
  const strange = [...text].find((character) => !'rwx-'.includes(character));
  if (strange !== undefined) {
    throw new AppSpecError(
      `The deployment failed because the access control list (ACL) named ${entry} in the application specification file contains an invalid character (${strange}). Correct the ACL in the hooks section of the AppSpec file, and then try again.`,
    );
  }
  return [...'rwx'].map((letter) => (text.includes(letter) ? letter : '-')).join('');
}

const octal = (bits: number) =>
  [...'rwx'].map((letter, i) => (bits & (4 >> i) ? letter : '-')).join('');

function format({ isDefault, kind, name, permissions }: AclEntry): string {
  return `${isDefault ? 'default:' : ''}${kind}:${name}:${permissions}`;
}

/**
 * The whole list for `setfacl --set` on an object of this mode: what the AppSpec asks for, completed by the
 * base entries that its mode gives, and by a mask and default entries where the list needs them.
 */
export function fullAcl(entries: AclEntry[], mode: number): string {
  const [user, group, other] = [octal((mode >> 6) & 7), octal((mode >> 3) & 7), octal(mode & 7)];
  const base = (kind: Kind, permissions: string, isDefault = false): AclEntry => ({
    isDefault,
    kind,
    name: '',
    permissions,
  });
  const all = [...entries, base('user', user), base('group', group), base('other', other)];
  const has = (isDefault: boolean, matches: (entry: AclEntry) => boolean) =>
    all.some((entry) => entry.isDefault === isDefault && matches(entry));
  const named = (entry: AclEntry) => entry.name !== '';
  const nameless = (kind: Kind) => (entry: AclEntry) => entry.kind === kind && entry.name === '';
  if (has(false, named) && !has(false, nameless('mask'))) all.push(base('mask', group));
  if (has(true, () => true)) {
    if (!has(true, nameless('user'))) all.push(base('user', user, true));
    if (!has(true, nameless('group'))) all.push(base('group', group, true));
    if (!has(true, nameless('other'))) all.push(base('other', other, true));
    if (has(true, named) && !has(true, nameless('mask'))) {
      const owning = all.find((entry) => entry.isDefault && nameless('group')(entry));
      all.push(base('mask', owning?.permissions ?? group, true));
    }
  }
  return all.map(format).join(',');
}
