import type {
  BuildBatch,
  BuildSummary,
  ProjectBuildBatchConfig,
  ProjectCache,
} from '@aws-sdk/client-codebuild';
import type { Owner } from '../../store/tables.ts';
import type { BuildInputs } from '../build-record.ts';
import type { BatchTask } from './task.ts';

/** What a batch was started with: the project and the call's overrides, merged. Never changes. */
export interface BatchInputs {
  /** Of its builds, before the buildspec says what each has instead. */
  build: BuildInputs;
  config: BatchConfig;
  cache: ProjectCache;
  partition: string;
}

/** `buildBatchConfig` with what it needs. */
export interface BatchConfig extends ProjectBuildBatchConfig {
  serviceRole: string;
  combineArtifacts: boolean;
  timeoutInMins: number;
  restrictions: NonNullable<ProjectBuildBatchConfig['restrictions']> & {
    maximumBuildsAllowed: number;
  };
}

/** How far a build of a batch is; it is asked for before it runs, under an id that is known before. */
export type GroupState = 'waiting' | 'asked' | 'running' | 'ended';

/** One build of a batch, with those that were tried before it. */
export interface BatchGroup {
  task: BatchTask;
  /** From 1 on. */
  attempt: number;
  state: GroupState;
  /** It runs, and is told to end. */
  stopping?: true;
  /** It has ended without having run. */
  skipped?: true;
  summary: BuildSummary;
  priors: BuildSummary[];
  /** Where its artifacts are (ARNs), by identifier: the primary one has none. */
  uploaded: { identifier: string; location: string }[];
}

/** What went wrong, as a phase shows it. */
export interface Problem {
  statusCode: string;
  message: string;
}

/** What was found out on the way. */
export interface BatchRun {
  /** First the one that reads the buildspec. */
  groups: BatchGroup[];
  /** The buildspec has been read, and the builds are known. */
  planned: boolean;
  fastFail: boolean;
  /** When the time of the batch is up, epoch milliseconds. */
  deadline: number;
  problem?: Problem;
  /** The artifacts of its builds are in one place. */
  combined?: true;
  /** Of RetryBuildBatch. */
  tokens: { token: string; digest: string }[];
}

/** All that there is of a batch. */
export interface BatchFacts extends Owner {
  id: string;
  slot: 'running' | 'done';
  stopRequested: boolean;
  /** As BatchGetBuildBatches shows it, but for its groups. */
  batch: BuildBatch;
  inputs: BatchInputs;
  run: BatchRun;
}
