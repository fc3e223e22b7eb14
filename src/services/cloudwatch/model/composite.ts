import type { StateValue } from '@aws-sdk/client-cloudwatch';
import type { Alarm, CompositeAlarm } from './alarm.ts';
import { javaJson, javaTime } from './java.ts';
import { alarmsIn, holds, parseRule } from './rule.ts';

/** What the rule says of a composite alarm, out of the states of other alarms. */
export interface RuleVerdict {
  value: StateValue;
  reason: string;
  reasonData: string;
  /** Those that are in the states that the rule names, the latest first. */
  children: { arn: string; value: StateValue; at: Date }[];
}

/** So many alarms are told of: names may be long. */
const TOLD = 10;

/** The state that a composite alarm goes to; undefined where it stays in its own. @param alarms by name */
export function judgeComposite(
  alarm: CompositeAlarm,
  alarms: ReadonlyMap<string, Alarm>,
): RuleVerdict | undefined {
  const rule = parseRule(alarm.rule);
  const states = new Map([...alarms].map(([name, { state }]) => [name, state.value]));
  const value = holds(rule, states) ? 'ALARM' : 'OK';
  if (value === alarm.state.value) return undefined;
  const children = alarmsIn(rule)
    .flatMap((name) => alarms.get(name) ?? [])
    .map(({ arn, state }) => ({ arn, value: state.value, at: state.transitionedAt }))
    .sort((a, b) => b.at.getTime() - a.at.getTime());
  const [latest] = children;
  const reason = latest
    ? `${latest.arn} transitioned to ${latest.value} at ${longTime(latest.at)}`
    : `The alarm rule is ${value === 'ALARM'}`;
  const triggering = children.filter((child) => child.value === latest?.value).slice(0, TOLD);
  return { value, reason, reasonData: reasonDataOf(triggering), children: triggering };
}

const reasonDataOf = (children: RuleVerdict['children']) =>
  javaJson({
    triggeringAlarms: children.map(({ arn, value, at }) => ({
      arn,
      state: { value, timestamp: javaTime(at.getTime()) },
    })),
  });

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** `Friday 20 March, 2020 20:23:00 UTC` */
function longTime(at: Date): string {
  const day = `${at.getUTCDate()}`.padStart(2, '0');
  const date = `${DAYS[at.getUTCDay()]} ${day} ${MONTHS[at.getUTCMonth()]}, ${at.getUTCFullYear()}`;
  return `${date} ${at.toISOString().slice(11, 19)} UTC`;
}

/** Composite alarms, those first that others look at. What looks at itself is refused when it is put. */
export function inOrder(composites: readonly CompositeAlarm[]): CompositeAlarm[] {
  const byName = new Map(composites.map((alarm) => [alarm.name, alarm]));
  const ordered = new Set<CompositeAlarm>();
  const seen = new Set<string>();
  const visit = (alarm: CompositeAlarm): void => {
    if (seen.has(alarm.name)) return;
    seen.add(alarm.name);
    for (const child of alarmsIn(parseRule(alarm.rule))) {
      const composite = byName.get(child);
      if (composite) visit(composite);
    }
    ordered.add(alarm);
  };
  composites.forEach(visit);
  return [...ordered];
}
