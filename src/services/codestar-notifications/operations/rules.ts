import { randomBytes } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { at, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags } from '../../../kit/tags.ts';
import { limitExceeded, ruleExists } from '../errors.ts';
import { MAX_RULES, MAX_RULES_PER_RESOURCE } from '../limits.ts';
import { findEventType, summaryOf } from '../model/event-types.ts';
import { digestOf, type NotificationRule, ruleArn } from '../model/rule.ts';
import { queueOf, targetSummaryOf } from '../model/target.ts';
import { atRule, listensTo, newRule, onRule, rule, TAG_RULES } from '../resources/rule.ts';
import { dropQueue } from '../store/deliveries.ts';
import { deleteRule, listRules, saveRule } from '../store/rules.ts';
import { addTarget, findTargets } from '../store/targets.ts';
import { checkedEventTypes, checkedTargets, checkResource } from './checks.ts';
import { type Input, notifications } from './declare.ts';
import { filtered, paginate } from './pages.ts';

export const createNotificationRule = notifications(
  'createNotificationRule',
  at(newRule, () => undefined, {
    conditions: (_ctx, { Resource }: { Resource: string }) => listensTo(Resource),
  }),
  async (ctx, input) => {
    checkResource(ctx, input.Resource);
    checkNewTags(input.Tags ?? {}, TAG_RULES);
    const eventTypeIds = checkedEventTypes(input.EventTypeIds, input.Resource);
    const targets = checkedTargets(ctx, input.Targets);
    const made = newOne(ctx, input, eventTypeIds);
    return ctx.transaction(async (tx) => {
      const known = await listRules(tx, ctx);
      const again = sameRequest(known, made);
      if (again) return { Arn: ruleArn(again) };
      checkRoom(known, made);
      for (const target of targets) await addTarget(tx, ctx, target);
      await saveRule(tx, { ...made, targets: targets.map(({ address }) => address) });
      return { Arn: ruleArn(made) };
    });
  },
);

function newOne(
  ctx: ServiceContext,
  input: Input<'createNotificationRule'>,
  eventTypeIds: string[],
): NotificationRule {
  const now = ctx.clock.now();
  const { ClientRequestToken: token, ...said } = input;
  return {
    ...{ accountId: ctx.accountId, region: ctx.region },
    id: randomBytes(20).toString('hex'),
    ...{ name: input.Name, resource: input.Resource, eventTypeIds, targets: [] },
    ...{ detailType: input.DetailType, status: input.Status ?? 'ENABLED' },
    ...{ createdBy: ctx.principal.arn, createdAt: now, modifiedAt: now, tags: input.Tags ?? {} },
    ...(token !== undefined && { request: { token, digest: digestOf(said) } }),
  };
}

/** What the same call made when it came before. */
function sameRequest(known: readonly NotificationRule[], { request, name }: NotificationRule) {
  if (!request) return undefined;
  const before = known.find((one) => one.request?.token === request.token);
  if (before && before.request?.digest !== request.digest) throw ruleExists(name);
  return before;
}

/** @throws ResourceAlreadyExistsException, LimitExceededException */
function checkRoom(known: readonly NotificationRule[], { name, resource }: NotificationRule): void {
  if (known.some((one) => one.name === name)) throw ruleExists(name);
  if (known.length >= MAX_RULES)
    throw limitExceeded(`An account can have no more than ${MAX_RULES} notification rules.`);
  if (known.filter((one) => one.resource === resource).length >= MAX_RULES_PER_RESOURCE)
    throw limitExceeded(
      `A resource can have no more than ${MAX_RULES_PER_RESOURCE} notification rules.`,
    );
}

export const updateNotificationRule = notifications(
  'updateNotificationRule',
  onRule,
  async (ctx, input, { resource, ...at }) => {
    const { Name, Status, EventTypeIds, Targets, DetailType } = input;
    const targets = Targets && checkedTargets(ctx, Targets);
    const change = {
      ...(Name !== undefined && { name: Name }),
      ...(Status !== undefined && { status: Status }),
      ...(EventTypeIds && { eventTypeIds: checkedEventTypes(EventTypeIds, resource) }),
      ...(targets && { targets: targets.map(({ address }) => address) }),
      ...(DetailType !== undefined && { detailType: DetailType }),
    };
    await ctx.transaction(async (tx) => {
      const before = await need(tx, rule, rule.locate(ctx, ruleArn(at)));
      const after = { ...before, ...change, modifiedAt: ctx.clock.now() };
      const others = (await listRules(tx, ctx)).filter(({ id }) => id !== before.id);
      if (others.some(({ name }) => name === after.name)) throw ruleExists(after.name);
      for (const target of targets ?? []) await addTarget(tx, ctx, target);
      await saveRule(tx, after);
      await dropQueues(
        tx,
        before,
        before.targets.filter((one) => !after.targets.includes(one)),
      );
    });
    return {};
  },
);

/** Who is no target of a rule any more is told nothing more. */
export async function dropQueues(
  tx: Tx,
  of: NotificationRule,
  addresses: readonly string[],
): Promise<void> {
  for (const address of addresses) await dropQueue(tx, queueOf(ruleArn(of), address));
}

export const deleteNotificationRule = notifications(
  'deleteNotificationRule',
  atRule,
  async (ctx, { Arn }, located) => {
    await ctx.transaction(async (tx) => {
      const found = await rule.find(tx, located);
      if (!found) return;
      await deleteRule(tx, found);
      await dropQueues(tx, found, found.targets);
    });
    return { Arn };
  },
);

export const describeNotificationRule = notifications(
  'describeNotificationRule',
  onRule,
  async (ctx, { Arn }, found) => {
    const targets = await findTargets(ctx.db, found, found.targets);
    return {
      ...{ Arn, Name: found.name, Resource: found.resource, DetailType: found.detailType },
      EventTypes: found.eventTypeIds.flatMap((id) => {
        const type = findEventType(id);
        return type ? [summaryOf(type)] : [];
      }),
      Targets: targets.map(targetSummaryOf),
      ...{ CreatedBy: found.createdBy, Status: found.status, Tags: found.tags },
      ...{ CreatedTimestamp: found.createdAt, LastModifiedTimestamp: found.modifiedAt },
    };
  },
);

export const listNotificationRules = notifications(
  'listNotificationRules',
  {},
  async (ctx, input) => {
    const shown = filtered(await listRules(ctx.db, ctx), input.Filters, (one) => ({
      EVENT_TYPE_ID: one.eventTypeIds,
      CREATED_BY: [one.createdBy],
      RESOURCE: [one.resource],
      TARGET_ADDRESS: one.targets,
    }));
    const page = paginate(ctx, input, shown, ({ id }) => id);
    const NotificationRules = page.items.map((one) => ({ Id: one.id, Arn: ruleArn(one) }));
    return { NotificationRules, ...page.next };
  },
);
