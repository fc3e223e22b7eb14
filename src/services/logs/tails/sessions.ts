import type { ServiceContext } from '../../../kit/service.ts';
import { limitExceeded } from '../errors.ts';
import { MAX_TAIL_MS, MAX_TAILS } from '../limits.ts';

/** Sessions of each account, by server: a process may have several. */
const servers = new WeakMap<object, Map<string, number>>();

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
  const sessions = servers.get(engine) ?? new Map<string, number>();
  servers.set(engine, sessions);
  const count = sessions.get(accountId) ?? 0;
  if (count >= MAX_TAILS) throw limitExceeded();
  sessions.set(accountId, count + 1);
  let open = true;
  const end = () => {
    if (!open) return;
    open = false;
    cancel();
    const left = (sessions.get(accountId) ?? 1) - 1;
    if (left > 0) sessions.set(accountId, left);
    else sessions.delete(accountId);
  };
  const cancel = clock.at(new Date(clock.now().getTime() + MAX_TAIL_MS), end);
  return end;
}
