import { parseArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { fanOut } from '../delivery/fan-out.ts';
import { REPLAY } from '../delivery/names.ts';
import { replay as resource } from '../resources/archive.ts';
import { readArchive } from '../store/archives.ts';
import { type Replay, saveReplay } from '../store/replays.ts';
import { sweeps } from '../sweeps.ts';

/** Events that one transaction puts on the bus again. */
const AT_ONCE = 50;

/** Puts what an archive has of a time on its bus once more, the oldest first. */
export const replay = defineReconciler<Platform>({
  name: REPLAY,
  async reconcile(ctx, key) {
    const arn = parseArn(key);
    const located = arn && resource.parse(arn);
    if (!located) return undefined;
    return ctx.transaction(async (tx) => {
      const found = await resource.find(tx, located);
      if (found?.state === 'CANCELLING') return end(ctx, tx, found, 'CANCELLED');
      if (found?.state !== 'STARTING' && found?.state !== 'RUNNING') return undefined;
      return step(ctx, tx, found);
    });
  },
  sweep: sweeps[REPLAY],
});

async function step(ctx: Platform, tx: Tx, found: Replay): Promise<'now' | undefined> {
  const { accountId, region, bus, name, archiveId, filterArns: onlyRules } = found;
  const period = { start: found.from.getTime(), end: found.to.getTime(), after: found.after };
  const kept = await readArchive(tx, archiveId, period, AT_ONCE);
  const last = kept.at(-1);
  if (!last) return end(ctx, tx, found, 'COMPLETED');
  for (const { event } of kept) {
    const again = { ...event, 'replay-name': name };
    await fanOut(ctx, tx, { accountId, region, bus }, again, onlyRules ? { onlyRules } : {});
  }
  await saveReplay(tx, { ...found, state: 'RUNNING', after: last.key });
  return 'now';
}

async function end(
  { clock }: Platform,
  tx: Tx,
  found: Replay,
  state: 'COMPLETED' | 'CANCELLED',
): Promise<undefined> {
  await saveReplay(tx, { ...found, state, endedAt: clock.now() });
}
