import type { PutCompositeAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { Tx } from '../../../db/database.ts';
import { at } from '../../../kit/resource.ts';
import { checkTags, commonOf, saveAlarm } from '../alarms/put.ts';
import { validation } from '../errors.ts';
import { MAX_RULE_ALARMS } from '../limits.ts';
import type { CompositeAlarm } from '../model/alarm.ts';
import { alarmName, alarmsIn, childrenOf, parseRule, RuleError } from '../model/rule.ts';
import { COMPOSITES, compositesKey } from '../reconcilers/names.ts';
import { alarm } from '../resources/alarm.ts';
import { compositeAlarms, findAlarms } from '../store/alarms.ts';
import type { Owner } from '../store/tables.ts';
import { cloudwatch } from './declare.ts';

export const putCompositeAlarm = cloudwatch(
  'putCompositeAlarm',
  at(alarm, ({ AlarmName }) => AlarmName),
  async (ctx, input, located) => {
    const children = readRule(input);
    const common = commonOf(input, 'CompositeAlarm');
    await checkTags(ctx, located, input);
    const suppression = suppressionOf(input);
    await ctx.transaction(async (tx) => {
      const made = await saveAlarm(ctx, tx, located, input, (kept) => {
        const { accountId, region, name, arn } = located;
        const composite: CompositeAlarm = {
          ...{ kind: 'CompositeAlarm', accountId, region, name, arn },
          ...{ ...common, ...suppression, rule: input.AlarmRule ?? '' },
          ...{ configuredAt: ctx.clock.now(), state: kept.state, tags: kept.tags },
        };
        return { alarm: composite, everyMs: 0 };
      });
      await checkChildren(tx, ctx, made.name, children);
      await ctx.engine.wake(tx, COMPOSITES, compositesKey(ctx));
    });
    return {};
  },
);

/** The alarms that the rule and the suppressor name. */
function readRule({ AlarmRule = '', ActionsSuppressor }: PutCompositeAlarmCommandInput): string[] {
  try {
    const children = alarmsIn(parseRule(AlarmRule));
    if (children.length > MAX_RULE_ALARMS)
      throw validation(`AlarmRule must not have more than ${MAX_RULE_ALARMS} alarms.`);
    return ActionsSuppressor === undefined ? children : [...children, alarmName(ActionsSuppressor)];
  } catch (error) {
    throw error instanceof RuleError ? validation(error.message) : error;
  }
}

function suppressionOf(input: PutCompositeAlarmCommandInput) {
  const { ActionsSuppressor: suppressor } = input;
  const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = input;
  if (suppressor === undefined) {
    if (wait !== undefined || extension !== undefined)
      throw validation('ActionsSuppressor is required where its periods are specified.');
    return {};
  }
  if (wait === undefined || extension === undefined)
    throw validation(
      'ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with ActionsSuppressor.',
    );
  if (wait < 0 || extension < 0)
    throw validation('The periods of ActionsSuppressor must not be negative.');
  return { suppressor, suppressorWaitPeriod: wait, suppressorExtensionPeriod: extension };
}

/** They have to be there, and none may look at this alarm in turn. */
async function checkChildren(
  tx: Tx,
  owner: Owner,
  name: string,
  children: string[],
): Promise<void> {
  const found = new Set((await findAlarms(tx, owner, children)).map((one) => one.alarm.name));
  const absent = children.filter((child) => !found.has(child));
  if (absent.length > 0)
    throw validation(
      `Could not save the composite alarm as alarms [${absent.join(', ')}] in the alarm rule do not exist`,
    );
  const composites = new Map(
    (await compositeAlarms(tx, owner)).map((one) => [one.alarm.name, one.alarm]),
  );
  const seen = new Set<string>();
  const open = [...children];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === name) throw validation(`The alarm ${name} must not depend on itself.`);
    if (seen.has(next)) continue;
    seen.add(next);
    const composite = composites.get(next);
    if (composite) for (const child of childrenOf(composite)) open.push(child);
  }
}
