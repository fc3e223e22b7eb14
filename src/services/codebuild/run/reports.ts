import { posix } from 'node:path';
import type { Report, ReportGroup } from '@aws-sdk/client-codebuild';
import { nextTurn } from '../../../lib/turns.ts';
import type { ReportSpec } from '../model/buildspec.ts';
import { amend } from '../model/commands.ts';
import { junitReader } from '../model/junit.ts';
import { reportGroupName } from '../model/report-group.ts';
import { TestCases } from '../model/test-cases.ts';
import { settle } from '../reconcilers/build.ts';
import { buildKey } from '../reconcilers/names.ts';
import * as reportStore from '../store/reports.ts';
import { requireReportPermissions } from './report-permissions.ts';
import { type Session, uuidOf } from './session.ts';
import { type WorkFile, workFiles } from './work-files.ts';

const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** CB-A21 */
const MAX_REPORTS = 5;
/** Of one file, and of all files of all reports of a build. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_BYTES = 128 * 1024 * 1024;
const MAX_FILES = 10_000;
/** Read at a time: a few milliseconds, in which the server does nothing else. */
const PIECE_BYTES = 64 * 1024;
const SUPPORTED_FORMAT = 'JUNITXML';

/** What may still be read in this build. */
interface Budget {
  bytes: number;
  files: number;
}

interface Found {
  cases: TestCases;
  /** False when there was nothing, or not everything could be read. */
  complete: boolean;
}

/**
 * Reads the test reports that the buildspec names, and commits them with the build. A report that cannot be read is
 * INCOMPLETE and never fails the build (CB-H2). @returns lines for the build's log
 * @throws PhaseFailure when the service role may not make a report
 */
export async function makeReports(session: Session): Promise<string[]> {
  const { platform, stored } = session;
  const specs = Object.entries(stored.run.spec?.reports ?? {});
  const log: string[] = [];
  const budget: Budget = { bytes: MAX_BYTES, files: MAX_FILES };
  const made: { group: ReportGroup; report: Report; cases: TestCases }[] = [];
  if (specs.length > MAX_REPORTS) {
    const left = specs.length - MAX_REPORTS;
    log.push(`Skipping ${left} reports: a build has at most ${MAX_REPORTS}.`);
  }
  for (const [name, spec] of specs.slice(0, MAX_REPORTS)) {
    const group = reportGroupName(name, { ...stored, projectName: stored.build.projectName ?? '' });
    const problem =
      spec.fileFormat === SUPPORTED_FORMAT
        ? group.problem
        : `file-format ${spec.fileFormat} is not supported by Slipway yet`;
    if (problem) {
      log.push(`Skipping report ${name}: ${problem}.`);
      continue;
    }
    await requireReportPermissions(session, { name, group: group.name });
    const found = await readCases(session, spec, budget, log);
    made.push(reportOf(session, group.name, found));
    const state = found.complete ? '' : ', and not all could be read: the report is INCOMPLETE';
    log.push(`Report ${name}: ${found.cases.total} test cases${state}`);
  }
  if (made.length === 0) return log;
  await platform.transaction(async (tx) => {
    for (const { group, report, cases } of made) {
      await reportStore.insertGroup(tx, stored, group);
      await reportStore.insertReport(tx, stored, group.name ?? '', report, keptOf(report, cases));
    }
    const reportArns = made.map(({ report }) => report.arn ?? '');
    await settle(platform, tx, buildKey(stored, stored.id), (draft) =>
      amend(draft, { amend: (build) => ({ ...build, reportArns }) }),
    );
  });
  return log;
}

/** The test cases of all files, as far as they can be read. */
async function readCases(
  session: Session,
  spec: ReportSpec,
  budget: Budget,
  log: string[],
): Promise<Found> {
  const cases = new TestCases();
  let [count, complete] = [0, true];
  // Names tell where a case comes from, so they stay whole.
  const files = { ...spec, excludePaths: [], discardPaths: false };
  try {
    for await (const file of workFiles(session, files, 'follow', log)) {
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
      await readFile(session, file, cases);
    }
  } catch (error) {
    // What was ended has nothing to say about its files.
    session.signal.throwIfAborted();
    log.push(`A report file cannot be read: ${(error as Error).message}`);
    complete = false;
  }
  return { cases, complete: complete && count > 0 };
}

async function readFile(session: Session, file: WorkFile, cases: TestCases): Promise<void> {
  const testRawDataPath = posix.join('/', file.name);
  const reader = junitReader((test) => cases.add({ ...test, testRawDataPath }));
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

function reportOf(session: Session, groupName: string, { cases, complete }: Found) {
  const { platform, stored } = session;
  const { accountId, region, build } = stored;
  const now = platform.clock.now();
  const prefix = `arn:aws:codebuild:${region}:${accountId}`;
  const reportGroupArn = `${prefix}:report-group/${groupName}`;
  const arn = `${prefix}:report/${groupName}:${uuidOf(stored)}`;
  const group: ReportGroup = {
    arn: reportGroupArn,
    name: groupName,
    type: 'TEST',
    exportConfig: { exportConfigType: 'NO_EXPORT' },
    created: now,
    lastModified: now,
    tags: [],
    status: 'ACTIVE',
  };
  const report: Report = {
    arn,
    type: 'TEST',
    name: groupName,
    reportGroupArn,
    executionId: build.arn,
    status: !complete ? 'INCOMPLETE' : cases.anyFailed ? 'FAILED' : 'SUCCEEDED',
    created: now,
    expired: new Date(now.getTime() + KEPT_DAYS * DAY_MS),
    exportConfig: { exportConfigType: 'NO_EXPORT' },
    truncated: cases.truncated,
    testSummary: cases.summary(),
  };
  return { group, report, cases };
}

const keptOf = ({ arn, expired }: Report, cases: TestCases) =>
  cases.kept().map((test) => ({ ...test, reportArn: arn, expired }));
