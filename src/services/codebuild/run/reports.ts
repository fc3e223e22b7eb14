import type { CodeCoverage, Report, ReportGroup, TestCase } from '@aws-sdk/client-codebuild';
import type { Tx } from '../../../db/database.ts';
import { MAX_REPORTS } from '../limits.ts';
import { partitionOf } from '../model/build-draft.ts';
import type { ReportSpec } from '../model/buildspec-reports.ts';
import { amend } from '../model/commands.ts';
import { REPORT_FORMATS } from '../model/report-formats/index.ts';
import { reportGroupName } from '../model/report-group.ts';
import { mergedReport } from '../model/report-merge.ts';
import { settle } from '../reconcilers/build.ts';
import { wakeToExpire } from '../reconcilers/expire-report.ts';
import { buildKey } from '../reconcilers/names.ts';
import type { StoredBuild } from '../store/builds.ts';
import { findParts, putPart } from '../store/report-parts.ts';
import * as reportStore from '../store/reports.ts';
import { exportReport } from './export-report.ts';
import { type Budget, type Found, newBudget, readReport } from './report-files.ts';
import { requireReportPermissions } from './report-permissions.ts';
import { type Session, uuidOf } from './session.ts';

const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

interface Made {
  group: ReportGroup;
  report: Report;
  found: Found;
}

/**
 * Reads the reports that the buildspec names, and commits them with the build. A report that cannot be read is
 * INCOMPLETE and never fails the build (CB-H2). @returns lines for the build's log
 * @throws PhaseFailure when the service role may not make a report
 */
export async function makeReports(session: Session): Promise<string[]> {
  const { stored } = session;
  const specs = Object.entries(stored.run.spec?.reports ?? {});
  const log: string[] = [];
  const budget = newBudget();
  const made: Made[] = [];
  if (specs.length > MAX_REPORTS) {
    const left = specs.length - MAX_REPORTS;
    log.push(`Skipping ${left} reports: a build has at most ${MAX_REPORTS}.`);
  }
  for (const [name, spec] of specs.slice(0, MAX_REPORTS)) {
    const one = await makeReport(session, name, spec, { budget, log });
    if (one) made.push(one);
  }
  if (made.length > 0) await commitReports(session, made);
  return log;
}

async function makeReport(
  session: Session,
  name: string,
  spec: ReportSpec,
  { budget, log }: { budget: Budget; log: string[] },
): Promise<Made | undefined> {
  const { platform, stored } = session;
  const place = reportGroupName(name, {
    ...stored,
    projectName: stored.build.projectName ?? '',
  });
  const format = REPORT_FORMATS[spec.fileFormat];
  const known = place.problem
    ? undefined
    : (await reportStore.findGroup(platform.db, stored, place.name))?.group;
  const problem = place.problem ?? problemOf(spec, format?.type, known);
  if (!format || problem) {
    log.push(`Skipping report ${name}: ${problem}.`);
    return undefined;
  }
  await requireReportPermissions(session, { name, group: place.name, type: format.type });
  const found = await readReport(session, format, spec, budget, log);
  const group = known ?? newGroup(session, place.name, format.type);
  const report = reportOf(session, group, found);
  // The files of each build of a fanout have a place of their own.
  const files = { arn: arnOf(group, uuidOf(stored)) };
  if (!(await exportReport(session, group, files, spec, log))) report.status = 'INCOMPLETE';
  const state = found.complete ? '' : ', and not all could be read: the report is INCOMPLETE';
  log.push(`Report ${name}: ${found.words()}${state}`);
  return { group, report, found };
}

function problemOf(
  { fileFormat }: ReportSpec,
  type: ReportGroup['type'],
  group: ReportGroup | undefined,
): string | undefined {
  if (!type) return `there is no file-format ${fileFormat}`;
  if (group && group.type !== type)
    return `file-format ${fileFormat} is of the type ${type}, and its group of ${group.type}`;
  if (group && group.status !== undefined && group.status !== 'ACTIVE')
    return 'its group is being deleted';
  return undefined;
}

async function commitReports(session: Session, made: Made[]): Promise<void> {
  const { platform, stored } = session;
  await platform.transaction(async (tx) => {
    for (const { group, report, found } of made) {
      await reportStore.insertGroup(tx, stored, group);
      const { arn, expired } = report;
      await wakeToExpire(platform, tx, stored, report);
      await keepReport(tx, stored, group.name ?? '', report, found.kept(arn, expired));
    }
    const reportArns = made.map(({ report }) => report.arn ?? '');
    await settle(platform, tx, buildKey(stored, stored.id), (draft) =>
      amend(draft, { amend: (build) => ({ ...build, reportArns }) }),
    );
  });
}

/** A build of a fanout adds what it has to the report of all of them. */
async function keepReport(
  tx: Tx,
  stored: StoredBuild,
  group: string,
  report: Report,
  cases: TestCase[] | CodeCoverage[],
): Promise<void> {
  const { batch } = stored.inputs;
  if (!batch?.shard || report.type !== 'TEST')
    return reportStore.insertReport(tx, stored, group, report, cases);
  const { arn = '' } = report;
  const part = { shard: batch.shard.current, report, cases: cases as TestCase[] };
  await putPart(tx, stored, { arn, group, attempt: batch.attempt }, part);
  const whole = mergedReport(await findParts(tx, stored, arn));
  await reportStore.insertReport(tx, stored, group, whole.report, whole.cases);
  await reportStore.replaceReport(tx, stored, whole.report, whole.cases);
}

/** Of a fanout's builds all have one report on their tests (CB-G4). */
const reportId = ({ id, inputs: { batch } }: StoredBuild, type: ReportGroup['type']): string =>
  uuidOf({ id: batch?.shard && type === 'TEST' ? batch.batchId : id });

/** A group that a build makes because there is none (CB-A21). */
function newGroup(
  { platform, stored }: Session,
  name: string,
  type: NonNullable<ReportGroup['type']>,
): ReportGroup {
  const { accountId, region } = stored;
  const now = platform.clock.now();
  return {
    arn: `arn:${partitionOf(stored)}:codebuild:${region}:${accountId}:report-group/${name}`,
    name,
    type,
    exportConfig: { exportConfigType: 'NO_EXPORT' },
    created: now,
    lastModified: now,
    tags: [],
    status: 'ACTIVE',
  };
}

const arnOf = (group: ReportGroup, id: string): string =>
  `${(group.arn ?? '').replace(':report-group/', ':report/')}:${id}`;

function reportOf({ platform, stored }: Session, group: ReportGroup, found: Found): Report {
  const now = platform.clock.now();
  return {
    arn: arnOf(group, reportId(stored, group.type)),
    type: group.type,
    name: group.name,
    reportGroupArn: group.arn,
    executionId: stored.build.arn,
    status: !found.complete ? 'INCOMPLETE' : found.anyFailed ? 'FAILED' : 'SUCCEEDED',
    created: now,
    expired: new Date(now.getTime() + KEPT_DAYS * DAY_MS),
    exportConfig: group.exportConfig,
    truncated: found.truncated,
    ...found.summary(),
  };
}
