import type {
  Build,
  BuildArtifacts,
  EnvironmentVariable,
  Project,
  ProjectArtifacts,
  StartBuildInput,
} from '@aws-sdk/client-codebuild';
import { unsupported } from '../../../aws/errors.ts';
import { isForge, WEBHOOK_LOCATION } from '../../../kit/forges/repository.ts';
import { defined } from '../../../lib/defined.ts';
import { DEFAULT_QUEUED_TIMEOUT_MINUTES, DEFAULT_TIMEOUT_MINUTES } from '../limits.ts';
import { artifactArn, artifactKey } from './artifacts.ts';
import { autoRetryConfig, isAutoRetried } from './auto-retry.ts';
import type { BuildFleet } from './build-fleet.ts';
import type { BuildInputs, WebhookStart } from './build-record.ts';
import { logConsoleUrl } from './console.ts';
import { debuggingOf, isDebugVariable } from './debug.ts';
import { artifactDefaults, environmentDefaults, logsDefaults, sourceDefaults } from './defaults.ts';
import { mergeVariables } from './environment.ts';
import { checkEnvironment } from './environment-rules.ts';
import { onFleet, vpcOf } from './fleet.ts';
import { type Actor, BY_ROLE } from './managed.ts';
import { hasVpc } from './places.ts';
import {
  checkArtifacts,
  checkAutoRetry,
  checkCache,
  checkEncryptionKey,
  checkLogs,
  checkOwnBuildspec,
  checkServiceRole,
  checkSources,
} from './project-rules.ts';
import { RuleError } from './rule-error.ts';
import { FROM_FORK } from './webhook/start.ts';

/** Who starts a build, and when. */
export interface Start {
  project: Project;
  input: StartBuildInput;
  accountId: string;
  region: string;
  partition: string;
  uuid: string;
  buildNumber: number;
  now: Date;
  /** A service that has a build without a project. */
  actor?: Actor | undefined;
  /** Name of the caller, as `CODEBUILD_INITIATOR` shows it. */
  initiator: string;
  /** CodeBuild itself, for a webhook: its variables say what was told. */
  byWebhook?: boolean;
  /** Base URL of this server: where its console is. */
  endpoint: string;
  /** The one that `fleetOf` names. */
  fleet?: BuildFleet | undefined;
}

/** The ARN of the fleet that a build is to run on: the call's, or the project's. */
export function fleetOf(project: Project, input: StartBuildInput): string | undefined {
  return (input.fleetOverride ?? project.environment?.fleet)?.fleetArn;
}

const UNSUPPORTED = [
  'certificateOverride',
  'hostKernelOverride',
] as const satisfies (keyof StartBuildInput)[];

/** Variables by which CodePipeline says what StartBuild has no member for; see the README. */
const PIPELINE_INITIATOR = 'CODEBUILD_INITIATOR';
const PIPELINE_REVISION = 'CODEBUILD_RESOLVED_SOURCE_VERSION';

