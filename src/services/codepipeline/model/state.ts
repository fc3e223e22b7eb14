import type { ActionFacts } from './action-type.ts';
import type { ActionTypeId, Pipeline, SourceOverride } from './declaration.ts';

export type { SourceOverride };

// What the engine works on: plain data, times in epoch milliseconds. The store reads and writes it.

export type ExecutionStatus =
  | 'InProgress'
  | 'Stopping'
  | 'Stopped'
  | 'Succeeded'
  | 'Superseded'
  | 'Failed'
  | 'Cancelled';
export type StageStatus =
  | 'InProgress'
  | 'Stopping'
  | 'Stopped'
  | 'Succeeded'
  | 'Failed'
  | 'Cancelled';
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';

export type TriggerType =
  | 'CreatePipeline'
  | 'StartPipelineExecution'
  | 'PollForSourceChanges'
  | 'CloudWatchEvent'
  | 'Webhook';

export interface PipelineState {
  pipelineId: string;
  accountId: string;
  region: string;
  arn: string;
  name: string;
  version: number;
  /** Numbers executions and actions in the order in which they began. */
  nextOrdinal: number;
  declaration: Pipeline;
}

/** One side of the way into a stage (CP-C12). */
export interface Transition {
  enabled: boolean;
  lastChangedBy?: string;
  lastChangedAt?: number;
  disabledReason?: string;
}

export interface StageState {
  stageName: string;
  inbound: Transition;
  outbound: Transition;
  /** The execution that entered last: only that one may be retried here (CP-C19). */
  latestExecutionId?: string;
  /** Each action's latest execution, by action name. */
  latestActions: Record<string, string>;
}

export interface ArtifactLocation {
  name: string;
  bucket: string;
  key: string;
}

export interface Artifact extends ArtifactLocation {
  /** Revision of the source that the artifact came from, for whoever works on it. */
  revisionId?: string;
}

/** What a source action found (CP-C38). */
export interface SourceRevision {
  /** Output artifact's name. */
  name: string;
  actionName: string;
  revisionId: string;
  revisionChangeIdentifier?: string;
  revisionSummary?: string;
  created?: number;
  /** A path on this server, or an address elsewhere. */
  revisionUrl?: string;
}

export interface StageRun {
  stageName: string;
  status: StageStatus;
  startTime: number;
  lastUpdate: number;
  /** Goes up with RetryStageExecution ALL_ACTIONS: actions of earlier rounds do not count any more. */
  round: number;
  manualRetries: number;
  /** When it was retried last. */
  retriedAt?: number;
}

export interface ExecutionState {
  executionId: string;
  ordinal: number;
  version: number;
  status: ExecutionStatus;
  statusSummary?: string;
  startTime: number;
  lastUpdate: number;
  trigger: { triggerType: TriggerType; triggerDetail?: string };
  stopReason?: string;
  /** 1, and one more with each retry. */
  attempt: number;
  /** Where it is; absent once it has ended. */
  position?: { stage: string; phase: 'waiting' | 'inside'; since: number; parked?: boolean };
  stages: Record<string, StageRun>;
  /** Pipeline-level variables. */
  variables: Record<string, string>;
  sourceOverrides: SourceOverride[];
  /** Output variables of finished actions, by namespace. */
  outputVariables: Record<string, Record<string, string>>;
  artifacts: Record<string, Artifact>;
  revisions: SourceRevision[];
}

export interface ActionRun {
  pipelineVersion: number;
  actionExecutionId: string;
  executionId: string;
  stageName: string;
  actionName: string;
  ordinal: number;
  round: number;
  /** Counts the runs of this action in this execution. */
  attempt: number;
  status: ActionStatus;
  startTime: number;
  lastUpdate: number;
  /** When it fails by time-out. */
  deadline: number;
  updatedBy?: string;
  input: ActionInput;
  /** Where the action puts its artifacts: decided before it starts, so that doing it twice is doing it once. */
  outputArtifacts: ArtifactLocation[];
  progress: ActionProgress;
  errorDetails?: { code: string; message: string };
  outputVariables?: Record<string, string>;
  /** Source actions: what they found. */
  revision?: Omit<SourceRevision, 'name' | 'actionName'>;
}

export interface ActionInput {
  actionTypeId: ActionTypeId;
  configuration: Record<string, string>;
  resolvedConfiguration: Record<string, string>;
  roleArn?: string;
  region: string;
  inputArtifacts: Artifact[];
  namespace?: string;
  sourceOverrides: SourceOverride[];
  /** What an action of a type that has such members says beside its configuration, with variables in place. */
  own?: OwnInput;
}

export interface OwnInput {
  commands?: string[];
  outputVariables?: string[];
  environmentVariables?: { name: string; value: string; type?: string }[];
  /** Of the output artifact. */
  files?: string[];
}

/** What is known of the provider's work. */
export interface ActionProgress {
  externalExecutionId?: string;
  summary?: string;
  percentComplete?: number;
  logStreamARN?: string;
  /** Approvals: what PutApprovalResult must present. */
  token?: string;
  /** Actions of made types: the job that a worker has, or is to get. */
  jobId?: string;
  /** Failed tries to reach the provider, one after another. */
  tries?: number;
}

/** Everything that one decision looks at: the pipeline, its stages, and the executions that are alive. */
export interface Snapshot {
  pipeline: PipelineState;
  stages: StageState[];
  executions: ExecutionState[];
  /** Of those executions, the actions of the stage that they are in (and of the stage that is to be retried). */
  actions: ActionRun[];
  /** The action types that somebody made and that these actions, and the pipeline's, are of. */
  madeTypes?: readonly ActionFacts[];
}

export const isLive = (execution: ExecutionState): boolean =>
  execution.status === 'InProgress' || execution.status === 'Stopping';
