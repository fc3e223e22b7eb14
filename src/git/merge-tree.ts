import type { FileMode } from './objects.ts';

/** What git-merge-tree(1) says of a merge. Pure. */

/** A version of a file that is in conflict: 1 as the merge base has it, 2 as ours, 3 as theirs. */
export interface StagedFile {
  stage: 1 | 2 | 3;
  mode: FileMode;
  id: string;
  path: string;
  /** The path as bytes (latin1). */
  place: string;
}

export interface MergedTree {
  /** Files in conflict hold what of them could be merged, between git's marks. */
  tree: string;
  /** False where anything is in conflict, which `staged` need not tell all of (a folder's rename that is ambiguous). */
  clean: boolean;
  staged: StagedFile[];
}

const STAGED = /^(\d{6}) ([0-9a-f]{40}) ([123])\t/;

/**
 * Reads what `git merge-tree --write-tree -z --no-messages` says: the tree, then a line for each version of a file that
 * is in conflict.
 * @param code with which it ended: 0 or 1
 */
export function parseMergeTree(output: Buffer, code: number): MergedTree {
  const [tree = '', ...records] = output.toString('latin1').split('\0');
  const staged: StagedFile[] = [];
  for (const record of records) {
    const match = STAGED.exec(record);
    if (!match) continue;
    const place = record.slice(match[0].length);
    staged.push({
      stage: Number(match[3]) as StagedFile['stage'],
      mode: match[1] as FileMode,
      id: match[2] ?? '',
      path: Buffer.from(place, 'latin1').toString(),
      place,
    });
  }
  return { tree: tree.trim(), clean: code === 0, staged };
}

/** Lines of one file that became lines of another one; counted from 0. */
export interface LineChange {
  /** The first line that changed, or before which there are new ones. */
  before: number;
  removed: number;
  after: number;
  added: number;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** The headers of a diff without context. */
export function parseLineChanges(diff: Buffer): LineChange[] {
  const changes: LineChange[] = [];
  let at = 0;
  while (at < diff.length) {
    const end = diff.indexOf(0x0a, at);
    const next = end < 0 ? diff.length : end + 1;
    // Lines of files begin with a sign.
    const match = diff[at] === 0x40 ? HUNK.exec(diff.toString('latin1', at, next)) : null;
    if (match) {
      const [removed, added] = [Number(match[2] ?? 1), Number(match[4] ?? 1)];
      // Where there are none, git counts those before.
      const before = Number(match[1]) - (removed > 0 ? 1 : 0);
      const after = Number(match[3]) - (added > 0 ? 1 : 0);
      changes.push({ before, removed, after, added });
    }
    at = next;
  }
  return changes;
}
