/** Names that come from outside, checked before git sees them. Pure. */

const OBJECT_ID = /^[0-9a-f]{40}$/;
const ZERO_ID = '0'.repeat(40);

/** The id that means "no object" where git wants one. */
export const zeroObjectId = ZERO_ID;

/** True for the full id of an object, in lower case. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

/** Repository ids name directories, so they are UUIDs and nothing else. */
export function isRepositoryId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/**
 * True for a full reference name (`refs/…`) that git accepts: the rules of git-check-ref-format(1).
 * Such a name has no `..`, no component that starts with a dot, no control characters and no glob characters,
 * so that it can neither leave the repository nor mean more than one reference.
 */
export function isReferenceName(text: string): boolean {
  if (!text.startsWith('refs/') || text.length > 1024) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(text)) return false;
  if (!text.isWellFormed()) return false;
  if (text.includes('..') || text.includes('@{') || text.endsWith('.')) return false;
  return text
    .split('/')
    .every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

/** Spellings of `.git` that some file system takes for it: NTFS short names and trailing dots or spaces. */
const DOT_GIT = /^(\.git|git~\d+)[ .]*(:.*)?$/i;

/** Code points that HFS+ leaves out when it compares names. */
export const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

/** True for a path of a file in a commit: relative, no empty, `.` or `..` part, nothing that a checkout takes for `.git`. */
export function isTreePath(path: string): boolean {
  // What is no text has no bytes that would be its own: half of a pair of surrogates.
  if (path === '' || path.includes('\0') || !path.isWellFormed()) return false;
  return path
    .split('/')
    .every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        !DOT_GIT.test(part.replace(IGNORED_BY_HFS, '')),
    );
}
