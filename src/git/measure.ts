import { GitLimitError, MOST_DEPTH } from './bounds.ts';
import type { ReadTree } from './differences.ts';
import type { ObjectInfo } from './object-reader.ts';
import { treeEntries } from './objects.ts';

/** What the files below a tree come to where each stands at its own path. */
export interface TreeSize {
  /** Files and folders. */
  entries: number;
  /** Of the files' contents. */
  bytes: number;
  /** Of all their paths. */
  pathBytes: number;
}

export interface Objects {
  readTree: ReadTree;
  info(id: string): Promise<ObjectInfo | undefined>;
}

/** Questions about sizes that are under way at one time. */
const ASKED_AT_ONCE = 500;

/**
 * How much a tree is, found without a walk over its paths: each object is looked at once, however often it stands there.
 * @throws GitLimitError as soon as it is known to be more than `most`
 */
export async function measureTree(
  objects: Objects,
  treeId: string,
  most: TreeSize,
  signal?: AbortSignal,
): Promise<TreeSize> {
  const known = new Map<string, TreeSize>();
  const blobs = new Map<string, number>();
  let seen = 0;

  async function measure(id: string, depth: number): Promise<TreeSize> {
    signal?.throwIfAborted();
    if (depth > MOST_DEPTH) throw new GitLimitError(`folders deeper than ${MOST_DEPTH}`);
    const entries = [...treeEntries(await objects.readTree(id), 'latin1')];
    seen += entries.length;
    if (seen > most.entries) throw beyond('entries', most);
    const isFile = ({ mode }: (typeof entries)[number]) => mode !== '040000' && mode !== '160000';
    await learnSizes(entries.filter(isFile).map((entry) => entry.id));
    const total: TreeSize = { entries: 0, bytes: 0, pathBytes: 0 };
    for (const entry of entries) {
      total.entries += 1;
      total.pathBytes += entry.name.length + 1;
      if (entry.mode === '040000') {
        const below = known.get(entry.id) ?? (await measure(entry.id, depth + 1));
        total.entries += below.entries;
        total.bytes += below.bytes;
        total.pathBytes += below.pathBytes + (entry.name.length + 1) * below.entries;
      } else total.bytes += blobs.get(entry.id) ?? 0;
    }
    for (const what of ['entries', 'bytes', 'pathBytes'] as const)
      if (total[what] > most[what]) throw beyond(what, most);
    known.set(id, total);
    return total;
  }

  async function learnSizes(ids: string[]): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !blobs.has(id));
    for (let at = 0; at < unknown.length; at += ASKED_AT_ONCE) {
      signal?.throwIfAborted();
      const batch = unknown.slice(at, at + ASKED_AT_ONCE);
      const found = await Promise.all(batch.map((id) => objects.info(id)));
      for (const [index, id] of batch.entries()) blobs.set(id, found[index]?.size ?? 0);
    }
  }

  return await measure(treeId, 0);
}

const WHAT = {
  entries: 'files and folders',
  bytes: 'bytes of files',
  pathBytes: 'bytes of paths',
} as const;

function beyond(what: keyof TreeSize, most: TreeSize): GitLimitError {
  return new GitLimitError(`more than ${most[what]} ${WHAT[what]}`);
}
