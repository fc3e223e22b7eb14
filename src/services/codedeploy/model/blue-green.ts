import type { BlueGreenDeploymentConfiguration } from '@aws-sdk/client-codedeploy';
import type { Fleet } from './fleet.ts';

/** How a blue/green deployment of servers goes, and how far traffic has come. Times are epoch milliseconds. */
export interface BlueGreen {
  /** What its group lacks, without which it cannot start. */
  lacks?: 'balancer' | 'configuration';
  /** It installs nothing: traffic goes back to the original instances (CD-LCS-05). */
  takesBack: boolean;
  /** Original instances that traffic is to go back to, and that do not run. */
  gone?: string[];
  /** Traffic waits for ContinueDeployment, so long; undefined: it does not wait. */
  readyWaitMs?: number;
  /** Original instances are terminated after this; undefined: they stay. */
  terminationWaitMs?: number;
  reroute: Reroute;
  /** Its replacement instances are those of a copy of an Auto Scaling group. */
  fleet?: Fleet;
}

/** Done; or why it cannot be, and whether some are gone nevertheless. */
export type Terminated = 'done' | { refused: string; some?: boolean };

/** How far the shift of traffic is. */
export interface Reroute {
  /** All replacement instances have the revision since then. */
  readyAt?: number;
  /** ContinueDeployment has ended the wait before traffic is rerouted. */
  continued?: boolean;
  /** Original instances have no traffic any more, and wait to be terminated, since then. */
  waitsSince?: number;
  /** ContinueDeployment has ended that wait too. */
  waitSkipped?: boolean;
  /** The termination of the original instances: asked for, or what became of it. */
  termination?: 'asked' | Terminated;
}

const MINUTE_MS = 60_000;
/** What nobody says a time for may wait as long as any (CD-DGF-11). */
const LONGEST_WAIT_MINUTES = 2 * 24 * 60;

/** What a group's configuration means. */
export function wayOf(
  configuration: BlueGreenDeploymentConfiguration | undefined,
): Pick<BlueGreen, 'readyWaitMs' | 'terminationWaitMs'> {
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: blue } =
    configuration ?? {};
  const stops = ready?.actionOnTimeout === 'STOP_DEPLOYMENT';
  const readyWait = ready?.waitTimeInMinutes ?? LONGEST_WAIT_MINUTES;
  return {
    ...(stops && { readyWaitMs: readyWait * MINUTE_MS }),
    ...(blue?.action === 'TERMINATE' && {
      terminationWaitMs: (blue.terminationWaitTimeInMinutes ?? 0) * MINUTE_MS,
    }),
  };
}

/** When the wait that runs is over. */
export function waitEnd({
  reroute,
  readyWaitMs,
  terminationWaitMs,
}: BlueGreen): number | undefined {
  if (reroute.waitsSince !== undefined)
    return reroute.termination === undefined && terminationWaitMs !== undefined
      ? reroute.waitsSince + terminationWaitMs
      : undefined;
  if (reroute.readyAt === undefined || readyWaitMs === undefined || reroute.continued)
    return undefined;
  return reroute.readyAt + readyWaitMs;
}
