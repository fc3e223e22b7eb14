/**
 * What is known of a log that may have a million lines: pages from its begin, pages up to its end, and between them a gap
 * until somebody looks there. Pure; log-feed.ts asks for the pages.
 */

export interface LogLine {
  /** Epoch ms. */
  at: number;
  text: string;
}

/** Where a build's log says that a phase begins. */
export interface Mark {
  /** The line within the page. */
  line: number;
  phase: string;
}

export interface LogPage {
  /** What it is asked for with again; undefined: it is never given up. */
  token: string | undefined;
  count: number;
  marks: readonly Mark[];
  /** Undefined where it was given up for want of room. */
  lines: LogLine[] | undefined;
}

export interface LogPages {
  head: readonly LogPage[];
  tail: readonly LogPage[];
  /** The tail begins where the head ends, or where the log does. */
  joined: boolean;
}

const ENTERING = /^\[Container\] \S+ \S+ Entering phase ([A-Z_]{1,40})\s*$/;

const marksOf = (lines: readonly LogLine[]): Mark[] =>
  lines.flatMap(({ text }, line) => {
    const phase = ENTERING.exec(text)?.[1];
    return phase === undefined ? [] : [{ line, phase }];
  });

/** Events as lines: an event may be several, and its last line end is none of its own. */
export const linesOf = (events: readonly { timestamp?: number; message?: string }[]): LogLine[] =>
  events.flatMap(({ timestamp = 0, message = '' }) =>
    message
      .replace(/\r?\n$/, '')
      .split('\n')
      .map((text) => ({ at: timestamp, text })),
  );

export const pageOf = (lines: LogLine[], token: string | undefined): LogPage => ({
  ...{ lines, token, count: lines.length, marks: marksOf(lines) },
});

export const countOf = (pages: readonly LogPage[]) =>
  pages.reduce((sum, { count }) => sum + count, 0);

/** A fold: the lines behind `from` up to `to` (both of the document's lines, from 0; `to` is not in it). */
export interface Section {
  phase: string;
  from: number;
  to: number;
}

/** Phases in the document's lines; one ends where the next begins, at the gap, or at the end. */
export function sectionsOf({ head, tail, joined }: LogPages): Section[] {
  const sections: Section[] = [];
  let at = 0;
  let open: Section | undefined;
  const close = (to: number) => {
    if (open) sections.push({ ...open, to });
    open = undefined;
  };
  const walk = (pages: readonly LogPage[]) => {
    for (const { marks, count } of pages) {
      for (const { line, phase } of marks) {
        close(at + line);
        open = { phase, from: at + line, to: 0 };
      }
      at += count;
    }
  };
  walk(head);
  if (!joined) close(at);
  walk(tail);
  close(at);
  return sections;
}

/** A row on the screen: a line of the document, or what stands for lines that nobody has read yet. */
export type Row = { line: number } | 'gap';

export interface Rows {
  count: number;
  /** @param row from 0 */
  at: (row: number) => Row;
  /** The row of a line, or of the fold that hides it. */
  of: (line: number) => number;
}

interface Run {
  row: number;
  line: number;
  count: number;
}

/** @param folded begins of sections that show their first line only */
export function rowsOf(pages: LogPages, folded: ReadonlySet<number>): Rows {
  const [head, tail] = [countOf(pages.head), countOf(pages.tail)];
  const total = head + tail;
  const runs: Run[] = [];
  let row = 0;
  const add = (line: number, count: number) => {
    if (count <= 0) return;
    runs.push({ row, line, count });
    row += count;
  };
  const hidden = folded.size === 0 ? [] : sectionsOf(pages).filter(({ from }) => folded.has(from));
  let gap = -1;
  const stretch = (begin: number, end: number) => {
    let from = begin;
    for (const section of hidden) {
      if (section.from < begin || section.from >= end) continue;
      add(from, section.from + 1 - from);
      from = section.to;
    }
    add(from, end - from);
  };
  stretch(0, head);
  if (!pages.joined) {
    gap = row;
    row += 1;
  }
  stretch(head, total);
  const last = <T>(test: (run: Run) => T) => {
    let [low, high] = [0, runs.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const run = runs[middle];
      if (run && test(run)) low = middle;
      else high = middle - 1;
    }
    return runs[low];
  };
  return {
    count: row,
    at(wanted) {
      if (wanted === gap) return 'gap';
      const run = last((one) => one.row <= wanted);
      return { line: run ? run.line + wanted - run.row : 0 };
    },
    of(line) {
      const run = last((one) => one.line <= line);
      return run ? run.row + Math.min(line - run.line, run.count - 1) : 0;
    },
  };
}

/** Where a line of the document is kept: its page, and its place in that. */
export function find({ head, tail }: LogPages, line: number) {
  let left = line;
  for (const page of [...head, ...tail]) {
    if (left < page.count) return { page, line: left };
    left -= page.count;
  }
  return undefined;
}

/** A line's number, from 1; undefined where what is before it is not known. */
export const numberOf = ({ head, joined }: LogPages, line: number) =>
  joined || line < countOf(head) ? line + 1 : undefined;
