import { setTimeout } from 'node:timers/promises';
import { STOPPED_CLEARING_MS } from '../limits.ts';
import { cleared } from '../model/commands.ts';
import { patienceFor, wasEnded, writeClosingLines } from './log-writer.ts';
import { putS3Log } from './s3-log.ts';
import { commit, type Session } from './session.ts';
import { removeTemporary } from './work-place.ts';

/**
 * FINALIZING: nothing left behind, the log's last lines, and the slot for the next. In this order: the build may have
 * filled the disk, and the rest needs room.
 */
export async function finish(session: Session): Promise<void> {
  const { closingLines = [] } = session.stored.run;
  const patience = patienceFor(session);
  const missing = await putS3Log(session, closingLines, patience);
  const clearing = clearAway(session);
  clearing.catch(() => {});
  // Who has stopped a build waits for the longer of the two.
  if (!wasEnded(session.stored)) await clearing;
  await writeClosingLines(session, [...closingLines, ...missing], patience);
  const later = await clearing;
  await commit(session, (draft) => cleared(draft, later));
}

/** @returns whether it goes on: nobody who has stopped a build waits for all of its files to go */
async function clearAway({ platform, stored }: Session): Promise<boolean> {
  const clearing = (async () => {
    if (stored.run.handle) await platform.executors.remove(stored.run.handle);
    await removeTemporary(platform.config, stored);
    return false;
  })();
  if (!wasEnded(stored)) return clearing;
  // What becomes of it then is the affair of `codebuild/leftovers`, which does it once more.
  clearing.catch(() => {});
  const enough = new AbortController();
  const late = setTimeout(STOPPED_CLEARING_MS, true, enough).catch(() => true);
  return Promise.race([clearing, late]).finally(() => enough.abort());
}
