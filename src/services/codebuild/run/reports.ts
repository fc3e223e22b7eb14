import { posix } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Report, ReportGroup, TestCase } from '@aws-sdk/client-codebuild';
import type { ReportSpec } from '../model/buildspec.ts';
import { parseJunit } from '../model/junit.ts';
import * as store from '../store.ts';
import * as reportStore from '../store-reports.ts';
import { type Session, uuidOf } from './session.ts';
import { workFiles } from './work-files.ts';

/** CB-H3 */
const MAX_CASES = 500;
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const SUPPORTED_FORMAT = 'JUNITXML';

/**
 * Reads the test reports that the buildspec names, and commits them with the build. A report that cannot be read is
 * INCOMPLETE and never fails the build (CB-H2). @returns lines for the build's log
 */
export async function makeReports(session: Session): Promise<string[]> {
  const { platform, stored } = session;
  const specs = Object.entries(stored.run.spec?.reports ?? {});
  const log: string[] = [];
  const made: { group: ReportGroup; report: Report; cases: TestCase[] }[] = [];
  for (const [name, spec] of specs) {
    if (spec.fileFormat !== SUPPORTED_FORMAT) {
      log.push(
        `Skipping report ${name}: file-format ${spec.fileFormat} is not supported by Slipway yet.`,
      );
      continue;
    }
    const cases = await readCases(session, spec, log);
    made.push(reportOf(session, name, cases));
    log.push(`Report ${name}: ${cases?.length ?? 0} test cases`);
  }
  if (made.length === 0) return log;
  await platform.transaction(async (tx) => {
    for (const { group, report, cases } of made) {
      await reportStore.insertGroup(tx, stored, group);
      await reportStore.insertReport(tx, stored, group.name ?? '', report, cases);
    }
    const fresh = await store.findBuild(tx, stored, stored.id);
    if (!fresh || fresh.slot === 'done') return;
    const reportArns = made.map(({ report }) => report.arn ?? '');
    await store.updateBuild(tx, fresh, fresh.id, { build: { ...fresh.build, reportArns } });
  });
  return log;
}

/** All test cases of all files, or undefined when there are none to be read. */
async function readCases(
  session: Session,
  spec: ReportSpec,
  log: string[],
): Promise<TestCase[] | undefined> {
  const cases: TestCase[] = [];
  let count = 0;
  // Names tell where a case comes from, so they stay whole.
  const files = { ...spec, excludePaths: [], discardPaths: false };
  try {
    for await (const { name, size, body } of workFiles(session, files, 'follow', log)) {
      if (size > MAX_FILE_BYTES) {
        log.push(`Skipping report file ${name}: it is larger than ${MAX_FILE_BYTES} bytes`);
        continue;
      }
      count++;
      const found = parseJunit(await text(body));
      cases.push(...found.map((test) => ({ ...test, testRawDataPath: posix.join('/', name) })));
    }
  } catch (error) {
    log.push(`A report file cannot be read: ${(error as Error).message}`);
    return undefined;
  }
  return count === 0 ? undefined : cases;
}

function reportOf(session: Session, name: string, cases: TestCase[] | undefined) {
  const { platform, stored } = session;
  const { accountId, region, build } = stored;
  const now = platform.clock.now();
  // A name is one of the project's own groups; an ARN names any (CB-A21).
  const groupName = name.startsWith('arn:')
    ? name.split(':report-group/')[1]
    : `${build.projectName}-${name}`;
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
  const all = cases ?? [];
  const failed = all.filter(({ status }) => status === 'FAILED' || status === 'ERROR');
  const kept = [...failed, ...all.filter((test) => !failed.includes(test))].slice(0, MAX_CASES);
  const expired = new Date(now.getTime() + KEPT_DAYS * DAY_MS);
  const report: Report = {
    arn,
    type: 'TEST',
    name: groupName,
    reportGroupArn,
    executionId: build.arn,
    status: cases === undefined ? 'INCOMPLETE' : failed.length > 0 ? 'FAILED' : 'SUCCEEDED',
    created: now,
    expired,
    exportConfig: { exportConfigType: 'NO_EXPORT' },
    truncated: all.length > MAX_CASES,
    testSummary: summary(all),
  };
  return { group, report, cases: kept.map((test) => ({ ...test, reportArn: arn, expired })) };
}

function summary(cases: TestCase[]): Report['testSummary'] {
  const statusCounts: Record<string, number> = {
    SUCCEEDED: 0,
    FAILED: 0,
    ERROR: 0,
    SKIPPED: 0,
    UNKNOWN: 0,
  };
  for (const { status = 'UNKNOWN' } of cases)
    statusCounts[status] = (statusCounts[status] ?? 0) + 1;
  const durationInNanoSeconds = cases.reduce(
    (sum, test) => sum + (test.durationInNanoSeconds ?? 0),
    0,
  );
  return { total: cases.length, statusCounts, durationInNanoSeconds };
}
