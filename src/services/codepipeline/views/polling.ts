import type { Platform } from '../../../kit/service.ts';
import { pollingEnd } from '../model/polling.ts';
import { lastActive } from '../store/history.ts';
import type { PipelineRecord } from '../store/pipelines.ts';

/** When polling for changes of its sources has ended; undefined while it goes on (CP-A50). */
export async function pollingEnded(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  pipeline: PipelineRecord,
): Promise<Date | undefined> {
  const now = clock.now();
  // Most were changed since.
  if (!pollingEnd(pipeline.updated, now)) return undefined;
  return pollingEnd(await lastActive(db, pipeline), now);
}
