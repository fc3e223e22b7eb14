import type { Project } from '@aws-sdk/client-codebuild';
import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { ORPHANS_AFTER_MS } from '../limits.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { vpcOf } from '../model/fleet.ts';
import { mountsOf, networkOf } from '../model/places.ts';
import { activeInputs } from '../store/builds.ts';
import { everyProject } from '../store/projects.ts';
import type { Owner } from '../store/tables.ts';
import { buildKey, PLACES, parseBuildKey } from './names.ts';

/**
 * Removes the network that stands for a VPC when no build is in it, and the volume that stands for a file system when no
 * project names it.
 */
export const placesReconciler = defineReconciler<Platform>({
  name: PLACES,
  async reconcile(platform, key) {
    const { id, ...owner } = parseBuildKey(key);
    const [kind, name = ''] = id.split('/');
    const inputs = await activeInputs(platform.db, owner);
    if (kind === 'network') {
      // Who ends it wakes this again.
      const used = inputs.some((each) => networkOf(vpcOf(each), owner) === name);
      if (!used) await platform.executors.removeNetwork(name);
      return undefined;
    }
    const named = (locations: Project['fileSystemLocations']) =>
      mountsOf(locations ?? [], owner).some(({ volume }) => volume === name);
    const projects = await everyProject(platform.db, owner);
    if (projects.some(({ fileSystemLocations }) => named(fileSystemLocations))) return undefined;
    if (inputs.some(({ fileSystemLocations }) => named(fileSystemLocations)))
      return new Date(platform.clock.now().getTime() + ORPHANS_AFTER_MS);
    await platform.executors.removeVolume(name);
    return undefined;
  },
});

/** A build has left its network. */
export async function leaveNetwork(
  { engine }: Pick<Platform, 'engine'>,
  tx: Tx,
  owner: Owner,
  inputs: Pick<BuildInputs, 'fleet' | 'vpcConfig'>,
): Promise<void> {
  const network = networkOf(vpcOf(inputs), owner);
  if (network) await engine.wake(tx, PLACES, buildKey(owner, `network/${network}`));
}

/** A project names these file systems no longer. What is in them is kept for an hour: the project may be made again. */
export async function leaveFileSystems(
  { engine, clock }: Pick<Platform, 'engine' | 'clock'>,
  tx: Tx,
  { accountId, region }: Owner,
  { fileSystemLocations = [] }: Project,
): Promise<void> {
  const owner = { accountId, region };
  const at = new Date(clock.now().getTime() + ORPHANS_AFTER_MS);
  for (const { volume } of mountsOf(fileSystemLocations, owner))
    await engine.wake(tx, PLACES, buildKey(owner, `volume/${volume}`), at);
}
