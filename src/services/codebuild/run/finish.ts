import { cleared } from '../model/commands.ts';
import { writeClosingLines } from './log-writer.ts';
import { commit, type Session } from './session.ts';
import { removeTemporary } from './work-place.ts';

/**
 * FINALIZING: nothing left behind, the log's last lines, and the slot for the next. In this order: the build may have
 * filled the disk, and the rest needs room.
 */
export async function finish(session: Session): Promise<void> {
  const { platform, stored } = session;
  if (stored.run.handle) await platform.executors.remove(stored.run.handle);
  await removeTemporary(platform.config, stored);
  await writeClosingLines(session, stored.run.closingLines ?? []);
  await commit(session, cleared);
}
