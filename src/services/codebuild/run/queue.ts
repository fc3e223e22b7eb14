import type { Tx } from '../../../db/database.ts';
import { bearableBuilds } from '../../../executors/capacity.ts';
import type { Platform } from '../../../kit/service.ts';
import { RUNNING_BUILDS } from '../limits.ts';
import type { Snapshot } from '../model/build-draft.ts';
import {
  type FleetUse,
  type Machine,
  type Room,
  roomOnDemand,
  roomOnFleet,
} from '../model/fleet-room.ts';
import { BUILD } from '../reconcilers/names.ts';
import * as store from '../store/builds.ts';
import { allFleets, deleteFleet, type StoredFleet } from '../store/fleets.ts';

/** The first that waits may be one too many of its size: the next may not. Others are swept. */
const WOKEN = 10;

type Ctx = Pick<Platform, 'config' | 'quotas'>;

/** All that waiting depends on, over all accounts. */
export interface Load {
  machine: Machine;
  /** The oldest first. */
  uses: (FleetUse & StoredFleet)[];
}

export async function loadOf({ config }: Pick<Platform, 'config'>, tx: Tx): Promise<Load> {
  const counts = await store.countByFleet(tx);
  const fleets = await allFleets(tx);
  const none = { running: 0, queued: 0 };
  const running = [...counts.values()].reduce((sum, each) => sum + each.running, 0);
  return {
    machine: { builds: config.builds ?? bearableBuilds(), running },
    uses: fleets.map((each) => ({ ...each, ...(counts.get(each.fleet.arn ?? '') ?? none) })),
  };
}

/** Is there a slot: on the machines, for everybody; of its fleet; and under the account's quota for builds of this size? */
export async function roomFor(
  ctx: Ctx,
  tx: Tx,
  build: store.StoredBuild,
): Promise<Pick<Snapshot, 'hasRoom' | 'overflows' | 'waitsFor' | 'lost'>> {
  const { machine, uses } = await loadOf(ctx, tx);
  const own = uses.find(({ fleet }) => fleet.arn === build.fleetArn);
  if (build.fleetArn !== undefined && !own)
    return { hasRoom: false, lost: `The fleet ${build.fleetArn} does not exist` };
  const room = own
    ? roomOnFleet(uses, machine, own, await store.countAhead(tx, build))
    : roomOnDemand(uses, machine);
  if (!('on' in room)) return { hasRoom: false, waitsFor: room.waits };
  if (room.on === 'fleet') return { hasRoom: true };
  const quota = await roomInQuota(ctx, tx, build);
  if (!('on' in quota)) return { hasRoom: false, waitsFor: quota.waits };
  return { hasRoom: true, ...(own && { overflows: true }) };
}

async function roomInQuota({ quotas }: Ctx, tx: Tx, build: store.StoredBuild): Promise<Room> {
  const { computeType = '' } = build.inputs.environment;
  const quota = RUNNING_BUILDS[computeType];
  if (!quota) return { on: 'demand' };
  const allowed = await quotas.value(tx, build, 'codebuild', quota);
  if ((await store.countRunningOn(tx, build, computeType)) < allowed) return { on: 'demand' };
  return { waits: `The account runs ${allowed} builds of ${computeType} at a time` };
}

/**
 * Something has become free, or may still be: those that have waited longest look again.
 * @param of those of this fleet alone, or of none
 */
export async function wakeQueued(
  { engine }: Pick<Platform, 'engine'>,
  tx: Tx,
  of?: { fleetArn: string | undefined },
): Promise<void> {
  for (const key of await store.longestQueued(tx, WOKEN, of)) await engine.wake(tx, BUILD, key);
}

/**
 * A build counts for its fleet no longer: one that is to be deleted goes with the last.
 * @returns whether it went, and with it what was kept for it
 */
export async function leaveFleet(tx: Tx, arn: string): Promise<boolean> {
  if ((await store.countActiveOnFleet(tx, arn)) > 0) return false;
  return deleteFleet(tx, arn, { onlyDeleting: true });
}
