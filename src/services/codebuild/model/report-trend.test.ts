import type { Report } from '@aws-sdk/client-codebuild';
import { expect, test } from 'vitest';
import { hasField, trendOf } from './report-trend.ts';

const tested = (n: number, succeeded: number, total: number): Report => ({
  arn: `r${n}`,
  testSummary: { total, statusCounts: { SUCCEEDED: succeeded }, durationInNanoSeconds: n * 1000 },
});

test('CB-H6: stats and raw data are texts, reports without a number are left out', () => {
  const reports = [tested(1, 1, 3), tested(2, 0, 0), tested(3, 4, 4)];
  expect(trendOf(reports, 'PASS_RATE')).toEqual({
    stats: { average: '66.67', max: '100', min: '33.33' },
    rawData: [
      { reportArn: 'r1', data: '33.33' },
      { reportArn: 'r3', data: '100' },
    ],
  });
  expect(trendOf(reports, 'DURATION').stats).toEqual({ average: '2000', max: '3000', min: '1000' });
  expect(trendOf(reports, 'TOTAL').rawData.map(({ data }) => data)).toEqual(['3', '0', '4']);
  expect(trendOf(reports, 'LINE_COVERAGE')).toEqual({ rawData: [] });
});

test('CB-H6: each type of group has fields of its own', () => {
  expect([hasField('TEST', 'PASS_RATE'), hasField('TEST', 'LINES_COVERED')]).toEqual([true, false]);
  expect([hasField('CODE_COVERAGE', 'PASS_RATE')]).toEqual([false]);
  expect(hasField('CODE_COVERAGE', 'BRANCHES_MISSED')).toBe(true);
});
