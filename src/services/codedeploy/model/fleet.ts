import type { Trouble } from './strategies/shift-state.ts';

/**
 * What is done to the Auto Scaling groups of a blue/green deployment: `make` the copy with its instances; `hand` over: it takes
 * part in what scales and in the target groups, and the original one does no more; `return` takes that back, and the copy goes; `remove`: the
 * copy goes.
 */
export type FleetWork = 'make' | 'hand' | 'return' | 'remove';

/** A copy of an Auto Scaling group that a blue/green deployment makes for its replacement instances (CD-ASG-04). */
export interface Fleet {
  original: string;
  copy: string;
  /** It is given up: the rollback of the deployment that has made it. */
  back?: boolean;
  /** What is asked for, since then (epoch milliseconds). */
  work?: FleetWork;
  since?: number;
  done: FleetWork[];
  trouble?: Trouble;
}

/** What is asked for of Auto Scaling groups may take so long. */
export const FLEET_TIMEOUT_MS = 3600_000;

export const copyName = (groupName: string, deploymentId: string): string =>
  `CodeDeploy_${groupName}_${deploymentId}`;
