import type { CodeCoverage, CodeCoverageReportSummary } from '@aws-sdk/client-codebuild';
import type { CoveredLine } from './report-formats/format.ts';

/** More is no report of one build's. */
const MOST_LINES = 2_000_000;
const MOST_FILES = 20_000;
const LONGEST_PATH = 4096;

interface Line {
  covered: boolean;
  branchesCovered: number;
  branchesMissed: number;
}

type Counts = Required<Omit<CodeCoverageReportSummary, '$unknown'>>;

/**
 * The coverage of a report: what several files, or several places of one, say of a line is one line, covered when any says
 * so. Of its branches most counts that are seen covered at a time.
 */
export class Coverage {
  readonly #files = new Map<string, Map<number, Line>>();
  #lines = 0;

  /** @throws Error for what is no line, and when there are too many */
  add({ path, line, covered, branches }: CoveredLine): void {
    if (!Number.isSafeInteger(line) || line < 0) throw new Error('a line has no number');
    if (path === '' || path.length > LONGEST_PATH) throw new Error('a line is of no file');
    const lines = this.#linesOf(path);
    const { covered: seen = 0, missed = 0 } = branches ?? {};
    const before = lines.get(line);
    if (!before) {
      this.#lines += 1;
      if (this.#lines > MOST_LINES) throw new Error(`a report has more than ${MOST_LINES} lines`);
      lines.set(line, { covered, branchesCovered: seen, branchesMissed: missed });
      return;
    }
    before.covered ||= covered;
    const all = Math.max(before.branchesCovered + before.branchesMissed, seen + missed);
    before.branchesCovered = Math.max(before.branchesCovered, seen);
    before.branchesMissed = all - before.branchesCovered;
  }

  #linesOf(path: string): Map<number, Line> {
    let lines = this.#files.get(path);
    if (!lines) {
      if (this.#files.size >= MOST_FILES)
        throw new Error(`a report has more than ${MOST_FILES} source files`);
      lines = new Map();
      this.#files.set(path, lines);
    }
    return lines;
  }

  get files(): number {
    return this.#files.size;
  }

  summary(): Counts {
    return countsOf([...this.#files.values()]);
  }

  /** By file, in the order of their paths. */
  kept(): CodeCoverage[] {
    const byPath = [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1));
    return byPath.map(([filePath, lines]) => ({ filePath, ...countsOf([lines]) }));
  }
}

function countsOf(files: Map<number, Line>[]): Counts {
  let [linesCovered, linesMissed, branchesCovered, branchesMissed] = [0, 0, 0, 0];
  for (const lines of files) {
    for (const line of lines.values()) {
      if (line.covered) linesCovered += 1;
      else linesMissed += 1;
      branchesCovered += line.branchesCovered;
      branchesMissed += line.branchesMissed;
    }
  }
  return {
    lineCoveragePercentage: percentage(linesCovered, linesMissed),
    ...{ linesCovered, linesMissed },
    branchCoveragePercentage: percentage(branchesCovered, branchesMissed),
    ...{ branchesCovered, branchesMissed },
  };
}

/** Of nothing it is 0. */
const percentage = (covered: number, missed: number) =>
  covered === 0 ? 0 : Math.round((covered / (covered + missed)) * 10_000) / 100;
