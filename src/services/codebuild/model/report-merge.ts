import type { Report, TestCase, TestReportSummary } from '@aws-sdk/client-codebuild';
import { ownValue, setOwn } from '../../../lib/own.ts';
import { MAX_CASES } from './test-cases.ts';

/** What one build of a fanout has for the report of all (CB-G4). */
export interface ReportPart {
  /** Which of the builds. */
  shard: number;
  /** As if it were the only one; its ARN is that of the whole. */
  report: Report;
  cases: TestCase[];
}

const isBad = ({ status }: TestCase): boolean => status === 'FAILED' || status === 'ERROR';

/** One report on all tests, whichever build ran them: as one build would have had it. @param parts one at least */
export function mergedReport(parts: readonly ReportPart[]): { report: Report; cases: TestCase[] } {
  const inOrder = [...parts].sort((a, b) => a.shard - b.shard);
  const reports = inOrder.map(({ report }) => report);
  const all = inOrder.flatMap(({ cases }) => cases);
  const cases = [...all.filter(isBad), ...all.filter((test) => !isBad(test))].slice(0, MAX_CASES);
  const testSummary = sum(reports.flatMap((report) => report.testSummary ?? []));
  const is = (status: Report['status']) => reports.some((report) => report.status === status);
  return {
    cases,
    report: {
      ...reports[0],
      status: is('INCOMPLETE') ? 'INCOMPLETE' : is('FAILED') ? 'FAILED' : 'SUCCEEDED',
      truncated: (testSummary.total ?? 0) > cases.length,
      testSummary,
    },
  };
}

function sum(summaries: readonly TestReportSummary[]): TestReportSummary {
  const statusCounts: Record<string, number> = {};
  let [total, nanoseconds] = [0, 0];
  for (const each of summaries) {
    total += each.total ?? 0;
    nanoseconds += each.durationInNanoSeconds ?? 0;
    for (const [status, count] of Object.entries(each.statusCounts ?? {}))
      setOwn(statusCounts, status, (ownValue(statusCounts, status) ?? 0) + count);
  }
  const durationInNanoSeconds = Math.min(nanoseconds, Number.MAX_SAFE_INTEGER);
  return { total, statusCounts, durationInNanoSeconds };
}
