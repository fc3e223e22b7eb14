import type { Tx } from '../../db/database.ts';
import type { EventKind, Subscription } from '../../engine/events.ts';
import type { Platform } from '../../kit/platform.ts';
import type { Clock } from '../../lib/clock.ts';
import { SHOWN } from '../model/sight.ts';
import { isWatched, keepEvent, type Place } from '../store/live.ts';
import { topicOf } from './topic.ts';

/** Who delivers waits for the place's row: serializable, each but the first would begin again, and again. */
const ONE_ROW = { isolation: 'read committed' } as const;

const placeOf = ({ account: accountId, region }: EventKind): Place => ({ accountId, region });

/** Keeps events of accounts and regions that somebody has the console open for, over all nodes. Of others none is even owed. */
export function liveEvents(clock: Clock): Subscription<Platform> {
  const isWanted = (tx: Tx, kind: EventKind) => isWatched(tx, placeOf(kind), clock.now().getTime());
  return {
    name: 'console/live',
    pattern: SHOWN,
    wants: isWanted,
    mayWant: isWanted,
    async deliver({ transaction, engine }, event) {
      const place = placeOf(event);
      await transaction(async (tx) => {
        if (await keepEvent(tx, place, event)) await engine.ring(tx, topicOf(place));
      }, ONE_ROW);
    },
  };
}
