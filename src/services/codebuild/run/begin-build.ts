import type { Build, ProjectCache } from '@aws-sdk/client-codebuild';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { startEvents } from '../model/events.ts';
import { newBuild } from '../model/new-build.ts';
import { BUILD, buildKey } from '../reconcilers/names.ts';
import { insertBuild } from '../store/builds.ts';
import { takeBuildNumber } from '../store/projects.ts';
import type { Owner } from '../store/tables.ts';

/** A build that no call starts: one of a batch, or one that follows a build that has failed. */
export interface UncalledBuild {
  /** `project:uuid` of it. */
  id: string;
  inputs: BuildInputs;
  cache: ProjectCache | undefined;
  partition: string;
}

/** Begins it, as the next of its project, which there is. @param more what it shows beside what every build does */
export async function beginBuild(
  platform: Pick<Platform, 'clock' | 'engine' | 'events' | 'serverEndpoint'>,
  tx: Tx,
  { accountId, region }: Owner,
  { id, inputs, cache, partition }: UncalledBuild,
  more: Partial<Build>,
): Promise<void> {
  const owner = { accountId, region };
  const [name = '', uuid = ''] = id.split(':');
  const begun = newBuild(
    {
      project: { name, cache },
      input: { projectName: name },
      ...{ ...owner, uuid, partition, initiator: inputs.initiator },
      buildNumber: await takeBuildNumber(tx, owner, name),
      now: platform.clock.now(),
      endpoint: platform.serverEndpoint(),
    },
    inputs,
  );
  const build = { ...begun, ...more };
  await insertBuild(tx, owner, build, inputs, undefined);
  for (const event of startEvents(owner, build)) await platform.events.publish(tx, event);
  await platform.engine.wake(tx, BUILD, buildKey(owner, id));
}
