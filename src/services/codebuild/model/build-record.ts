import type {
  EnvironmentVariable,
  LogsConfig,
  Project,
  ProjectArtifacts,
  ProjectEnvironment,
  ProjectSource,
  ProjectSourceVersion,
} from '@aws-sdk/client-codebuild';
import type { BatchMembership, BatchSpec } from './batch/task.ts';
import type { BuildFleet } from './build-fleet.ts';
import type { Buildspec } from './buildspec.ts';
import type { Debugging } from './debug.ts';
import type { Actor } from './managed.ts';

/** What a build was started with: the project and the call's overrides, merged. Never changes. */
export interface BuildInputs {
  source: ProjectSource;
  secondarySources: ProjectSource[];
  sourceVersion?: string;
  secondarySourceVersions: ProjectSourceVersion[];
  artifacts: ProjectArtifacts;
  secondaryArtifacts: ProjectArtifacts[];
  environment: ProjectEnvironment;
  /** The variables of StartBuild and of the project, merged (CB-A7). */
  environmentVariables: EnvironmentVariable[];
  serviceRole: string;
  /** For whom it is assumed where that is not CodeBuild itself. */
  actor?: Actor;
  /** It is StartBuild's, not the project's. */
  roleOverridden?: true;
  encryptionKey: string;
  logsConfig?: LogsConfig;
  timeoutInMinutes: number;
  queuedTimeoutInMinutes: number;
  buildspec?: string;
  vpcConfig?: Project['vpcConfig'];
  /** Whose machine it runs on. */
  fleet?: BuildFleet;
  fileSystemLocations?: Project['fileSystemLocations'];
  /** The name by which its project is public. */
  publicAlias?: string;
  /** How often it is tried again by itself; absent for never. */
  autoRetryLimit?: number;
  initiator: string;
  tags: Project['tags'];
  /** Somebody may look into it while it runs. */
  debug?: Debugging;
  /** It is a sandbox. */
  sandbox?: true;
  /** A forge told of what it builds. */
  webhook?: WebhookStart;
  /** Whether its forge is told how it goes. */
  reportsStatus?: true;
  /** What its batch builds is this pull request's, though the source version is a commit. */
  pullRequest?: string;
  /** It is one of a batch. */
  batch?: BatchMembership;
}

/** What a build knows of the webhook that started it. */
export interface WebhookStart {
  /** What it builds, whatever has been pushed since. */
  commit?: string;
  /** CODEBUILD_WEBHOOK_… */
  variables: Record<string, string>;
  /** It builds what another repository proposes. */
  fork?: true;
}

/** A source as it lies in the work's tree. */
export interface SourceDirectory {
  /** Empty for the primary one. */
  identifier: string;
  directory: string;
  repositoryUrl?: string;
  version?: string;
}

/** What was found out on the way; absent before its phase. */
export interface BuildRun {
  handle?: string;
  /** The work's tree as it sees it. */
  root?: string;
  spec?: Buildspec;
  sources?: SourceDirectory[];
  /** When the build's time is up, epoch milliseconds. */
  deadline?: number;
  /** The driver has ended, and all that it said is in the build and in the log. */
  followed?: boolean;
  /** Those of the exported variables that may be shown. */
  exportable?: string[];
  /** What the driver was told to report: variables, and artifacts whose names it evaluates. */
  reported?: { variables: string[]; names: string[]; cache?: boolean };
  /** As the driver has worked them out: of its cache, and those that will do in its place. */
  cacheKeys?: string[];
  /** What its cache has for it lies in the build's place, or there is nothing. */
  cacheRestored?: boolean;
  /** Values that the driver reported at its end. */
  variables?: Record<string, string>;
  names?: Record<string, string>;
  /** The driver reported that it went to its end. */
  done?: boolean;
  fault?: string;
  /** The builds of its batch, of the one that reads the buildspec for it. */
  batchSpec?: BatchSpec;
  /** What the build did, by which its own driver cannot go on. */
  broken?: string;
  /** The step of this phase fails for a reason that is the server's, since then (epoch milliseconds); how many bytes were heard of its driver. */
  trouble?: { phase: string; since: number; heard?: number };
  /** Lines of the log that the server itself writes behind the driver's. */
  closingLines?: string[];
}
