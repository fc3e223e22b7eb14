import { STEP_MARGIN_MS } from '../limits.ts';
import { workOf } from '../model/build-draft.ts';
import { deadlineOf, NEVER } from '../model/deadlines.ts';
import { buildKey, workTopic } from '../reconcilers/names.ts';
import * as store from '../store/builds.ts';
import type { Session } from './session.ts';

/** A step was cut short: the build has moved on, or its time is up. What it has begun must not commit any more. */
export class StepEnded extends Error {
  override readonly name = 'StepEnded';
}

/**
 * Does the work of a build until it is done, the build has other work (StopBuild) or its phase's time is up: then its
 * signal aborts, and after a moment nobody waits for it any more. So nothing that a build does or holds can hold its slot.
 * @throws StepEnded
 */
export async function bounded(
  session: Session,
  step: (session: Session) => Promise<void>,
): Promise<void> {
  const { platform, stored, signal } = session;
  const own = new AbortController();
  const over = new AbortController();
  const end = () => own.abort(new StepEnded('the step was ended'));
  // Also on a full disk, which keeps the build itself from being told.
  const cancel = platform.clock.at(deadlineOf(stored), end);
  const ended = movedOn(session, over.signal).then((moved) => moved && end());
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
    await Promise.race([work, cut]);
  } catch (error) {
    throw own.signal.aborted ? own.signal.reason : error;
  } finally {
    cancel();
    over.abort();
    await ended;
  }
}

/** Resolves to true once the build has other work, on whatever server that was decided; to undefined when it is over before. */
function movedOn(
  { platform, stored, work }: Session,
  signal: AbortSignal,
): Promise<true | undefined> {
  const look = async () => {
    try {
      const fresh = await store.findBuild(platform.db, stored, stored.id);
      return !fresh || workOf(fresh) !== work || undefined;
    } catch {
      // The database is away; it is looked again.
      return undefined;
    }
  };
  return platform.engine.heard(workTopic(buildKey(stored, stored.id)), look, {
    until: NEVER,
    signal,
  });
}
