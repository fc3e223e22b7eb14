import type { Report, TestCase } from '@aws-sdk/client-codebuild';
import { expect, test } from 'vitest';
import { mergedReport } from './report-merge.ts';

const part = (shard: number, statuses: TestCase['status'][], more: Partial<Report> = {}) => ({
  shard,
  cases: statuses.map((status, index) => ({ name: `${shard}-${index}`, status })),
  report: {
    ...{ arn: 'arn', executionId: `build${shard}` },
    status: statuses.includes('FAILED') ? ('FAILED' as const) : ('SUCCEEDED' as const),
    testSummary: {
      total: statuses.length,
      statusCounts: Object.fromEntries(
        ['SUCCEEDED', 'FAILED'].map((name) => [name, statuses.filter((s) => s === name).length]),
      ),
      durationInNanoSeconds: 5,
    },
    ...more,
  },
});

test('CB-G4: the builds of a fanout have one report, in whatever order they tell of theirs', () => {
  const parts = [part(1, ['SUCCEEDED', 'FAILED']), part(0, ['SUCCEEDED'])];
  const { report, cases } = mergedReport(parts);
  expect(report).toEqual({
    ...{ arn: 'arn', executionId: 'build0', status: 'FAILED', truncated: false },
    testSummary: {
      ...{ total: 3, durationInNanoSeconds: 10 },
      statusCounts: { SUCCEEDED: 2, FAILED: 1 },
    },
  });
  expect(cases.map(({ name }) => name)).toEqual(['1-1', '0-0', '1-0']);
  expect(mergedReport(parts.reverse())).toEqual({ report, cases });
});

test('one that could not be read whole leaves the whole incomplete', () => {
  const parts = [part(0, ['FAILED']), part(1, ['SUCCEEDED'], { status: 'INCOMPLETE' })];
  expect(mergedReport(parts).report.status).toBe('INCOMPLETE');
});

test('CB-H3: 500 cases are kept, those that failed before the others, and all are counted', () => {
  const many = Array<TestCase['status']>(400).fill('SUCCEEDED');
  const { report, cases } = mergedReport([part(0, many), part(1, [...many, 'FAILED'])]);
  expect([cases.length, cases[0]?.status]).toEqual([500, 'FAILED']);
  expect([report.truncated, report.testSummary?.total]).toEqual([true, 801]);
});
