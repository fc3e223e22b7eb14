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
  category: 'Source' | 'Build' | 'Deploy' | 'Test' | 'Invoke' | 'Approval' | 'Compute';
  owner: 'AWS' | 'ThirdParty' | 'Custom';
  provider: string;
  version: string;
}

export interface Stage {
  name: string;
  actions: Action[];
  blockers?: unknown[] | undefined;
  onFailure?: unknown;
  onSuccess?: unknown;
  beforeEntry?: unknown;
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
  executionMode: 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';
  pipelineType: 'V1' | 'V2';
  variables?: PipelineVariable[] | undefined;
  triggers?: unknown[] | undefined;
}

/** A revision that an execution is to take instead of the latest one (CP-C10). */
export interface SourceOverride {
  actionName: string;
  revisionType: 'COMMIT_ID' | 'IMAGE_DIGEST' | 'S3_OBJECT_VERSION_ID' | 'S3_OBJECT_KEY';
  revisionValue: string;
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
    stages: (given.stages ?? []).map((stage) => ({
      ...stage,
      actions: (stage.actions ?? []).map(normaliseAction),
    })),
    version,
    executionMode: given.executionMode ?? 'SUPERSEDED',
    pipelineType: given.pipelineType ?? (usesV2(given) ? 'V2' : 'V1'),
  };
}

function normaliseAction(action: Partial<Action>): Action {
  return {
    ...(action as Action),
    runOrder: action.runOrder ?? 1,
    configuration: action.configuration ?? {},
    outputArtifacts: action.outputArtifacts ?? [],
    inputArtifacts: action.inputArtifacts ?? [],
  };
}

/** Action types that only a V2 pipeline has (CP-A37). */
const V2_PROVIDERS = ['Commands', 'ECRBuildAndPublish', 'EC2', 'EKS'];

/** Members that only a V2 pipeline has: supplying one without a type makes the pipeline V2 (CP-A37). */
export function usesV2(pipeline: {
  executionMode?: string | undefined;
  triggers?: unknown[] | undefined;
  variables?: unknown[] | undefined;
  stages?: {
    onFailure?: unknown;
    onSuccess?: unknown;
    beforeEntry?: unknown;
    actions?: Partial<Action>[];
  }[];
}): boolean {
  const queued = pipeline.executionMode === 'QUEUED' || pipeline.executionMode === 'PARALLEL';
  const conditions = (pipeline.stages ?? []).some(
    (s) => s.onFailure ?? s.onSuccess ?? s.beforeEntry,
  );
  const actions = (pipeline.stages ?? []).flatMap((stage) => stage.actions ?? []);
  const types = actions.some(
    ({ actionTypeId: id }) => id?.owner === 'AWS' && V2_PROVIDERS.includes(id.provider),
  );
  return (
    queued || conditions || types || !!pipeline.triggers?.length || !!pipeline.variables?.length
  );
}

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
