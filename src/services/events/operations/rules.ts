import type { PutRuleCommandInput } from '@aws-sdk/client-eventbridge';
import type { Tx } from '../../../db/database.ts';
import { compilePattern } from '../../../kit/event-pattern/compile.ts';
import { PatternError } from '../../../kit/event-pattern/errors.ts';
import { need, on, tagObject } from '../../../kit/resource.ts';
import { ScheduleError } from '../../../kit/schedule/errors.ts';
import { parseNewSchedule, parseSchedule, type Schedule } from '../../../kit/schedule/schedule.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { SCHEDULE } from '../delivery/names.ts';
import { keyOf } from '../delivery/schedule-key.ts';
import { invalid, invalidParameter, invalidPattern, limitExceeded } from '../errors.ts';
import { MAX_PATTERN_CHARACTERS, RULES_PER_BUS } from '../limits.ts';
import { DEFAULT_BUS } from '../model/names.ts';
import { isEnabled, type Rule } from '../model/rule.ts';
import { bus, TAG_RULES } from '../resources/bus.ts';
import { atRule, type LocatedRule, onRule, rule } from '../resources/rule.ts';
import { deleteRule as deleteRow, listRules as listRows, saveRule } from '../store/rules.ts';
import { deleteTargets, listRulesOfTarget, listTargets } from '../store/targets.ts';
import { events } from './declare.ts';
import { paginate } from './pages.ts';
import { takeRole } from './role.ts';

/** Checks an event pattern. @throws InvalidEventPatternException */
export function checkPattern(pattern: string): void {
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    throw invalidPattern(`It has more than ${MAX_PATTERN_CHARACTERS} characters`);
  try {
    compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw invalidPattern(error.message);
    throw error;
  }
}

export const putRule = events('putRule', atRule, async (ctx, input, located) => {
  const given = checkedRule(input, located);
  checkNewTags(input.Tags ?? [], TAG_RULES);
  const { RoleArn } = input;
  if (RoleArn !== undefined) await takeRole(ctx, RoleArn, located.arn);
  return ctx.transaction(async (tx) => {
    const { name, ...owner } = located;
    await need(tx, bus, { ...owner, name: located.bus });
    const known = await rule.find(tx, located);
    if (!known) await checkCount(ctx, tx, located);
    const { accountId, region } = located;
    const made: Rule = {
      ...{ accountId, region, bus: located.bus, name, arn: located.arn, ...given },
      // What a rule has of tags stays: PutRule gives some to a new one alone.
      tags: known?.tags ?? tagObject(tagsOf(input.Tags)),
      createdBy: known?.createdBy ?? ctx.accountId,
      since: known?.since ?? ctx.clock.now(),
    };
    await save(ctx, tx, made, known);
    return { RuleArn: located.arn };
  });
});

/** What PutRule says of a rule. What it does not say is gone. */
function checkedRule(input: PutRuleCommandInput, located: LocatedRule) {
  const { EventPattern: pattern, ScheduleExpression: schedule } = input;
  if (!pattern && !schedule)
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (pattern) checkPattern(pattern);
  if (schedule) {
    checkSchedule(schedule);
    if (located.bus !== DEFAULT_BUS)
      throw invalid('ScheduleExpression is supported only on the default event bus.');
  }
  return {
    state: input.State ?? 'ENABLED',
    ...(pattern && { pattern }),
    ...(schedule && { schedule }),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
  };
}

function checkSchedule(expression: string): Schedule {
  try {
    const schedule = parseNewSchedule(expression);
    if (schedule.kind !== 'at') return schedule;
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
  }
  throw invalidParameter('ScheduleExpression');
}

async function checkCount(ctx: ServiceContext, tx: Tx, located: LocatedRule): Promise<void> {
  const most = await ctx.quotas.value(tx, located, 'events', RULES_PER_BUS);
  if ((await listRows(tx, located, located.bus)).length >= most)
    throw limitExceeded('The requested resource exceeds the maximum number allowed.');
}

