import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import type { CompositeAlarm } from './alarm.ts';
import { alarmsIn, holds, parseRule, RuleError } from './rule.ts';
import { suppress } from './suppression.ts';

describe('a rule', () => {
  const states = new Map<string, StateValue>([
    ['a', 'ALARM'],
    ['b', 'OK'],
    ['c d', 'INSUFFICIENT_DATA'],
  ]);
  test.each([
    ['TRUE', true],
    ['FALSE OR ALARM(a)', true],
    ['ALARM(a) AND OK(b)', true],
    ['ALARM(a) AND NOT OK(b)', false],
    ['NOT (ALARM(b) OR FALSE)', true],
    ['INSUFFICIENT_DATA("c d")', true],
    ['OK(b) OR ALARM(b) AND FALSE', true],
    ['ALARM(arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a)', true],
    ['ALARM(gone)', false],
    ['AT_LEAST(2, NOT OK, (a, b, "c d"))', true],
    ['AT_LEAST(50%, ALARM, (a, b, "c d"))', false],
  ])('%s', (rule, expected) => expect(holds(parseRule(rule), states)).toBe(expected));

  test.each([
    ...['', 'ALARM', 'ALARM()', 'ALARM(a', 'ALARM(a) ALARM(b)', 'a', 'AND', 'WARN(a)', '"a"'],
    `${'NOT '.repeat(500)}TRUE`,
  ])('%s is none', (rule) => expect(() => parseRule(rule)).toThrow(RuleError));

  test('names its alarms', () => {
    expect(alarmsIn(parseRule('ALARM(a) OR OK("c d") AND ALARM(a)'))).toEqual(['a', 'c d']);
  });
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
describe('an alarm with a suppressor that is waited for two minutes and goes on for one', () => {
  const at = (seconds: number) => new Date(seconds * 1000);
  const composite = (value: StateValue, more: Partial<CompositeAlarm> = {}): CompositeAlarm => ({
    ...{ kind: 'CompositeAlarm', accountId: '1', region: 'r', name: 'c', arn: 'c', rule: 'TRUE' },
    ...{ actionsEnabled: true, okActions: [], alarmActions: [], insufficientDataActions: [] },
    ...{ configuredAt: at(0), tags: {}, suppressor: 's' },
    ...{ suppressorWaitPeriod: 120, suppressorExtensionPeriod: 60 },
    state: { value, reason: '', updatedAt: at(0), transitionedAt: at(0) },
    ...more,
  });
  const suppressor = (value: StateValue, since: number) => ({
    ...{ arn: 's', value, transitionedAt: at(since) },
  });
  const ok = { value: 'OK' as const, reason: '' };

  test('waits, and acts when nobody suppresses it', () => {
    const waiting = suppress(composite('ALARM'), suppressor('OK', 0), at(10), ok);
    expect(waiting).toMatchObject({ acts: false, again: at(130) });
    expect(waiting.alarm.suppression?.by).toBe('WaitPeriod');
    const done = suppress(waiting.alarm, suppressor('OK', 0), at(130));
    expect(done.acts).toBe(true);
    expect(done.alarm.suppression).toBeUndefined();
    expect(suppress(done.alarm, suppressor('OK', 0), at(131)).acts).toBe(false);
  });

  test('does nothing while it is suppressed, nor a while after', () => {
    const { alarm } = suppress(composite('ALARM'), suppressor('OK', 0), at(10), ok);
    const suppressed = suppress(alarm, suppressor('ALARM', 20), at(20));
    expect(suppressed.alarm.suppression).toMatchObject({ by: 'Alarm', since: at(20) });
    const extended = suppress(suppressed.alarm, suppressor('OK', 500), at(500));
    expect(extended).toMatchObject({ acts: false, again: at(560) });
    expect(extended.alarm.suppression?.by).toBe('ExtensionPeriod');
    expect(suppress(extended.alarm, suppressor('OK', 500), at(560)).acts).toBe(true);
  });

  test('does nothing when it is back where it was before the end of that', () => {
    const { alarm } = suppress(composite('ALARM'), suppressor('OK', 0), at(10), ok);
    const state = { ...alarm.state, value: 'OK' as const };
    const back = suppress({ ...alarm, state }, suppressor('OK', 0), at(60), {
      ...{ value: 'ALARM', reason: '' },
    });
    expect([back.acts, back.again, back.alarm.pending]).toEqual([false, undefined, undefined]);
  });

  test('tells at once that all is well', () => {
    const { acts } = suppress(composite('OK'), suppressor('OK', 0), at(10), {
      ...{ value: 'ALARM', reason: '' },
    });
    expect(acts).toBe(true);
  });
});
