import { GitLimitError, MOST_DEPTH, MOST_OPEN_BYTES } from './bounds.ts';
import { type FileMode, type TreeEntry, treeEntries } from './objects.ts';

export interface FileSide {
  path: string;
  id: string;
  mode: FileMode;
}

/** A file that two trees do not share. A change of type (file to symbolic link) is a modification. */
export interface Difference {
  change: 'A' | 'M' | 'D';
  before?: FileSide;
  after?: FileSide;
  /** Its path as bytes (latin1): where it stands among the differences. */
  place: string;
}

/** Reads a tree object. @throws GitLimitError for one that is too large */
export type ReadTree = (id: string) => Promise<Buffer>;

export interface Walk {
  /** Differences at and before this place are left out, without a look at what lies there. */
  behind?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** A folder that is being compared. */
interface Level {
  /** Ends in a slash, but for the root. */
  path: string;
  /** Both tree ids. */
  pair: string;
  bytes: number;
  before: Entries;
  after: Entries;
  /** Was there anything in it, or left out of it? */
  fruitful: boolean;
}

/** The entries of a tree with a look at the next one, folders in their place as `name/`. */
class Entries {
  #entries: Generator<TreeEntry, void, void>;
  next: (TreeEntry & { key: string }) | undefined;

  constructor(content: Buffer) {
    this.#entries = treeEntries(content, 'latin1');
    this.advance();
  }

  advance(): void {
    const { value: entry } = this.#entries.next();
    this.next = entry
      ? { ...entry, key: isTree(entry) ? `${entry.name}/` : entry.name }
      : undefined;
  }
}

const isTree = ({ mode }: TreeEntry) => mode === '040000';
const NOTHING = Buffer.alloc(0);

/**
 * The files that differ between two trees, in git's order of paths, one by one as they are asked for. A tree that both
 * share is not looked into, and no pair of trees without differences twice: a tree can stand in another one, and that in
 * a third, so that twelve objects are ten thousand million files.
 * @param before id of a tree; undefined: there is nothing
 * @throws GitLimitError
 */
export async function* differences(
  read: ReadTree,
  before: string | undefined,
  after: string,
  { behind, signal }: Walk = {},
): AsyncGenerator<Difference, void, void> {
  const barren = new Set<string>();
  const levels: Level[] = [];
  let open = 0;
  const enter = async (path: string, ids: [string | undefined, string | undefined]) => {
    signal?.throwIfAborted();
    const pair = ids.join(':');
    if (ids[0] === ids[1] || barren.has(pair)) return;
    const [old, fresh] = await Promise.all(ids.map((id) => (id ? read(id) : NOTHING)));
    if (!old || !fresh) return;
    const bytes = old.length + fresh.length;
    open += bytes;
    if (levels.length >= MOST_DEPTH || open > MOST_OPEN_BYTES)
      throw new GitLimitError('folders of this size and depth');
    const sides = { before: new Entries(old), after: new Entries(fresh) };
    levels.push({ path, pair, bytes, ...sides, fruitful: false });
  };
  await enter('', [before, after]);
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const found = nextPair(level);
    if (!found) {
      levels.pop();
      open -= level.bytes;
      const above = levels.at(-1);
      if (!level.fruitful) barren.add(level.pair);
      else if (above) above.fruitful = true;
      continue;
    }
    const place = level.path + found.key;
    const passed =
      behind !== undefined && place <= behind && !(found.folder && behind.startsWith(place));
    if (passed) level.fruitful = true;
    else if (found.folder) await enter(place, [found.before?.id, found.after?.id]);
    else {
      const difference = differenceAt(place, found.before, found.after);
      if (!difference) continue;
      level.fruitful = true;
      yield difference;
    }
  }
}

/** What stands next in either folder; in both where they have it in common. */
function nextPair({ before, after }: Level) {
  const [old, fresh] = [before.next, after.next];
  if (!old && !fresh) return undefined;
  const key = !fresh || (old && old.key <= fresh.key) ? old?.key : fresh.key;
  const found = {
    key: key ?? '',
    before: old?.key === key ? old : undefined,
    after: fresh?.key === key ? fresh : undefined,
    folder: key?.endsWith('/') ?? false,
  };
  if (found.before) before.advance();
  if (found.after) after.advance();
  return found;
}

function differenceAt(
  place: string,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
): Difference | undefined {
  if (before?.id === after?.id && before?.mode === after?.mode) return undefined;
  const path = Buffer.from(place, 'latin1').toString();
  const side = ({ id, mode }: TreeEntry): FileSide => ({ path, id, mode });
  return {
    change: !before ? 'A' : !after ? 'D' : 'M',
    ...(before && { before: side(before) }),
    ...(after && { after: side(after) }),
    place,
  };
}
