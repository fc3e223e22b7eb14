import { need } from '../../../kit/resource.ts';
import { invalid } from '../errors.ts';
import { targetSummaryOf } from '../model/target.ts';
import { atRule, rule } from '../resources/rule.ts';
import { listRules, saveRule } from '../store/rules.ts';
import {
  addTarget,
  deleteTarget as deleteRow,
  listTargets as readTargets,
} from '../store/targets.ts';
import { checkedTarget, checkTargetCount } from './checks.ts';
import { notifications } from './declare.ts';
import { filtered, paginate } from './pages.ts';
import { dropQueues } from './rules.ts';

export const listTargets = notifications('listTargets', {}, async (ctx, input) => {
  const shown = filtered(await readTargets(ctx.db, ctx), input.Filters, (one) => ({
    TARGET_TYPE: [one.type],
    TARGET_ADDRESS: [one.address],
    TARGET_STATUS: [one.status],
  }));
  const page = paginate(ctx, input, shown, ({ address }) => address);
  return { Targets: page.items.map(targetSummaryOf), ...page.next };
});

export const deleteTarget = notifications(
  'deleteTarget',
  {},
  async (ctx, { TargetAddress: address, ForceUnsubscribeAll: force }) => {
    await ctx.transaction(async (tx) => {
      const using = (await listRules(tx, ctx)).filter(({ targets }) => targets.includes(address));
      if (using.length > 0 && !force)
        throw invalid('The target is subscribed to notification rules: ForceUnsubscribeAll.');
      for (const one of using) {
        await saveRule(tx, { ...one, targets: one.targets.filter((each) => each !== address) });
        await dropQueues(tx, one, [address]);
      }
      await deleteRow(tx, ctx, address);
    });
    return {};
  },
);

export const subscribe = notifications(
  'subscribe',
  atRule,
  async (ctx, { Arn, Target }, located) => {
    const target = checkedTarget(ctx, Target);
    await ctx.transaction(async (tx) => {
      const found = await need(tx, rule, located);
      const targets = [...new Set([...found.targets, target.address])];
      checkTargetCount(targets.length);
      await addTarget(tx, ctx, target);
      await saveRule(tx, { ...found, targets, modifiedAt: ctx.clock.now() });
    });
    return { Arn };
  },
);

/** Nothing happens where there is nothing: it has no error for that. */
export const unsubscribe = notifications(
  'unsubscribe',
  atRule,
  async (ctx, { Arn, TargetAddress: address }, located) => {
    await ctx.transaction(async (tx) => {
      const found = await rule.find(tx, located);
      if (!found?.targets.includes(address)) return;
      const targets = found.targets.filter((each) => each !== address);
      await saveRule(tx, { ...found, targets, modifiedAt: ctx.clock.now() });
      await dropQueues(tx, found, [address]);
    });
    return { Arn };
  },
);