/** What a build is started with: the project under the call's overrides. @throws RuleError in AWS's words */
export function buildInputs(start: Omit<Start, 'uuid' | 'buildNumber' | 'now'>): BuildInputs {
  const { project, input, accountId, region, partition } = start;
  for (const member of UNSUPPORTED) {
    if (input[member]) throw unsupported(member);
  }
  const {
    environmentVariables: _,
    fleet: __,
    ...environment
  } = environmentDefaults({
    ...(project.environment ?? ({} as never)),
    ...defined({
      type: input.environmentTypeOverride,
      image: input.imageOverride,
      computeType: input.computeTypeOverride,
      privilegedMode: input.privilegedModeOverride,
      imagePullCredentialsType: input.imagePullCredentialsTypeOverride,
      registryCredential: input.registryCredentialOverride,
    }),
  });
  const source = sourceDefaults(primarySource(project, input));
  const ownArtifacts = (artifacts: ProjectArtifacts) =>
    artifactDefaults(artifacts, project.name ?? '');
  const fromPipeline = source.type === 'CODEPIPELINE';
  const overrides = input.environmentVariablesOverride ?? [];
  const debug = debuggingOf(input.debugSessionEnabled, overrides);
  const told = start.byWebhook ? new Set(overrides.filter(isWebhookVariable)) : undefined;
  const inputs: BuildInputs = {
    source,
    secondarySources: (input.secondarySourcesOverride ?? project.secondarySources ?? []).map(
      sourceDefaults,
    ),
    secondarySourceVersions:
      input.secondarySourcesVersionOverride ?? project.secondarySourceVersions ?? [],
    ...defined({ sourceVersion: input.sourceVersion ?? project.sourceVersion }),
    artifacts: ownArtifacts(
      input.artifactsOverride ?? project.artifacts ?? { type: 'NO_ARTIFACTS' },
    ),
    secondaryArtifacts: (input.secondaryArtifactsOverride ?? project.secondaryArtifacts ?? []).map(
      ownArtifacts,
    ),
    environment,
    environmentVariables: mergeVariables(
      project.environment?.environmentVariables ?? [],
      overrides.filter(
        (variable) =>
          !(fromPipeline && isPipelineVariable(variable)) &&
          !told?.has(variable) &&
          !isDebugVariable(variable),
      ),
    ),
    serviceRole: input.serviceRoleOverride ?? project.serviceRole ?? '',
    ...(input.serviceRoleOverride !== undefined && { roleOverridden: true }),
    ...(start.actor && { actor: start.actor }),
    encryptionKey:
      input.encryptionKeyOverride ??
      project.encryptionKey ??
      `arn:${partition}:kms:${region}:${accountId}:alias/aws/s3`,
    ...defined({ logsConfig: input.logsConfigOverride ?? project.logsConfig }),
    timeoutInMinutes:
      input.timeoutInMinutesOverride ?? project.timeoutInMinutes ?? DEFAULT_TIMEOUT_MINUTES,
    queuedTimeoutInMinutes:
      input.queuedTimeoutInMinutesOverride ??
      project.queuedTimeoutInMinutes ??
      DEFAULT_QUEUED_TIMEOUT_MINUTES,
    ...(project.projectVisibility === 'PUBLIC_READ' &&
      defined({ publicAlias: project.publicProjectAlias })),
    ...(hasVpc(project.vpcConfig) && { vpcConfig: project.vpcConfig }),
    ...(project.fileSystemLocations?.length && {
      fileSystemLocations: project.fileSystemLocations,
    }),
    ...defined({
      buildspec: input.buildspecOverride || source.buildspec,
      autoRetryLimit: input.autoRetryLimitOverride ?? project.autoRetryLimit,
    }),
    initiator:
      ((fromPipeline || told) && variableValue(overrides, PIPELINE_INITIATOR)) || start.initiator,
    ...(told && { webhook: webhookOf([...told]) }),
    ...(isForge(source.type) && (told || source.reportBuildStatus) && { reportsStatus: true }),
    tags: project.tags,
    ...(debug && { debug }),
  };
  checkSources(
    inputs.source,
    inputs.secondarySources.map(withIdentifier),
    input.secondarySourcesVersionOverride ?? [],
  );
  checkArtifacts(inputs.artifacts, inputs.secondaryArtifacts);
  const placed = start.fleet ? onFleet(inputs, start.fleet) : inputs;
  const { environment: its } = placed;
  checkEnvironment({ ...its, environmentVariables: inputs.environmentVariables });
  // A pipeline's action may work under a role of another account.
  if (!start.actor) checkServiceRole(inputs.serviceRole, accountId);
  checkEncryptionKey(input.encryptionKeyOverride);
  checkLogs(inputs.logsConfig);
  checkCache(input.cacheOverride);
  checkAutoRetry(input.autoRetryLimitOverride);
  if (source.location === WEBHOOK_LOCATION)
    throw new RuleError(
      'Invalid project source: a build of a global or organization webhook needs a sourceLocationOverride',
    );
  if (source.type === 'NO_SOURCE') checkOwnBuildspec(inputs.buildspec);
  return placed;
}

/** The new build as BatchGetBuilds shows it: SUBMITTED is over, and it is QUEUED. */
export function newBuild(start: Start, inputs: BuildInputs): Build {
  const { project, input, accountId, region, partition, uuid, now } = start;
  const id = `${project.name}:${uuid}`;
  const revision = variableValue(input.environmentVariablesOverride ?? [], PIPELINE_REVISION);
  return {
    id,
    arn: `arn:${partition}:codebuild:${region}:${accountId}:build/${id}`,
    buildNumber: start.buildNumber,
    startTime: now,
    currentPhase: 'QUEUED',
    buildStatus: 'IN_PROGRESS',
    ...defined({ sourceVersion: inputs.sourceVersion ?? pipelineLocation(inputs) }),
    ...(inputs.source.type === 'CODEPIPELINE' && revision && { resolvedSourceVersion: revision }),
    projectName: project.name,
    phases: [
      {
        phaseType: 'SUBMITTED',
        phaseStatus: 'SUCCEEDED',
        startTime: now,
        endTime: now,
        durationInSeconds: 0,
      },
      { phaseType: 'QUEUED', startTime: now },
    ],
    source: { ...inputs.source, ...defined({ buildspec: inputs.buildspec }) },
    secondarySources: inputs.secondarySources,
    secondarySourceVersions: inputs.secondarySourceVersions,
    artifacts: firstArtifact(inputs.artifacts, start),
    secondaryArtifacts: inputs.secondaryArtifacts.map((each) => firstArtifact(each, start)),
    cache: input.cacheOverride ?? project.cache ?? { type: 'NO_CACHE' },
    environment: { ...inputs.environment, environmentVariables: inputs.environmentVariables },
    serviceRole: inputs.serviceRole,
    logs: {
      deepLink: logConsoleUrl(start.endpoint, region),
      cloudWatchLogsArn: `arn:${partition}:logs:${region}:${accountId}:log-group:null:log-stream:null`,
      ...logsDefaults(inputs.logsConfig),
    },
    timeoutInMinutes: inputs.timeoutInMinutes,
    queuedTimeoutInMinutes: inputs.queuedTimeoutInMinutes,
    buildComplete: false,
    initiator: inputs.initiator,
    encryptionKey: inputs.encryptionKey,
    ...(inputs.debug && { debugSession: { sessionEnabled: true } }),
    ...defined({ vpcConfig: vpcOf(inputs), fileSystemLocations: inputs.fileSystemLocations }),
    ...(inputs.batch && { buildBatchArn: inputs.batch.batchArn }),
    ...(isAutoRetried(inputs) && { autoRetryConfig: autoRetryConfig(inputs) }),
  };
}

