import type { Tx } from '../../../db/database.ts';
import { bearableBuilds } from '../../../executors/capacity.ts';
import type { Platform } from '../../../kit/service.ts';
import { RUNNING_BUILDS } from '../limits.ts';
import * as store from '../store/builds.ts';

/** Is there a slot on the machines, for everybody, and under the account's quota for builds of this size? */
export async function hasRoom(
  { config, quotas }: Pick<Platform, 'config' | 'quotas'>,
  tx: Tx,
  build: store.StoredBuild,
): Promise<boolean> {
  const machine = config.builds ?? bearableBuilds();
  if ((await store.countRunning(tx)) >= machine) return false;
  const quota = RUNNING_BUILDS[build.inputs.environment.computeType ?? ''];
  if (!quota) return true;
  const allowed = await quotas.value(tx, build, 'codebuild', quota);
  return (await store.countRunningOn(tx, build, build.inputs.environment.computeType)) < allowed;
}
