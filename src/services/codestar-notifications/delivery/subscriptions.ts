import type { Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { SOURCES } from '../model/event-types.ts';
import { ruleArn } from '../model/rule.ts';
import { queueOf } from '../model/target.ts';
import { addDelivery } from '../store/deliveries.ts';
import { heard } from '../store/heard.ts';
import { wants } from '../wants.ts';
import { rulesWanting } from './matching.ts';
import { DELIVER, HEARS } from './names.ts';

/** Owes an event to each target of each rule that wants it, once, however often it comes. */
export const subscriptions: Subscription<Platform>[] = [
  {
    name: HEARS,
    pattern: { source: SOURCES },
    wants: wants[HEARS],
    inOrder: true,
    async deliver(ctx, event) {
      const startedAt = ctx.clock.now();
      await ctx.transaction(async (tx) => {
        if (!(await heard.hear(tx, event.id, startedAt))) return;
        for (const rule of await rulesWanting(tx, event))
          for (const address of rule.targets) {
            const queue = queueOf(ruleArn(rule), address);
            await addDelivery(tx, { queue, startedAt, event, attempts: 0 });
            await ctx.engine.wake(tx, DELIVER, queue);
          }
      });
    },
  },
];
