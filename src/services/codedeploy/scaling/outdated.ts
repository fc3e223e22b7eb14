import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { startDeployment, toSome } from '../commands/start-deployment.ts';
import { revisionKey } from '../model/revision.ts';
import type { Application, Group } from '../store/applications.ts';
import {
  activeDeployments,
  heldDeploymentsSince,
  isInTurn,
  loadDeployment,
  updateDeployment,
} from '../store/deployments.ts';
import { hostsOf } from '../store/instances.ts';
import type { Place } from '../store/tables.ts';

/**
 * Instances that came while the last deployment went on have the revision before it: they get the new one by a deployment that follows
 * (CD-DGF-14, CD-ASG-03).
 */
export async function updateOutdated(
  tx: Tx,
  ctx: Pick<Platform, 'clock' | 'engine'>,
  place: Place,
  { application, group }: { application: Application; group: Group },
): Promise<void> {
  const { info, targetKey, groupId } = group;
  if (info.outdatedInstancesStrategy === 'IGNORE' || !info.autoScalingGroups?.length) return;
  const root = await loadDeployment(tx, info.lastSuccessfulDeployment?.deploymentId ?? '');
  if (!root || (await activeDeployments(tx, groupId)).some(isInTurn)) return;
  const hosts = await hostsOf(tx, groupId);
  const came = (await heldDeploymentsSince(tx, groupId, root.createdAt))
    .filter(({ held, status }) => held === 'launch' && status === 'Succeeded')
    .filter(({ revision }) => revisionKey(revision) !== targetKey)
    .flatMap(({ instances = [] }) => instances);
  const outdated = [...new Set(came)].filter((name) => hosts.get(name)?.revision !== targetKey);
  if (outdated.length === 0) return;
  const { deploymentId } = await startDeployment(
    tx,
    ctx,
    place,
    { application, group },
    {
      ...toSome(group, outdated),
      ...{ revision: root.revision, updateOf: root.deploymentId },
      creator: 'CodeDeployAutoUpdate',
      description: `Brings instances up to date that came during ${root.deploymentId}.`,
      deploymentConfigName: root.deploymentConfigName,
      ignoreApplicationStopFailures: root.ignoreApplicationStopFailures,
      updateOutdatedInstancesOnly: true,
      fileExistsBehavior: root.fileExistsBehavior,
    },
  );
  await updateDeployment(tx, { ...root, updatedBy: [...(root.updatedBy ?? []), deploymentId] });
}
