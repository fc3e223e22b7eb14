import { diffArrays } from 'diff';

/** How two texts differ, line by line, as rows to draw. Pure. */

export interface Line {
  /** From 1. */
  n: number;
  text: string;
}

export type DiffRow =
  | { kind: 'same'; before: Line; after: Line }
  /** What stands beside what: either is missing where the other has no counterpart. */
  | { kind: 'changed'; before?: Line; after?: Line }
  /** Lines that are the same and not shown: `rows[from]` up to `rows[to]`. */
  | { kind: 'fold'; from: number; to: number };

/** Beyond that a browser has too much to do: lines of both sides, and how long it may take. */
export const MOST_LINES = 20_000;
const MOST_MS = 2_000;

/** Without the last line's end; an empty text has no lines. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** All rows, nothing folded. Undefined where the texts are too large or too different to compare here. */
export function diffRows(before: string, after: string): DiffRow[] | undefined {
  const [left, right] = [linesOf(before), linesOf(after)];
  if (left.length + right.length > MOST_LINES) return undefined;
  const parts = diffArrays(left, right, { timeout: MOST_MS });
  if (parts === undefined) return undefined;
  const rows: DiffRow[] = [];
  let [l, r] = [0, 0];
  let [gone, come]: [Line[], Line[]] = [[], []];
  const flush = () => {
    for (let i = 0; i < Math.max(gone.length, come.length); i++) {
      const [was, is] = [gone[i], come[i]];
      rows.push({ kind: 'changed', ...(was && { before: was }), ...(is && { after: is }) });
    }
    [gone, come] = [[], []];
  };
  for (const { added, removed, value } of parts)
    for (const text of value) {
      if (removed) gone.push({ n: ++l, text });
      else if (added) come.push({ n: ++r, text });
      else {
        flush();
        rows.push({ kind: 'same', before: { n: ++l, text }, after: { n: ++r, text } });
      }
    }
  flush();
  return rows;
}

/**
 * Folds what is the same, but for some lines around each change.
 * @param keep rows that have to be seen too (comments stand there)
 * @param open folds that the user has opened, by their first row
 */
export function folded(
  rows: readonly DiffRow[],
  options: {
    context?: number;
    keep?: (row: DiffRow) => boolean;
    open?: ReadonlySet<number>;
  } = {},
): DiffRow[] {
  const { context = 3, keep = () => false, open } = options;
  const seen = new Uint8Array(rows.length);
  for (const [i, row] of rows.entries())
    if (row.kind !== 'same' || keep(row))
      seen.fill(1, Math.max(0, i - context), Math.min(rows.length, i + context + 1));
  const shown: DiffRow[] = [];
  for (let i = 0; i < rows.length; ) {
    const row = rows[i];
    if (row === undefined) break;
    if (seen[i] === 1) {
      shown.push(row);
      i++;
      continue;
    }
    let end = i;
    while (end < rows.length && seen[end] !== 1) end++;
    // Another row saying that one line is hidden saves nothing.
    if (end - i <= 1 || open?.has(i)) for (const same of rows.slice(i, end)) shown.push(same);
    else shown.push({ kind: 'fold', from: i, to: end });
    i = end;
  }
  return shown;
}

export interface UnifiedRow {
  kind: 'same' | 'removed' | 'added' | 'fold';
  before?: Line;
  after?: Line;
  fold?: { from: number; to: number };
}

/** The same rows one below the other, as `diff -u` has them: what went first, then what came, for each block. */
export function unified(rows: readonly DiffRow[]): UnifiedRow[] {
  const shown: UnifiedRow[] = [];
  let come: UnifiedRow[] = [];
  const flush = () => {
    for (const row of come) shown.push(row);
    come = [];
  };
  for (const row of rows) {
    if (row.kind === 'changed') {
      if (row.before) shown.push({ kind: 'removed', before: row.before });
      if (row.after) come.push({ kind: 'added', after: row.after });
      continue;
    }
    flush();
    if (row.kind === 'fold') shown.push({ kind: 'fold', fold: { from: row.from, to: row.to } });
    else shown.push({ kind: 'same', before: row.before, after: row.after });
  }
  flush();
  return shown;
}

/** How many lines came and went. */
export function countsOf(rows: readonly DiffRow[]): { added: number; removed: number } {
  const changed = rows.filter((row) => row.kind === 'changed');
  return {
    added: changed.filter((row) => row.kind === 'changed' && row.after).length,
    removed: changed.filter((row) => row.kind === 'changed' && row.before).length,
  };
}
