import type { Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { DEFAULT_BUS } from '../model/names.ts';
import { heard } from '../store/heard.ts';
import { wants } from '../wants.ts';
import { fanOut } from './fan-out.ts';

/** All events of services come to the default bus of their account and region. */
export const subscriptions: Subscription<Platform>[] = [
  {
    name: 'events/default-bus',
    pattern: {},
    wants: wants['events/default-bus'],
    async deliver(ctx, event) {
      const place = { accountId: event.account, region: event.region, bus: DEFAULT_BUS };
      await ctx.transaction(async (tx) => {
        if (await heard.hear(tx, event.id, ctx.clock.now())) await fanOut(ctx, tx, place, event);
      });
    },
  },
];
