import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import type { CodeCoverage, Report, TestCase } from '@aws-sdk/client-codebuild';
import { nextTurn } from '../../../lib/turns.ts';
import type { ReportSpec } from '../model/buildspec-reports.ts';
import { Coverage } from '../model/coverage.ts';
import type { FormatReader, ReportFormat } from '../model/report-formats/format.ts';
import { TestCases } from '../model/test-cases.ts';
import type { Session } from './session.ts';
import { type WorkFile, workFiles } from './work-files.ts';

/** Of one file, and of all files of all reports of a build. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_BYTES = 128 * 1024 * 1024;
const MAX_FILES = 10_000;
/** Read at a time: a few milliseconds, in which the server does nothing else. */
const PIECE_BYTES = 64 * 1024;

/** What may still be read in this build. */
export interface Budget {
  bytes: number;
  files: number;
}

export const newBudget = (): Budget => ({ bytes: MAX_BYTES, files: MAX_FILES });

/** What the files of one report say. */
export interface Found {
  /** False when there was nothing, or not everything could be read. */
  complete: boolean;
  anyFailed: boolean;
  truncated: boolean;
  summary(): Pick<Report, 'testSummary' | 'codeCoverageSummary'>;
  /** For the log. */
  words(): string;
  /** What is kept of it, of a report that has this ARN. */
  kept(arn: string | undefined, expired: Date | undefined): TestCase[] | CodeCoverage[];
}

type Collected = Omit<Found, 'complete'> & { reader(file: WorkFile): FormatReader };

function collected(format: ReportFormat): Collected {
  if (format.type === 'TEST') {
    const cases = new TestCases();
    return {
      reader(file) {
        const testRawDataPath = posix.join('/', file.name);
        return format.reader((test) => cases.add({ ...test, testRawDataPath }));
      },
      get anyFailed() {
        return cases.anyFailed;
      },
      get truncated() {
        return cases.truncated;
      },
      summary: () => ({ testSummary: cases.summary() }),
      words: () => `${cases.total} test cases`,
      kept: (reportArn, expired) => cases.kept().map((test) => ({ ...test, reportArn, expired })),
    };
  }
  const coverage = new Coverage();
  return {
    reader: () => format.reader((line) => coverage.add(line)),
    anyFailed: false,
    truncated: false,
    summary: () => ({ codeCoverageSummary: coverage.summary() }),
    words: () => `the coverage of ${coverage.files} files`,
    kept: (reportARN, expired) =>
      coverage.kept().map((file) => ({ id: randomUUID(), reportARN, ...file, expired })),
  };
}

/** All files of a report, as far as they can be read; `log` says what could not. */
export async function readReport(
  session: Session,
  format: ReportFormat,
  spec: ReportSpec,
  budget: Budget,
  log: string[],
): Promise<Found> {
  const report = collected(format);
  let [count, complete] = [0, true];
  try {
    for await (const file of reportFiles(session, spec, log)) {
      count++;
      budget.files -= 1;
      if (budget.files < 0) throw new Error(`a build has more than ${MAX_FILES} report files`);
      if (file.size > MAX_FILE_BYTES) {
        log.push(`Skipping report file ${file.name}: it is larger than ${MAX_FILE_BYTES} bytes`);
        complete = false;
        continue;
      }
      budget.bytes -= file.size;
      if (budget.bytes < 0)
        throw new Error(`a build's report files have more than ${MAX_BYTES} bytes`);
      await readFile(session, file, report.reader(file));
    }
  } catch (error) {
    // What was ended has nothing to say about its files.
    session.signal.throwIfAborted();
    log.push(`A report file cannot be read: ${(error as Error).message}`);
    complete = false;
  }
  return Object.assign(report, { complete: complete && count > 0 });
}

/** Names tell where a case comes from, so they stay whole. */
export function reportFiles(
  session: Session,
  spec: ReportSpec,
  log: string[],
): AsyncGenerator<WorkFile> {
  const files = { ...spec, excludePaths: [], discardPaths: false };
  return workFiles(session, files, 'follow', log);
}

async function readFile(session: Session, file: WorkFile, reader: FormatReader): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for await (const bytes of file.body as AsyncIterable<Buffer>) {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        await nextTurn(session.signal);
        reader.write(decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true }));
      }
    }
    reader.write(decoder.decode());
    reader.end();
  } catch (error) {
    throw new Error(`${file.name}: ${(error as Error).message}`);
  }
}
