import type { Report } from '@aws-sdk/client-codebuild';
import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import * as store from '../store/reports.ts';
import type { Owner } from '../store/tables.ts';
import { buildKey, EXPIRE_REPORT, parseBuildKey } from './names.ts';

/** Deletes a report when its time is over (CB-H3). Its key is that of a build, with the report's ARN for an id. */
export const expireReportReconciler = defineReconciler<Platform>({
  name: EXPIRE_REPORT,
  async reconcile(platform, key) {
    const { id: arn, ...owner } = parseBuildKey(key);
    const report = await store.findReport(platform.db, owner, arn);
    if (!report?.expired) return undefined;
    if (report.expired > platform.clock.now()) return report.expired;
    await platform.transaction((tx) => store.deleteReport(tx, owner, arn));
    return undefined;
  },
});

/** Notes when a report is to go, in the transaction that makes it. */
export async function wakeToExpire(
  { engine }: Pick<Platform, 'engine'>,
  tx: Tx,
  owner: Owner,
  { arn = '', expired }: Report,
): Promise<void> {
  await engine.wake(tx, EXPIRE_REPORT, buildKey(owner, arn), expired);
}
