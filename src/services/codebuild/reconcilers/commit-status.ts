import { defineReconciler } from '../../../engine/engine.ts';
import { ForgeRefused } from '../../../kit/forges/api.ts';
import { putStatus } from '../../../kit/forges/statuses.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { STATUS_AGAIN_MS, STATUS_ATTEMPTS } from '../limits.ts';
import { PhaseFailure } from '../model/build-state.ts';
import * as store from '../store/commit-statuses.ts';
import { sweeps } from '../sweeps.ts';
import { forgeApi } from '../webhooks/forge-api.ts';
import { COMMIT_STATUS } from './names.ts';

/**
 * Tells a forge the status of a commit: the last that was wanted, until the forge has taken it or been asked often enough.
 * Told twice it is the same.
 */
export const commitStatusReconciler = defineReconciler<Platform>({
  name: COMMIT_STATUS,
  async reconcile(platform, id) {
    const found = await store.findStatus(platform.db, id);
    if (!found) return undefined;
    const now = platform.clock.now();
    const failure = await tell(platform, found.wanted);
    const again = failure?.passes === true && found.attempts + 1 < STATUS_ATTEMPTS;
    if (again) {
      await platform.transaction((tx) => store.noteAttempt(tx, id, found.version));
      return new Date(now.getTime() + STATUS_AGAIN_MS * 2 ** found.attempts);
    }
    if (failure)
      platform.log.warn(
        { status: id, reason: failure.reason },
        'The source provider was not told of a build',
      );
    const gone = await platform.transaction((tx) => store.deleteStatus(tx, id, found.version));
    // Another one was wanted meanwhile.
    return gone ? undefined : now;
  },
  sweep: sweeps[COMMIT_STATUS],
});

/** @returns why it was not told; undefined where it was */
async function tell(
  platform: Platform,
  { accountId, region, project, serviceRole, source, status }: store.WantedStatus,
): Promise<{ reason: string; passes: boolean } | undefined> {
  const who = { accountId, region, id: `${project}:status`, serviceRole };
  try {
    const api = await forgeApi(platform, who, source);
    if ('missing' in api) return { reason: api.missing, passes: false };
    await putStatus(platform, api, status);
    return undefined;
  } catch (error) {
    if (error instanceof ForgeRefused) return { reason: error.message, passes: error.passes };
    if (error instanceof PhaseFailure || isRefusal(error))
      return { reason: (error as Error).message, passes: false };
    throw error;
  }
}
