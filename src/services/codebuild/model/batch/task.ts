import type { BuildFleet } from '../build-fleet.ts';

/** The four forms of a batch: exactly one of them is in a buildspec (CB-G1). */
export const BUILD_TYPES = ['build-list', 'build-graph', 'build-matrix', 'build-fanout'] as const;

/** The identifier of the build that reads the buildspec of a batch (CB-G5). */
export const READER = 'DOWNLOAD_SOURCE';

/** What a build of a batch has instead of its project's. */
export interface TaskEnvironment {
  type?: string;
  image?: string;
  computeType?: string;
  privilegedMode?: boolean;
  /** The name or ARN of a fleet. */
  fleet?: string;
  variables?: Record<string, string>;
}

/** One build of a batch, as the buildspec describes it. */
export interface BatchTask extends TaskEnvironment {
  identifier: string;
  ignoreFailure: boolean;
  /** A path in the source, or the text itself; without it the batch's own. */
  buildspec?: string;
  /** `debug-session` */
  debug?: true;
  /** The fleet that `fleet` named, as it was when the buildspec was read. */
  onFleet?: BuildFleet;
  /** Of a graph: identifiers of the builds that must have ended well. */
  dependsOn?: string[];
  /** Of a fanout: which of how many, from 0 on. */
  shard?: { current: number; total: number };
}

/** The `batch` section of a buildspec. */
export interface BatchSpec {
  fastFail: boolean;
  tasks: BatchTask[];
}

/** Of which batch a build is. */
export interface BatchMembership {
  batchId: string;
  batchArn: string;
  identifier: string;
  attempt: number;
  shard?: { current: number; total: number };
  /** It reads the buildspec of the batch, and does nothing else. */
  reads?: true;
}
