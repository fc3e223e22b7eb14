import type {
  EnvironmentVariable,
  LogsConfig,
  Project,
  ProjectArtifacts,
  ProjectEnvironment,
  ProjectSource,
} from '@aws-sdk/client-codebuild';

/** The members of a project that AWS fills in when a call leaves them out. */
export function withProjectDefaults(project: Project): Project {
  const { environment, artifacts, secondaryArtifacts, source, secondarySources } = project;
  const name = project.name ?? '';
  return {
    ...project,
    ...(environment && { environment: environmentDefaults(environment) }),
    ...(artifacts && { artifacts: artifactDefaults(artifacts, name) }),
    ...(secondaryArtifacts && {
      secondaryArtifacts: secondaryArtifacts.map((each) => artifactDefaults(each, name)),
    }),
    ...(source && { source: sourceDefaults(source) }),
    ...(secondarySources && { secondarySources: secondarySources.map(sourceDefaults) }),
  };
}

export function environmentDefaults(environment: ProjectEnvironment): ProjectEnvironment {
  return {
    ...environment,
    privilegedMode: environment.privilegedMode ?? false,
    imagePullCredentialsType: environment.imagePullCredentialsType ?? 'CODEBUILD',
    environmentVariables: (environment.environmentVariables ?? []).map(variableDefaults),
  };
}

export function variableDefaults(variable: EnvironmentVariable): EnvironmentVariable {
  return { ...variable, type: variable.type ?? 'PLAINTEXT' };
}

/** A pipeline says itself where its artifacts go, and how. */
export function artifactDefaults(artifacts: ProjectArtifacts, project: string): ProjectArtifacts {
  if (artifacts.type === 'NO_ARTIFACTS') return artifacts;
  return {
    ...artifacts,
    name: artifacts.name || project,
    ...(artifacts.type === 'S3' && { namespaceType: artifacts.namespaceType ?? 'NONE' }),
    packaging: artifacts.packaging ?? 'NONE',
    encryptionDisabled: artifacts.encryptionDisabled ?? false,
  };
}

export function sourceDefaults(source: ProjectSource): ProjectSource {
  return { ...source, insecureSsl: source.insecureSsl ?? false };
}

/** Both kinds of logs as a build shows them, whatever its project says of them. */
export function logsDefaults(config: LogsConfig | undefined): LogsConfig {
  return {
    cloudWatchLogs: config?.cloudWatchLogs ?? { status: 'ENABLED' },
    s3Logs: config?.s3Logs ?? { status: 'DISABLED', encryptionDisabled: false },
  };
}