/** Saves a rule, and when its schedule, if it has one, is due next. */
async function save(
  ctx: ServiceContext,
  tx: Tx,
  { nextAt: _, ...changed }: Rule,
  known?: Rule,
): Promise<void> {
  const { schedule } = changed;
  if (schedule === undefined || !isEnabled(changed)) return saveRule(tx, changed);
  const goesOn = known?.nextAt && known.schedule === schedule ? known.nextAt : undefined;
  const now = ctx.clock.now();
  // A rate counts from when it was said.
  const since = known?.schedule === schedule ? changed.since : now;
  const nextAt = goesOn ?? parseSchedule(schedule).next(now, since);
  await saveRule(tx, { ...changed, since, ...(nextAt && { nextAt }) });
  if (nextAt) await ctx.engine.wake(tx, SCHEDULE, keyOf(changed), nextAt);
}

const shown = (found: Rule) => ({
  ...{ Name: found.name, Arn: found.arn, State: found.state, EventBusName: found.bus },
  ...{ EventPattern: found.pattern, ScheduleExpression: found.schedule },
  ...{ Description: found.description, RoleArn: found.roleArn },
});

export const describeRule = events('describeRule', onRule, async (_ctx, _input, found) => ({
  ...shown(found),
  CreatedBy: found.createdBy,
}));

export const enableRule = events('enableRule', atRule, (ctx, _input, located) =>
  setState(ctx, located, 'ENABLED'),
);

export const disableRule = events('disableRule', atRule, (ctx, _input, located) =>
  setState(ctx, located, 'DISABLED'),
);

async function setState(
  ctx: ServiceContext,
  located: LocatedRule,
  state: 'ENABLED' | 'DISABLED',
): Promise<object> {
  return ctx.transaction(async (tx) => {
    const { policy: _, ...known } = await need(tx, rule, located);
    // One that listens to all management events is enabled already.
    if (state !== 'ENABLED' || !isEnabled(known)) await save(ctx, tx, { ...known, state }, known);
    return {};
  });
}

export const deleteRule = events('deleteRule', atRule, async (ctx, _input, located) =>
  ctx.transaction(async (tx) => {
    const found = await rule.find(tx, located);
    // What is gone already is deleted.
    if (!found) return {};
    if ((await listTargets(tx, located)).length > 0)
      throw invalid("Rule can't be deleted since it has targets.");
    await deleteTargets(tx, located, []);
    await deleteRow(tx, found);
    return {};
  }),
);

/** Of operations on all rules of a bus. */
const onBus = on(bus, (input: { EventBusName?: string | undefined }) => input.EventBusName);

export const listRules = events('listRules', onBus, async (ctx, input, found) => {
  const rules = await listRows(ctx.db, found, found.name);
  const named = rules.filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
  const { items, next } = paginate(ctx, input, named, ({ name }) => name);
  return { Rules: items.map(shown), ...next };
});

export const listRuleNamesByTarget = events(
  'listRuleNamesByTarget',
  onBus,
  async (ctx, input, { accountId, region, name }) => {
    const place = { accountId, region, bus: name };
    const names = await listRulesOfTarget(ctx.db, place, input.TargetArn ?? '');
    const { items, next } = paginate(ctx, input, names, (each) => each);
    return { RuleNames: items, ...next };
  },
);

export const testEventPattern = events('testEventPattern', {}, async (_ctx, input) => {
  const { EventPattern = '', Event = '' } = input;
  checkPattern(EventPattern);
  return { Result: compilePattern(EventPattern)(readEvent(Event)) };
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
const NEEDED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

function readEvent(text: string): object {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw invalidParameter('Event');
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw invalidParameter('Event');
  const missing = NEEDED.filter((name) => name !== 'resources' && !Object.hasOwn(event, name));
  if (missing.length > 0)
    throw invalid(`Parameter Event is not valid. Reason: it has no ${missing.join(', ')}.`);
  return event;
}
