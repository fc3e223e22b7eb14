import type { DiffChange, DiffHunk } from '@aws-sdk/client-codecommit';
import type { LineChange } from '../../../git/git-host.ts';

/** Two versions of a file, as runs of lines that differ with those around them. Pure. */

/** The lines of a text without their ends; a last one without an end is one too. */
export function linesOf(content: Buffer): string[] {
  const lines = content.toString().split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export interface Versions {
  before: readonly string[];
  after: readonly string[];
}

/** @param context how many lines around each change; changes with no more than that between them are one hunk */
export function hunksOfLines(
  changes: readonly LineChange[],
  versions: Versions,
  context: number,
): DiffHunk[] {
  const groups: LineChange[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const near = last && change.before - (last.before + last.removed) <= 2 * context;
    if (group && near) group.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => hunkOf(group, versions, context));
}

function hunkOf(
  group: readonly LineChange[],
  { before, after }: Versions,
  context: number,
): DiffHunk {
  const first = group[0] as LineChange;
  const leading = Math.min(context, first.before, first.after);
  const start = { before: first.before - leading, after: first.after - leading };
  const changes: DiffChange[] = [];
  const at = { ...start };
  const unchanged = (until: number) => {
    while (at.before < until) {
      const content = after[at.after] ?? '';
      at.before += 1;
      at.after += 1;
      changes.push({
        ...{ type: 'CONTEXT', beforeLineNumber: at.before, afterLineNumber: at.after, content },
      });
    }
  };
  for (const change of group) {
    unchanged(change.before);
    for (let i = 0; i < change.removed; i++) {
      const content = before[at.before] ?? '';
      at.before += 1;
      changes.push({ type: 'DELETE', beforeLineNumber: at.before, content });
    }
    for (let i = 0; i < change.added; i++) {
      const content = after[at.after] ?? '';
      at.after += 1;
      changes.push({ type: 'ADD', afterLineNumber: at.after, content });
    }
  }
  unchanged(Math.min(at.before + context, before.length));
  const count = { before: at.before - start.before, after: at.after - start.after };
  return {
    // As a diff has it: of no lines, the one before.
    beforeStartLine: start.before + (count.before > 0 ? 1 : 0),
    beforeLineCount: count.before,
    afterStartLine: start.after + (count.after > 0 ? 1 : 0),
    afterLineCount: count.after,
    changes,
  };
}
