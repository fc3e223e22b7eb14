import type { ServiceContext } from '../../../kit/service.ts';
import { Room } from '../../../lib/room.ts';
import { limitExceeded } from '../errors.ts';
import { MAX_TAIL_MS, MAX_TAILS } from '../limits.ts';

/** Sessions of each account, by server: a process may have several. */
const servers = new WeakMap<object, Room>();

/**
 * Counts a live tail, for as long as one may last: also where its client does not read on, and so does not hear of the end.
 * @returns what ends it before
 * @throws LimitExceededException
 */
export function enterTail({
  engine,
  clock,
  accountId,
}: Pick<ServiceContext, 'engine' | 'clock' | 'accountId'>): () => void {
  const sessions = servers.get(engine) ?? new Room();
  servers.set(engine, sessions);
  const leave = sessions.enter([accountId, MAX_TAILS]);
  if (!leave) throw limitExceeded();
  const end = () => {
    cancel();
    leave();
  };
  const cancel = clock.at(new Date(clock.now().getTime() + MAX_TAIL_MS), end);
  return end;
}
