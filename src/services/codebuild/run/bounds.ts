import { EventEmitter } from 'node:events';
import { STEP_MARGIN_MS } from '../limits.ts';
import type { PhaseEnd } from '../model/build-state.ts';
import { deadlineOf, overdue } from '../model/deadlines.ts';
import * as store from '../store.ts';
import type { Session } from './session.ts';

/** StopBuild may have been called on another server. */
const LOOK_MS = 1000;

/** Says the key of a build that is to stop, to whoever works at it on this server. */
export const stops = new EventEmitter().setMaxListeners(0);

/** A step was cut short. What it has begun must not commit any more. */
export class StepEnded extends Error {
  readonly end: PhaseEnd;

  constructor(end: PhaseEnd) {
    super(`the step was ended: ${end.status}`);
    this.end = end;
  }
}

/**
 * Runs a step of a build until it is done, StopBuild is called or its phase's time is up: then its signal aborts, and
 * after a moment nobody waits for it any more. So nothing that a build does or holds can hold its slot.
 * @param stoppable false when the step ends by itself after StopBuild
 * @throws StepEnded
 */
export async function bounded<T>(
  session: Session,
  stoppable: boolean,
  step: (session: Session) => Promise<T>,
): Promise<T> {
  const { platform, stored, signal } = session;
  const own = new AbortController();
  const end = (status: 'STOPPED' | 'TIMED_OUT') => {
    const at = platform.clock.now();
    own.abort(new StepEnded(status === 'STOPPED' ? { status, at } : overdue(stored, at)));
  };
  const cancel = platform.clock.at(deadlineOf(stored), () => end('TIMED_OUT'));
  const unwatch = stoppable ? watchStop(session, () => end('STOPPED')) : () => {};
  const work = step({ ...session, signal: AbortSignal.any([signal, own.signal]) });
  const cut = new Promise<never>((_, reject) => {
    own.signal.addEventListener('abort', () => {
      const give = () => reject(own.signal.reason);
      const timer = setTimeout(give, STEP_MARGIN_MS);
      work.finally(() => clearTimeout(timer)).then(give, give);
    });
  });
  cut.catch(() => {});
  try {
    // A step that came to its end in spite of all has the last word only when nobody had ended it.
    const result = await Promise.race([work, cut]);
    if (own.signal.aborted) throw own.signal.reason;
    return result;
  } catch (error) {
    throw own.signal.aborted ? own.signal.reason : error;
  } finally {
    cancel();
    unwatch();
  }
}

/** Calls `stop` when StopBuild is called for the build, on whatever server, until the result is called. */
export function watchStop({ platform, stored }: Session, stop: () => void): () => void {
  const key = store.buildKey(stored, stored.id);
  const heard = (stopped: string) => {
    if (stopped === key) stop();
  };
  stops.on('stop', heard);
  const look = async () => {
    const fresh = await store.findBuild(platform.db, stored, stored.id);
    if (fresh?.stopRequested) stop();
  };
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  return () => {
    stops.off('stop', heard);
    clearInterval(timer);
  };
}
