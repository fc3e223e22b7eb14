import type { Executors } from '../../../executors/several.ts';
import { passed } from '../../../lib/clock.ts';
import { isStorageFull } from '../../../lib/storage-full.ts';
import { RETRY_MS, STOP_GRACE_MS } from '../limits.ts';
import { commitChange, type Session } from './session.ts';

/** Who has written nothing for so long before the disk was full has not filled it. */
const WRITTEN_MS = 60_000;
const LOOK_MS = 2_000;

const FILLED = 'the disk of the build machine was full, and this build had filled it';

type Largest = ReturnType<Executors['largest']>;
/** Builds that ask at a time share the answer. */
const asking = new WeakMap<Executors, Largest>();
/** Where a build is being ended: until it has given back what it holds, the next largest would be taken for the one. */
const ending = new WeakSet<Executors>();

/**
 * Whether this build is the one that keeps the disk full: it has been full for as long as other steps are tried again, and of
 * all that runs here this has written most since shortly before it was, so much that its end gives the reserve back. One
 * whose tree is large and old is not, nor is any where somebody else has filled the disk.
 */
export async function fillsDisk({ platform, stored }: Session): Promise<boolean> {
  const { disk, executors } = platform;
  const since = disk.isFull() ? disk.fullSince : undefined;
  if (!since || Date.now() - since.at < RETRY_MS || ending.has(executors)) return false;
  let question = asking.get(executors);
  if (!question) {
    question = executors
      .largest(since.found ? undefined : since.at - WRITTEN_MS)
      .finally(() => asking.delete(executors));
    asking.set(executors, question);
  }
  const largest = await question;
  if (!largest || largest.handle !== stored.run.handle || largest.bytes < disk.bytes) return false;
  // It may have made room while it was measured, or another look at the same answer may have begun to end it.
  return disk.isFull() && !ending.has(executors);
}

/** Ends the work of a build that fills the disk and gives up what it holds; `follow` then ends the build. */
export async function endFiller(session: Session): Promise<void> {
  const { executors } = session.platform;
  ending.add(executors);
  try {
    await end(session);
  } finally {
    ending.delete(executors);
  }
}

async function end(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { handle = '' } = stored.run;
  const note = () => commitChange(session, { run: { fault: FILLED } });
  // Before the work ends, or nobody would know why it did; what it goes on writing may have taken all room.
  const noted = await note().then(
    () => true,
    (error) => {
      if (!isStorageFull(error)) throw error;
      return false;
    },
  );
  platform.log.warn({ build: stored.id }, 'a build that filled the disk was ended');
  await platform.executors.stop(handle, STOP_GRACE_MS);
  await platform.executors.reclaim(handle);
  if (platform.disk.isFull()) await platform.executors.reclaim(handle, { output: true });
  if (!noted) await note();
}

/** Looks until the signal aborts, and ends the build when it is the one: what it has begun then, it finishes. */
export async function watchFiller(session: Session, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    if (await fillsDisk(session)) return endFiller(session);
    await passed(session.platform.clock, LOOK_MS, until);
  }
}
