import { cleared } from '../model/commands.ts';
import { patienceFor, writeClosingLines } from './log-writer.ts';
import { putS3Log } from './s3-log.ts';
import { commit, type Session } from './session.ts';
import { removeTemporary } from './work-place.ts';

/**
 * FINALIZING: nothing left behind, the log's last lines, and the slot for the next. In this order: the build may have
 * filled the disk, and the rest needs room.
 */
export async function finish(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { closingLines = [] } = stored.run;
  const missing = await putS3Log(session, closingLines, patienceFor(session));
  if (stored.run.handle) await platform.executors.remove(stored.run.handle);
  await removeTemporary(platform.config, stored);
  await writeClosingLines(session, [...closingLines, ...missing]);
  await commit(session, cleared);
}
