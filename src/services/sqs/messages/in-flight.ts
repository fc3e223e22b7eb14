import type { ServiceContext } from '../../../kit/service.ts';
import { MAX_IN_FLIGHT, MAX_MESSAGES } from '../limits.ts';
import { countInFlight } from '../store/messages.ts';

/** Beyond these queues the oldest is forgotten, and counted again. */
const MOST_QUEUES = 10_000;
/** By queue: how many this server may hand out before it counts again. To count all at each receive would take longer than the receive. */
const allowances = new Map<string, number>();

/** May a queue have as many more in flight? Approximately, as at AWS: several servers each have a share of what is left. */
export async function mayTake(
  ctx: ServiceContext,
  queueId: string,
  count: number,
): Promise<boolean> {
  let allowed = allowances.get(queueId) ?? 0;
  if (allowed < count) {
    const now = ctx.clock.now().getTime();
    const left = MAX_IN_FLIGHT - (await countInFlight(ctx.db, queueId, now, MAX_IN_FLIGHT));
    if (left <= 0) return false;
    allowed = Math.max(MAX_MESSAGES, Math.floor(left / 4));
    if (allowances.size >= MOST_QUEUES) allowances.delete(allowances.keys().next().value as string);
  }
  allowances.set(queueId, allowed - count);
  return true;
}
