import * as store from '../store.ts';
import { tellEnded } from './ended.ts';
import { writeClosingLines } from './log-writer.ts';
import { movePhase, type Session } from './session.ts';
import { removeTemporary } from './work-place.ts';

/** The first that waits may be one too many of its size: the next may not. Others are swept. */
const WOKEN = 10;

/**
 * FINALIZING: nothing left behind, the log's last lines, and the slot for the next. In this order: the build may have
 * filled the disk, and the rest needs room.
 */
export async function finish(session: Session): Promise<void> {
  const { platform, stored } = session;
  if (stored.run.handle) await platform.executor.remove(stored.run.handle);
  await removeTemporary(platform.config, stored);
  await writeClosingLines(session, stored.run.closingLines ?? []);
  await complete(session);
}

/** The build is over. @param message why something is left behind all the same */
export async function complete({ platform, stored }: Session, message?: string): Promise<void> {
  await platform.transaction(async (tx) => {
    const fresh = await store.findBuild(tx, stored, stored.id);
    if (!fresh || fresh.slot === 'done') return;
    const at = platform.clock.now();
    const end = { status: 'SUCCEEDED', at, ...(message && { message }) } as const;
    const build = await movePhase(platform, tx, fresh, fresh.build, end);
    await store.updateBuild(tx, fresh, fresh.id, { build, slot: 'done', secrets: '' });
    for (const key of await store.keysInSlots(tx, ['queued'], WOKEN)) {
      await platform.engine.wake(tx, 'codebuild/build', key);
    }
    await tellEnded(tx, platform, stored, stored.id);
  });
}
