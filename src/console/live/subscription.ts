import type { Subscription } from '../../engine/events.ts';
import type { Platform } from '../../kit/platform.ts';
import type { Clock } from '../../lib/clock.ts';
import { SHOWN } from '../model/sight.ts';
import { isWatched, keepEvent } from '../store/live.ts';
import { topicOf } from './topic.ts';

/** Who delivers waits for the place's row: serializable, each but the first would begin again, and again. */
const ONE_ROW = { isolation: 'read committed' } as const;

/** Keeps events of accounts and regions that somebody has the console open for, over all nodes. Of others none is even owed. */
export function liveEvents(clock: Clock): Subscription<Platform> {
  return {
    name: 'console/live',
    pattern: SHOWN,
    wants: (tx, { account: accountId, region }) =>
      isWatched(tx, { accountId, region }, clock.now().getTime()),
    mayWant: (tx, { account: accountId, region }) =>
      isWatched(tx, { accountId, region }, clock.now().getTime()),
    async deliver({ transaction, engine }, event) {
      const place = { accountId: event.account, region: event.region };
      await transaction(async (tx) => {
        if (await keepEvent(tx, place, event)) await engine.ring(tx, topicOf(place));
      }, ONE_ROW);
    },
  };
}
