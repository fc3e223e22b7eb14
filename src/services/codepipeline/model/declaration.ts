import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { ownValue } from '../../../lib/own.ts';

/** An action with the defaults of CP-A46 filled in. */
export interface Action {
  name: string;
  actionTypeId: ActionTypeId;
  runOrder: number;
  configuration: Record<string, string>;
  outputArtifacts: { name: string; files?: string[] | undefined }[];
  inputArtifacts: { name: string }[];
  roleArn?: string | undefined;
  region?: string | undefined;
  namespace?: string | undefined;
  timeoutInMinutes?: number | undefined;
  commands?: string[] | undefined;
  outputVariables?: string[] | undefined;
  environmentVariables?: unknown[] | undefined;
}

export interface ActionTypeId {
  /** `Rule` where it is the type of a condition's rule. */
  category: 'Source' | 'Build' | 'Deploy' | 'Test' | 'Invoke' | 'Approval' | 'Compute' | 'Rule';
  owner: 'AWS' | 'ThirdParty' | 'Custom';
  provider: string;
  version: string;
}

export interface Stage {
  name: string;
  actions: Action[];
  /** Reserved by AWS for what has never come: they are kept, and block nothing (CP-A49). */
  blockers?: { name: string; type: 'Schedule' }[] | undefined;
  onFailure?: FailureConditions | undefined;
  onSuccess?: { conditions: Condition[] } | undefined;
  beforeEntry?: { conditions: Condition[] } | undefined;
}

export type ExecutionMode = 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';
export type Result = 'FAIL' | 'SKIP' | 'RETRY' | 'ROLLBACK';
export type RetryMode = 'FAILED_ACTIONS' | 'ALL_ACTIONS';
/** The members of a stage that have conditions. */
export type ConditionMember = 'beforeEntry' | 'onSuccess' | 'onFailure';

export interface FailureConditions {
  result?: Result | undefined;
  retryConfiguration?: { retryMode?: RetryMode | undefined } | undefined;
  conditions?: Condition[] | undefined;
}

/** What must hold; where it does not, the result engages (CP-C25). */
export interface Condition {
  result?: Result | undefined;
  rules: Rule[];
}

/** A rule of a condition, with its defaults filled in. */
export interface Rule {
  name: string;
  ruleTypeId: { category: 'Rule'; owner: 'AWS'; provider: string; version: string };
  configuration: Record<string, string>;
  inputArtifacts: { name: string }[];
  commands?: string[] | undefined;
  roleArn?: string | undefined;
  region?: string | undefined;
  timeoutInMinutes?: number | undefined;
}

export interface ArtifactStore {
  type: 'S3';
  location: string;
  encryptionKey?: { id: string; type: 'KMS' } | undefined;
}

/** A pipeline's structure as GetPipeline returns it: every default filled in. */
export interface Pipeline {
  name: string;
  roleArn: string;
  artifactStore?: ArtifactStore | undefined;
  artifactStores?: Record<string, ArtifactStore> | undefined;
  stages: Stage[];
  version: number;
  executionMode: ExecutionMode;
  pipelineType: 'V1' | 'V2';
  variables?: PipelineVariable[] | undefined;
  triggers?: unknown[] | undefined;
}

/** A revision that an execution is to take instead of the latest one (CP-C10). */
export interface SourceOverride {
  actionName: string;
  revisionType: 'COMMIT_ID' | 'IMAGE_DIGEST' | 'S3_OBJECT_VERSION_ID' | 'S3_OBJECT_KEY';
  revisionValue: string;
  /** Output variables that the change which starts the execution says, such as its branch: they beat the action's. */
  variables?: Record<string, string>;
}

/** What starts an execution. */
export type TriggerType =
  | 'CreatePipeline'
  | 'StartPipelineExecution'
  | 'PollForSourceChanges'
  | 'Webhook'
  | 'CloudWatchEvent'
  | 'PutActionRevision'
  | 'WebhookV2'
  | 'ManualRollback'
  | 'AutomatedRollback';

export interface Trigger {
  triggerType: TriggerType;
  triggerDetail?: string;
}

export interface PipelineVariable {
  name: string;
  defaultValue?: string | undefined;
  description?: string | undefined;
}

/** Fills in what AWS fills in on reads (CP-A46). The wire layer has checked required members, lengths and enums. */
export function normalise(declaration: PipelineDeclaration, version: number): Pipeline {
  const given = structuredClone(declaration) as unknown as Omit<Partial<Pipeline>, 'stages'> & {
    name: string;
    roleArn: string;
    stages?: (Omit<Stage, 'actions'> & { actions?: Partial<Action>[] })[];
  };
  return {
    ...given,
    stages: (given.stages ?? []).map(normaliseStage),
    version,
    executionMode: given.executionMode ?? 'SUPERSEDED',
    pipelineType: given.pipelineType ?? (usesV2(given) || hasV2Actions(given) ? 'V2' : 'V1'),
  };
}

