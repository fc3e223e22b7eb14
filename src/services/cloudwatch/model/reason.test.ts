import { expect, test } from 'vitest';
import { reasonOf } from './reason.ts';

const at = Date.parse('2026-01-01T00:00:00Z');
const evaluated = [2, 3].map((value, n) => ({ value, at: at + n * 60_000 }));
const terms = {
  ...{ comparison: 'GreaterThanThreshold' as const, threshold: 1, evaluationPeriods: 2 },
  ...{ datapointsToAlarm: 2, treatMissingData: 'missing' as const },
};

test.each([
  [
    false,
    'Threshold Crossed: 2 datapoints [3.0 (01/01/26 00:01:00), 2.0 (01/01/26 00:00:00)] were greater than the threshold (1.0).',
  ],
  [
    true,
    'Threshold Crossed: 2 out of the last 2 datapoints [3.0 (01/01/26 00:01:00), 2.0 (01/01/26 00:00:00)] were greater than the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).',
  ],
])('an alarm that says how many datapoints it takes (%s)', (saysHowMany, reason) => {
  const verdict = { evaluated, breaching: 2, filled: 0, state: 'ALARM' as const };
  expect(reasonOf(verdict, 'ALARM', terms, saysHowMany)).toBe(reason);
});
