import type { ActionFacts } from './action-type.ts';
import type {
  ActionTypeId,
  ConditionMember,
  ExecutionMode,
  Pipeline,
  RetryMode,
  SourceOverride,
  Trigger,
  TriggerType,
} from './declaration.ts';

export type { SourceOverride, Trigger, TriggerType };

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
  | 'Cancelled'
  | 'Skipped';
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';

/** Of a stage's condition (CP-C27). Errored: a rule could not be evaluated. */
export type ConditionStatus =
  | 'InProgress'
  | 'Succeeded'
  | 'Failed'
  | 'Errored'
  | 'Cancelled'
  | 'Abandoned'
  | 'Overridden';

/** What a stage does one after another; the last two only one of. */
export type Phase = 'beforeEntry' | 'actions' | 'onSuccess' | 'onFailure';

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
  /** Where a rollback of its own accord leads (CP-C23). */
  lastSucceeded?: { executionId: string; version: number };
}

export interface ArtifactLocation {
  name: string;
  bucket: string;
  key: string;
}

export interface Artifact extends ArtifactLocation {
  /** Revision of the source that the artifact came from, for whoever works on it. */
  revisionId?: string;
  /** Of an action's input: the bucket that it is copied from before the action starts, by the same key (CP-C36). */
  copyOf?: string;
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
  autoRetries: number;
  latestRetry?: 'ManualStageRetry' | 'AutomatedStageRetry';
  /** When it was retried last. */
  retriedAt?: number;
  /** Where it is, or where it has ended. */
  phase: Phase;
  /** Its conditions as they were evaluated last. */
  conditions: Partial<Record<ConditionMember, ConditionRun>>;
}

export interface ConditionRun {
  status: ConditionStatus;
  lastChange: number;
  summary?: string;
  /** Counts how often it was evaluated in this execution. */
  evaluation: number;
  /** The present evaluation's rule executions, by rule name. */
  rules: Record<string, string>;
}

export interface ExecutionState {
  executionId: string;
  ordinal: number;
  /** Of the pipeline: the structure that it runs by to its end. */
  version: number;
  /** The pipeline's mode when it began. */
  mode: ExecutionMode;
  type: 'STANDARD' | 'ROLLBACK';
  /** The execution that a rollback goes back to. */
  rollbackTarget?: string;
  status: ExecutionStatus;
  statusSummary?: string;
  startTime: number;
  lastUpdate: number;
  trigger: Trigger;
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
  /** Or that of the rule. */
  actionName: string;
  /** What a rule's execution is of; absent: it is an action's. */
  rule?: { member: ConditionMember };
  ordinal: number;
  /** Rules: the evaluation of the condition. */
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
  /** Earlier structures that executions run by, by version. */
  declarations: Record<number, Pipeline>;
  stages: StageState[];
  executions: ExecutionState[];
  /** Of those executions, the actions of the stage that they are in (and of the stage that is to be retried). */
  actions: ActionRun[];
  /** The action types that somebody made and that these actions, and the pipeline's, are of. */
  madeTypes?: readonly ActionFacts[];
}

export const isLive = (execution: ExecutionState): boolean =>
  execution.status === 'InProgress' || execution.status === 'Stopping';

export interface RetryRequest {
  stageName: string;
  executionId: string;
  mode: RetryMode;
}
