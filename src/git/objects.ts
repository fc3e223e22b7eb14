import { ownValue } from '../lib/own.ts';
/** Git's object formats as plain data. Pure. */

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface Signature {
  name: string;
  email: string;
  /** As git writes it: epoch seconds and offset, `1484167798 -0800`. */
  date: string;
}

export interface Commit {
  id: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
  /** Headers other than those above, such as `gpgsig`, as they stand in the commit. */
  additional: string;
}

export type FileMode = '100644' | '100755' | '120000' | '160000' | '040000';

/** What becomes of one path in a new commit. */
export type FileChange = {
  path: string;
  /** The path as bytes (latin1), where it may be no UTF-8. */
  place?: string;
} & ({ mode: FileMode; content: Uint8Array } | { mode: FileMode; id: string } | { deleted: true });

export interface TreeEntry {
  mode: FileMode;
  name: string;
  id: string;
}

/** `Name <email> 1484167798 -0800`; histories hold malformed ones, of which as much is read as makes sense. */
export function parseSignature(text: string): Signature {
  // The first address in brackets with a space or nothing behind it.
  let open = text.indexOf('<');
  for (let close = text.indexOf('>', open); open >= 0 && close >= 0; ) {
    const behind = text[close + 1];
    if (behind === undefined || behind === ' ') {
      const date = behind === undefined ? '0 +0000' : text.slice(close + 2);
      const name = text.slice(0, open).replace(/ $/, '');
      return { name, email: text.slice(open + 1, close), date };
    }
    open = text.indexOf('<', close);
    close = text.indexOf('>', open);
  }
  return { name: text, email: '', date: '0 +0000' };
}

function decodeText(bytes: Uint8Array, encoding: string | undefined): string {
  try {
    return new TextDecoder(encoding ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes); // an encoding that nobody knows
  }
}

/** Reads a commit object. */
export function parseCommit(id: string, content: Buffer): Commit {
  const end = content.indexOf('\n\n');
  const headBytes = end < 0 ? content : content.subarray(0, end);
  const encoding = /^encoding (.+)$/m.exec(headBytes.toString('latin1'))?.[1];
  // A header goes on in lines that start with a space.
  const headers = decodeText(headBytes, encoding).split(/\n(?! )/);
  const commit: Commit = {
    id,
    tree: '',
    parents: [],
    author: parseSignature(''),
    committer: parseSignature(''),
    message: end < 0 ? '' : decodeText(content.subarray(end + 2), encoding),
    additional: '',
  };
  const additional: string[] = [];
  for (const header of headers) {
    const space = header.indexOf(' ');
    const value = header.slice(space + 1);
    switch (header.slice(0, space)) {
      case 'tree':
        commit.tree = value;
        break;
      case 'parent':
        commit.parents.push(value);
        break;
      case 'author':
        commit.author = parseSignature(value);
        break;
      case 'committer':
        commit.committer = parseSignature(value);
        break;
      default:
        additional.push(header);
    }
  }
  commit.additional = additional.join('\n');
  return commit;
}

const MODES: Record<string, FileMode> = {
  '40000': '040000',
  '040000': '040000',
  '120000': '120000',
  '160000': '160000',
};

/** Git knows two kinds of regular files; old histories also hold modes such as 100664. */
function canonicalMode(text: string): FileMode {
  return ownValue(MODES, text) ?? (Number.parseInt(text, 8) & 0o100 ? '100755' : '100644');
}

const ID_BYTES = 20;

/** Reads a tree object, in its own order. */
export function parseTree(content: Buffer): TreeEntry[] {
  return [...treeEntries(content, 'utf8')];
}

/**
 * The entries of a tree object, one after another.
 * @param encoding of names, which are bytes to git: as latin1 they are compared as git compares them
 */
export function* treeEntries(
  content: Buffer,
  encoding: 'utf8' | 'latin1',
): Generator<TreeEntry, void, void> {
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const zero = content.indexOf(0, space);
    if (space < 0 || zero < 0) throw new Error('Malformed tree object');
    yield {
      mode: canonicalMode(content.toString('latin1', at, space)),
      name: content.toString(encoding, space + 1, zero),
      id: content.toString('hex', zero + 1, zero + 1 + ID_BYTES),
    };
    at = zero + 1 + ID_BYTES;
  }
}

/** The commit, tree or blob that an annotated tag points at. */
export function parseTagTarget(content: Buffer): { id: string; type: ObjectType } | undefined {
  const match = /^object ([0-9a-f]{40})\ntype (commit|tree|blob|tag)\n/.exec(
    content.toString('latin1', 0, 200),
  );
  return match ? { id: match[1] ?? '', type: match[2] as ObjectType } : undefined;
}

/** As git tells a binary file: by a NUL in its beginning. */
export const isBinary = (content: Buffer): boolean => content.subarray(0, 8000).includes(0);
