import {
  BatchGetBuildsCommand,
  BatchGetReportsCommand,
  type Build,
  type CodeBuildClient,
  DescribeTestCasesCommand,
  ListReportsForReportGroupCommand,
  type Report,
  type TestCase,
} from '@aws-sdk/client-codebuild';
import { append } from '../../lib/append.ts';

/** A test that ended one way in this build, and otherwise in another one of the same commit. */
export interface FlakyTest {
  test: string;
  status: string;
  other: string;
  /** The id of the other build. */
  build: string;
}

/** How many of the reports before are looked at, and how many of those that are of the same commit are compared. */
const LOOKED_AT = 50;
const COMPARED = 10;
/** Of test cases, which is all that a report has. */
const MOST_PAGES = 10;

/** The flaky tests of a build, as far as its caller may see the others; none where its commit is not known. */
export async function flakyTests(client: CodeBuildClient, build: Build): Promise<FlakyTest[]> {
  const { reportArns = [], resolvedSourceVersion: commit } = build;
  if (!commit || reportArns.length === 0) return [];
  const { reports = [] } = await client.send(new BatchGetReportsCommand({ reportArns }));
  const found: FlakyTest[] = [];
  for (const report of reports) {
    if (report.type !== 'TEST') continue;
    const own = await casesOf(client, report.arn ?? '');
    for (const other of await othersOf(client, report, commit)) {
      const theirs = await casesOf(client, other.report.arn ?? '');
      for (const one of differing(own, theirs))
        if (!found.some(({ test }) => test === one.test))
          found.push({ ...one, build: other.build.id ?? '' });
    }
  }
  return found;
}

/** The reports of the same group whose builds built the same commit of the same project, the latest first. */
async function othersOf(
  client: CodeBuildClient,
  { arn, reportGroupArn }: Report,
  commit: string,
): Promise<{ report: Report; build: Build }[]> {
  const { reports: arns = [] } = await client.send(
    new ListReportsForReportGroupCommand({ reportGroupArn, maxResults: LOOKED_AT }),
  );
  const reportArns = arns.filter((each) => each !== arn);
  if (reportArns.length === 0) return [];
  const { reports = [] } = await client.send(new BatchGetReportsCommand({ reportArns }));
  const ids = [...new Set(reports.flatMap(({ executionId }) => executionId ?? []))];
  if (ids.length === 0) return [];
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids }));
  const byArn = new Map(builds.map((build) => [build.arn, build]));
  return reports
    .flatMap((report) => {
      const build = byArn.get(report.executionId);
      return build?.resolvedSourceVersion === commit ? [{ report, build }] : [];
    })
    .slice(0, COMPARED);
}

async function casesOf(client: CodeBuildClient, reportArn: string): Promise<TestCase[]> {
  const all: TestCase[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.send(new DescribeTestCasesCommand({ reportArn, nextToken }));
    append(all, answer.testCases ?? []);
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return all;
}

const GOOD = 'SUCCEEDED';
const BAD = ['FAILED', 'ERROR'];

/** Tests that went well in one of the two and not in the other. */
export function differing(
  own: TestCase[],
  theirs: TestCase[],
): { test: string; status: string; other: string }[] {
  const before = new Map(theirs.map((test) => [nameOf(test), test.status ?? '']));
  return own.flatMap((test) => {
    const [name, status = ''] = [nameOf(test), test.status];
    const other = before.get(name) ?? '';
    const differs =
      (status === GOOD && BAD.includes(other)) || (BAD.includes(status) && other === GOOD);
    return differs ? [{ test: name, status, other }] : [];
  });
}

function nameOf({ testSuiteName, prefix, name = '' }: TestCase): string {
  return [...new Set([testSuiteName, prefix, name].filter(Boolean))].join(' ');
}

/** @example `unit adds: FAILED, and SUCCEEDED in app:1234… of the same commit` */
export const flakyText = ({ test, status, other, build }: FlakyTest): string =>
  `${test}: ${status}, and ${other} in ${build} of the same commit`;