/** Where an artifact will be, before there is one; its name may still be changed by the buildspec. */
function firstArtifact(target: ProjectArtifacts, start: Start): BuildArtifacts {
  if (!target.location) return { location: '', ...identifierOf(target) };
  const build = { projectName: start.project.name ?? '', uuid: start.uuid };
  return {
    location: artifactArn(start.partition, target, artifactKey({ target }, build)),
    overrideArtifactName: target.overrideArtifactName ?? false,
    encryptionDisabled: target.encryptionDisabled ?? false,
    ...identifierOf(target),
  };
}

function identifierOf({ artifactIdentifier }: ProjectArtifacts) {
  return artifactIdentifier ? { artifactIdentifier } : {};
}

function primarySource(project: Project, input: StartBuildInput) {
  const own = project.source ?? { type: 'NO_SOURCE' as const };
  if (!input.sourceTypeOverride && own.type === 'CODEPIPELINE') {
    throw new RuleError(
      'Invalid project source: a build of source type CODEPIPELINE is started by its pipeline',
    );
  }
  const changed = input.sourceTypeOverride !== undefined && input.sourceTypeOverride !== own.type;
  const { type, buildspec, gitCloneDepth } = own;
  return {
    // The rest only has a meaning for a source of the project's own type.
    ...(changed ? { type, ...defined({ buildspec, gitCloneDepth }) } : own),
    ...defined({
      type: input.sourceTypeOverride,
      location: input.sourceLocationOverride,
      gitCloneDepth: input.gitCloneDepthOverride,
      gitSubmodulesConfig: input.gitSubmodulesConfigOverride,
      auth: input.sourceAuthOverride,
      insecureSsl: input.insecureSslOverride,
      reportBuildStatus: input.reportBuildStatusOverride,
      buildStatusConfig: input.buildStatusConfigOverride,
    }),
  };
}

/** CodePipeline names its inputs by artifact names, which may hold a hyphen. */
function withIdentifier<
  S extends { type: string | undefined; sourceIdentifier?: string | undefined },
>(source: S): S {
  if (source.type !== 'CODEPIPELINE') return source;
  return { ...source, sourceIdentifier: (source.sourceIdentifier ?? '').replace(/-/g, '_') };
}

function pipelineLocation(inputs: BuildInputs): string | undefined {
  return inputs.source.type === 'CODEPIPELINE' ? inputs.source.location : undefined;
}

function isPipelineVariable({ name }: EnvironmentVariable): boolean {
  return name === PIPELINE_INITIATOR || name === PIPELINE_REVISION || name === BY_ROLE;
}

const isWebhookVariable = (variable: EnvironmentVariable): boolean =>
  isPipelineVariable(variable) || (variable.name ?? '').startsWith('CODEBUILD_WEBHOOK_');

function webhookOf(told: EnvironmentVariable[]): WebhookStart {
  const commit = variableValue(told, PIPELINE_REVISION);
  const variables = told.filter(
    (variable) => !isPipelineVariable(variable) && variable.name !== FROM_FORK,
  );
  return {
    ...(commit && { commit }),
    ...(variableValue(told, FROM_FORK) && { fork: true }),
    variables: Object.fromEntries(variables.map(({ name = '', value = '' }) => [name, value])),
  };
}

function variableValue(variables: EnvironmentVariable[], name: string): string | undefined {
  return variables.find((variable) => variable.name === name)?.value;
}
