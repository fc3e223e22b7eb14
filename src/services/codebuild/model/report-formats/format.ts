import type { TestCase } from '@aws-sdk/client-codebuild';

/** Reads one report file in pieces of any size; both throw an Error when the text is none of the format. */
export interface FormatReader {
  write(piece: string): void;
  end(): void;
}

/** A line that could be run. */
export interface CoveredLine {
  /** As the report file names it. */
  path: string;
  line: number;
  covered: boolean;
  branches?: { covered: number; missed: number };
}

/** A file format of a buildspec's report group (CB-H1). */
export type ReportFormat =
  | { type: 'TEST'; reader(found: (test: TestCase) => void): FormatReader }
  | { type: 'CODE_COVERAGE'; reader(found: (line: CoveredLine) => void): FormatReader };
