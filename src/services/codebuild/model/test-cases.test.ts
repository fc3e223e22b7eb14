import { expect, test } from 'vitest';
import { TestCases } from './test-cases.ts';

test('CB-H3: 500 cases are kept, those that failed first, and all are counted', () => {
  const cases = new TestCases();
  for (let i = 0; i < 200_000; i++) {
    const status = i % 1000 === 999 ? 'FAILED' : i % 1000 === 998 ? 'ERROR' : 'SUCCEEDED';
    cases.add({ name: `${i}`, status, durationInNanoSeconds: 2 });
  }
  const kept = cases.kept();
  expect(kept).toHaveLength(500);
  expect(kept.map(({ status }) => status).lastIndexOf('SUCCEEDED')).toBe(499);
  expect(kept.filter(({ status }) => status !== 'SUCCEEDED')).toHaveLength(400);
  expect(kept[400]?.name).toBe('0');
  expect(cases.truncated).toBe(true);
  expect(cases.anyFailed).toBe(true);
  expect(cases.summary()).toEqual({
    total: 200_000,
    statusCounts: { SUCCEEDED: 199_600, FAILED: 200, ERROR: 200, SKIPPED: 0, UNKNOWN: 0 },
    durationInNanoSeconds: 400_000,
  });
});
