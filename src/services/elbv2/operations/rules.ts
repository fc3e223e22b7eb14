import { randomBytes } from 'node:crypto';
import { unsupported } from '../../../aws/errors.ts';
import { need, on, onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import {
  configuration,
  defaultRule,
  invalid,
  priorityInUse,
  ruleNotFound,
  tooManyRules,
} from '../errors.ts';
import { MAX_RULES } from '../limits.ts';
import { childArn } from '../model/arns.ts';
import { layerOf } from '../model/protocols.ts';
import { readActions, readConditions } from '../model/rules.ts';
import { isDefault, type Listener, type Rule } from '../model/things.ts';
import { changed } from '../reconcilers/change.ts';
import { listener, onListener, rule } from '../resources/kinds.ts';
import {
  deleteRule as deleteRow,
  findListener,
  findRule,
  insertRule,
  listRules,
  setPriority,
  updateRule,
} from '../store/listeners.ts';
import { forgetUnused } from '../store/targets.ts';
import { elbv2 } from './declare.ts';
import { checkGroups, ownListener } from './listeners.ts';
import { newTags, paged } from './pages.ts';

const onRule = on(rule, ({ RuleArn }: { RuleArn: string | undefined }) => RuleArn);

export const createRule = elbv2('createRule', onListener, async (ctx, input, of) => {
  if (input.Transforms?.length) throw unsupported('transforms of rules');
  if (layerOf(of.protocol) === 'TCP')
    throw configuration('Rules are not supported for listeners of this protocol');
  const { Priority: priority = 1 } = input;
  const made: Rule = {
    ...{ arn: childArn(of.arn, randomBytes(8).toString('hex')), listenerArn: of.arn, priority },
    conditions: readConditions(input.Conditions ?? []),
    actions: readActions(input.Actions ?? [], of.protocol),
    tags: {},
  };
  made.tags = await newTags(ctx, made.arn, 'CreateRule', input.Tags);
  await ctx.transaction(async (tx) => {
    await need(tx, listener, listener.locate(ctx, of.arn));
    const all = await listRules(tx, of.arn);
    if (all.some((one) => one.priority === priority)) throw priorityInUse(priority);
    if (all.length > MAX_RULES) throw tooManyRules();
    await checkGroups(ctx, tx, made, of);
    await insertRule(tx, made, of.balancerArn);
    await changed(ctx, tx, of.balancerArn);
  });
  return { Rules: [shown(made)] };
});

const shown = (found: Rule) => ({
  ...{ RuleArn: found.arn, Priority: isDefault(found) ? 'default' : String(found.priority) },
  ...{ Conditions: found.conditions, Actions: found.actions, IsDefault: isDefault(found) },
});

export const describeRules = elbv2('describeRules', {}, async (ctx, input) => {
  const { ListenerArn, RuleArns } = input;
  if (ListenerArn === undefined && !RuleArns?.length)
    throw invalid('You must specify either listener rule ARNs or a listener ARN');
  if (ListenerArn !== undefined && RuleArns?.length)
    throw invalid('Listener rule ARNs and a listener ARN cannot be specified at the same time');
  const all: Rule[] = [];
  if (ListenerArn !== undefined)
    append(all, await listRules(ctx.db, (await ownListener(ctx, ListenerArn)).arn));
  for (const arn of new Set(RuleArns)) all.push(await ownRule(ctx, arn));
  const { items, next } = paged(ctx, input, all, ({ priority, arn }) => [priority, arn]);
  return { Rules: items.map(shown), ...next };
});

async function ownRule(ctx: ServiceContext, arn: string): Promise<Rule> {
  const { accountId, region } = rule.locate(ctx, arn);
  const own = accountId === ctx.accountId && region === ctx.region;
  const found = own && (await findRule(ctx.db, arn));
  if (!found) throw ruleNotFound();
  return found;
}

async function listenerOf(db: Parameters<typeof findListener>[0], found: Rule): Promise<Listener> {
  const of = await findListener(db, found.listenerArn);
  if (!of) throw ruleNotFound();
  return of;
}

export const modifyRule = elbv2('modifyRule', onRule, async (ctx, input, { arn }) => {
  if (input.Transforms?.length) throw unsupported('transforms of rules');
  return ctx.transaction(async (tx) => {
    const found = await need(tx, rule, rule.locate(ctx, arn));
    if (isDefault(found)) throw defaultRule('modified');
    const of = await listenerOf(tx, found);
    const now: Rule = {
      ...found,
      ...(input.Conditions && { conditions: readConditions(input.Conditions) }),
      ...(input.Actions && { actions: readActions(input.Actions, of.protocol) }),
    };
    await checkGroups(ctx, tx, now, of);
    await updateRule(tx, now, of.balancerArn);
    await forgetUnused(tx, ctx);
    await changed(ctx, tx, of.balancerArn);
    return { Rules: [shown(now)] };
  });
});

export const deleteRule = elbv2('deleteRule', onRule, async (ctx, _input, { arn }) => {
  await ctx.transaction(async (tx) => {
    const found = await need(tx, rule, rule.locate(ctx, arn));
    if (isDefault(found)) throw defaultRule('deleted');
    const { balancerArn } = await listenerOf(tx, found);
    await deleteRow(tx, arn);
    await forgetUnused(tx, ctx);
    await changed(ctx, tx, balancerArn);
  });
  return {};
});

/** All at once, so that two may change places. */
export const setRulePriorities = elbv2(
  'setRulePriorities',
  onEach(
    rule,
    ({ RulePriorities }: { RulePriorities: { RuleArn?: string | undefined }[] | undefined }) =>
      (RulePriorities ?? []).map(({ RuleArn }) => RuleArn),
  ),
  async (ctx, input, asked) => {
    if (asked.some(({ thing }) => thing === undefined)) throw ruleNotFound();
    const wanted = new Map<string, number>();
    for (const { RuleArn = '', Priority } of input.RulePriorities ?? []) {
      if (Priority === undefined) throw invalid('A priority must be specified');
      wanted.set(RuleArn, Priority);
    }
    return ctx.transaction(async (tx) => {
      const found: Rule[] = [];
      for (const { located } of asked) found.push(await need(tx, rule, located));
      if (found.some(isDefault)) throw defaultRule('modified');
      const listeners = new Set(found.map(({ listenerArn }) => listenerArn));
      for (const arn of listeners) {
        const after = (await listRules(tx, arn)).map((one) => wanted.get(one.arn) ?? one.priority);
        const twice = after.find((priority, index) => after.indexOf(priority) !== index);
        if (twice !== undefined) throw priorityInUse(twice);
      }
      // By way of numbers that nobody else has: one at a time, two would have the same for a moment.
      for (const [index, { arn }] of found.entries()) await setPriority(tx, arn, -1 - index);
      const now = found.map((one) => ({ ...one, priority: wanted.get(one.arn) ?? one.priority }));
      for (const { arn, priority } of now) await setPriority(tx, arn, priority);
      const balancers = new Set<string>();
      for (const one of found) balancers.add((await listenerOf(tx, one)).balancerArn);
      for (const arn of balancers) await changed(ctx, tx, arn);
      return { Rules: now.map(shown) };
    });
  },
);
