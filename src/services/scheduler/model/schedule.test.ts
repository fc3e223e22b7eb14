import { describe, expect, test } from 'vitest';
import { firstOf, type Schedule, type Settings, tokenOf } from './schedule.ts';

const NOW = new Date('2026-11-28T12:00:30Z');

const settings = (expression: string, more: Partial<Settings> = {}): Settings => ({
  ...{ expression, zone: 'UTC', state: 'ENABLED', target: { Arn: '', RoleArn: '' } },
  ...{ window: { Mode: 'OFF' }, afterCompletion: 'NONE' },
  ...more,
});
const known = (its: Settings, nextAt?: Date): Schedule => ({
  ...its,
  ...{ accountId: '', region: '', group: '', name: '', arn: '', createdAt: NOW, modifiedAt: NOW },
  ...(nextAt && { nextAt }),
});
const at = (time: string) => `at(2026-11-28T${time})`;
const instant = (time: string) => new Date(`2026-11-28T${time}Z`);

describe('when a schedule is due first', () => {
  test.each([
    ['its time to come', '12:00:31', instant('12:00:31')],
    ['now', '12:00:30', instant('12:00:30')],
    ['less than a minute ago: the call took as long', '11:59:31', instant('11:59:31')],
    ['a minute ago: it would never be', '11:59:30', 'past'],
  ])('%s', (_what, time, expected) => {
    expect(firstOf(settings(at(time)), NOW, undefined)).toEqual(expected);
  });

  test('in its own zone', () => {
    const inParis = settings(at('13:00:30'), { zone: 'Europe/Paris' });
    expect(firstOf(inParis, NOW, undefined)).toEqual(NOW);
  });

  test('not while it is disabled, whatever its time', () => {
    expect(firstOf(settings(at('11:00:00'), { state: 'DISABLED' }), NOW, undefined)).toBe(
      undefined,
    );
  });

  test('one that is owed still is after it was changed otherwise', () => {
    const its = settings(at('12:00:29'));
    expect(firstOf(its, NOW, known(its, instant('12:00:29')))).toEqual(instant('12:00:29'));
  });

  test('one that is done is not due again, nor refused', () => {
    for (const time of ['12:00:29', '11:00:00']) {
      const its = settings(at(time));
      expect(firstOf(its, NOW, known(its))).toBe(undefined);
    }
  });

  test('one that gets another time, or is enabled, is as a new one', () => {
    const old = settings(at('11:00:00'));
    expect(firstOf(settings(at('12:00:29')), NOW, known(old))).toEqual(instant('12:00:29'));
    expect(firstOf(old, NOW, known({ ...old, state: 'DISABLED' }))).toBe('past');
  });

  test('a rate is from now on', () => {
    expect(firstOf(settings('rate(1 minute)'), NOW, undefined)).toEqual(instant('12:01:30'));
  });
});

test.each([
  [undefined, 'id'],
  ['{"a":"<aws.scheduler.execution-id>"}', 'id'],
  ['{"a":"<aws.scheduler.attempt-number>"}', 'id-2'],
])('the token of a second try with the input %s', (input, token) => {
  const facts = { arn: '', executionId: 'id', scheduledAt: NOW, attempt: 2 };
  expect(tokenOf(input, facts)).toBe(token);
});
