import type { Fleet } from '@aws-sdk/client-codebuild';

/*
 * Who runs now, and who waits. A machine bears so many builds at a time; of these a fleet has as many to itself as its
 * base capacity says, whoever else waits, and may have more by scaling, where they are free.
 */

/** A fleet, and the builds that are its own: overflow runs beside it. */
export interface FleetUse {
  fleet: Fleet;
  running: number;
  queued: number;
}

/** How many builds a machine bears at a time, and how many run on it, of fleets and of none. */
export interface Machine {
  builds: number;
  running: number;
}

/** Where a build may begin, or why it waits. */
export type Room = { on: 'fleet' | 'demand' } | { waits: string };

/** How many machines a fleet has for so many builds that run and wait: by target tracking, or as many as at first. */
export function capacityOf(
  { baseCapacity = 1, scalingConfiguration }: Fleet,
  demand: number,
): number {
  const { maxCapacity = baseCapacity, targetTrackingScalingConfigs } = scalingConfiguration ?? {};
  const { targetValue = 100 } = targetTrackingScalingConfigs?.[0] ?? {};
  const wanted = Math.ceil((demand * 100) / targetValue);
  return Math.min(Math.max(wanted, baseCapacity), Math.max(maxCapacity, baseCapacity));
}

/**
 * How many of the machine's builds are kept for each fleet, by ARN: the oldest fleet's first, and one is always left for
 * builds of no fleet.
 */
export function reserved(fleets: readonly FleetUse[], { builds }: Machine): Map<string, number> {
  let left = Math.max(0, builds - 1);
  const kept = new Map<string, number>();
  for (const { fleet } of fleets) {
    const own = Math.min(fleet.baseCapacity ?? 1, left);
    kept.set(fleet.arn ?? '', own);
    left -= own;
  }
  return kept;
}

/** What is kept for fleets, and they do not use now. @param but a fleet that may use its own */
function unused(fleets: readonly FleetUse[], machine: Machine, but?: FleetUse): number {
  const kept = reserved(fleets, machine);
  return fleets.reduce(
    (sum, use) =>
      use === but ? sum : sum + Math.max(0, (kept.get(use.fleet.arn ?? '') ?? 0) - use.running),
    0,
  );
}

/** Room for a build of no fleet, the account's quota apart. */
export function roomOnDemand(fleets: readonly FleetUse[], machine: Machine): Room {
  if (machine.running + unused(fleets, machine) < machine.builds) return { on: 'demand' };
  return { waits: busy(machine) };
}

/** Room for a build of this fleet, which counts as one of those that wait. @param ahead how many of these came before it */
export function roomOnFleet(
  fleets: readonly FleetUse[],
  machine: Machine,
  own: FleetUse,
  ahead = 0,
): Room {
  const { fleet, running, queued } = own;
  const capacity = capacityOf(fleet, running + queued);
  if (running + ahead >= capacity) {
    if (fleet.overflowBehavior === 'ON_DEMAND') return roomOnDemand(fleets, machine);
    return { waits: `All ${capacity} machines of the fleet ${fleet.name} are in use` };
  }
  if (machine.running + unused(fleets, machine, own) < machine.builds) return { on: 'fleet' };
  return { waits: busy(machine) };
}

const busy = ({ builds }: Machine) =>
  `The ${builds} builds that run here at a time are running, or kept for fleets`;

/** A fleet as it is shown, with what follows from what runs. */
export function shownFleet(
  { fleet, running, queued }: FleetUse,
  { kept, machine, deleting }: { kept: number; machine: Machine; deleting: boolean },
): Fleet {
  const { baseCapacity = 1, scalingConfiguration } = fleet;
  const short = kept < baseCapacity && {
    context: 'INSUFFICIENT_CAPACITY' as const,
    message: `Of the ${machine.builds} builds that run here at a time ${kept} are kept for this fleet`,
  };
  return {
    ...fleet,
    ...(scalingConfiguration && {
      scalingConfiguration: {
        ...scalingConfiguration,
        desiredCapacity: capacityOf(fleet, running + queued),
      },
    }),
    status: deleting
      ? { statusCode: 'PENDING_DELETION', context: 'PENDING_DELETION', message: PENDING }
      : { statusCode: 'ACTIVE', ...short },
  };
}

const PENDING = 'It takes no more builds, and goes with the last that it has';