function normaliseStage(stage: Omit<Stage, 'actions'> & { actions?: Partial<Action>[] }): Stage {
  const { beforeEntry, onSuccess, onFailure } = stage;
  return {
    ...stage,
    actions: (stage.actions ?? []).map(normaliseAction),
    ...(beforeEntry && { beforeEntry: normaliseConditions(beforeEntry) }),
    ...(onSuccess && { onSuccess: normaliseConditions(onSuccess) }),
    ...(onFailure && { onFailure: normaliseConditions(onFailure) }),
  };
}

function normaliseConditions<T extends { conditions?: Condition[] | undefined }>(given: T): T {
  if (!given.conditions) return given;
  return {
    ...given,
    conditions: given.conditions.map((condition) => ({
      ...condition,
      rules: (condition.rules ?? []).map((rule) => ({
        ...rule,
        ruleTypeId: { ...rule.ruleTypeId, ...defaultsOf(rule.ruleTypeId) },
        configuration: rule.configuration ?? {},
        inputArtifacts: rule.inputArtifacts ?? [],
      })),
    })),
  };
}

const defaultsOf = ({ owner, version }: Partial<Rule['ruleTypeId']>) => ({
  owner: owner ?? 'AWS',
  version: version ?? '1',
});

function normaliseAction(action: Partial<Action>): Action {
  return {
    ...(action as Action),
    runOrder: action.runOrder ?? 1,
    configuration: action.configuration ?? {},
    outputArtifacts: action.outputArtifacts ?? [],
    inputArtifacts: action.inputArtifacts ?? [],
  };
}

/** Members that only a V2 pipeline has: supplying one without a type makes the pipeline V2 (CP-A37). */
export function usesV2(pipeline: {
  executionMode?: string | undefined;
  triggers?: unknown[] | undefined;
  variables?: unknown[] | undefined;
  stages?: {
    onFailure?: unknown;
    onSuccess?: unknown;
    beforeEntry?: unknown;
  }[];
}): boolean {
  const queued = pipeline.executionMode === 'QUEUED' || pipeline.executionMode === 'PARALLEL';
  const conditions = (pipeline.stages ?? []).some(
    (s) => s.onFailure ?? s.onSuccess ?? s.beforeEntry,
  );
  return queued || conditions || !!pipeline.triggers?.length || !!pipeline.variables?.length;
}

/** A rule as the action that evaluates it. */
export function actionOf({ ruleTypeId: actionTypeId, ...rule }: Rule): Action {
  return { ...rule, actionTypeId, runOrder: 1, outputArtifacts: [] };
}

/** The condition of a stage's member; there is at most one (CP-A13). */
export function conditionOf(stage: Stage, member: ConditionMember): Condition | undefined {
  return stage[member]?.conditions?.[0];
}

/** Whether a stage rolls back by itself (CP-C23). */
export function rollsBack(stage: Stage): boolean {
  return (
    stage.onFailure?.result === 'ROLLBACK' ||
    conditionOf(stage, 'onFailure')?.result === 'ROLLBACK' ||
    conditionOf(stage, 'onSuccess')?.result === 'ROLLBACK'
  );
}

/** Action types that only a V2 pipeline has (CP-A37). */
const V2_TYPES: ReadonlySet<string> = new Set([
  'Compute/AWS/Commands',
  'Build/AWS/ECRBuildAndPublish',
  'Deploy/AWS/EC2',
  'Deploy/AWS/EKS',
]);

export const needsV2 = ({ category, owner, provider }: ActionTypeId): boolean =>
  V2_TYPES.has(`${category}/${owner}/${provider}`);

const hasV2Actions = ({
  stages = [],
}: {
  stages?: { actions?: { actionTypeId?: ActionTypeId }[] }[];
}): boolean =>
  stages.some(({ actions = [] }) =>
    actions.some(({ actionTypeId }) => actionTypeId && needsV2(actionTypeId)),
  );

/** The store that artifacts of actions in `region` live in. */
export function artifactStoreOf(pipeline: Pipeline, region: string): ArtifactStore | undefined {
  return pipeline.artifactStore ?? ownValue(pipeline.artifactStores ?? {}, region);
}

export function findStage(pipeline: Pipeline, name: string): Stage | undefined {
  return pipeline.stages.find((stage) => stage.name === name);
}

/** The action types of a pipeline, as often as it has actions of them. */
export const typeIdsIn = ({ stages }: Pick<Pipeline, 'stages'>): ActionTypeId[] =>
  stages.flatMap(({ actions }) => actions.map(({ actionTypeId }) => actionTypeId));
