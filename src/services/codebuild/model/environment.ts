import type { Build, EnvironmentVariable } from '@aws-sdk/client-codebuild';
import type { BuildInputs, SourceDirectory } from './build-record.ts';
import { PhaseFailure } from './build-state.ts';
import type { Buildspec } from './buildspec.ts';
import { mountVariables } from './places.ts';

/** Where the value of a variable comes from. */
export type VariableSource =
  | { kind: 'plaintext'; value: string }
  | { kind: 'parameter'; parameter: string }
  | { kind: 'secret'; secretId: string; jsonKey?: string; stage?: string; versionId?: string };

/** Variables of StartBuild over those of the project (CB-A7); a name keeps its place. */
export function mergeVariables(
  project: EnvironmentVariable[],
  overrides: EnvironmentVariable[],
): EnvironmentVariable[] {
  const merged = new Map(project.map((variable) => [variable.name, variable]));
  for (const variable of overrides) merged.set(variable.name, variable);
  return [...merged.values()];
}

/** All variables of a build that its authors set: StartBuild over project over buildspec (CB-A7). */
export function variableSources(
  variables: EnvironmentVariable[],
  spec: Buildspec,
): Map<string, VariableSource> {
  const found = new Map<string, VariableSource>();
  for (const [name, value] of Object.entries(spec.variables))
    found.set(name, { kind: 'plaintext', value });
  for (const [name, parameter] of Object.entries(spec.parameterStore))
    found.set(name, { kind: 'parameter', parameter });
  for (const [name, reference] of Object.entries(spec.secretsManager))
    found.set(name, secretReference(reference));
  for (const { name = '', value = '', type } of variables) {
    if (type === 'PARAMETER_STORE') found.set(name, { kind: 'parameter', parameter: value });
    else if (type === 'SECRETS_MANAGER') found.set(name, secretReference(value));
    else found.set(name, { kind: 'plaintext', value });
  }
  return found;
}

/** Names by which CodeBuild itself speaks to a build; nobody else may set them. */
const RESERVED = /^CODEBUILD_/;

/** Splits what the authors set from what cannot be: each of those with the line that the log has for it. */
export function settableSources(
  sources: Map<string, VariableSource>,
  settable: (name: string) => boolean,
): { sources: Map<string, VariableSource>; skipped: string[] } {
  const skipped: string[] = [];
  const taken = [...sources].filter(([name]) => {
    if (RESERVED.test(name))
      skipped.push(`Skipping environment variable ${name}: CODEBUILD_ is reserved`);
    else if (!settable(name)) skipped.push(`Skipping invalid environment variable name ${name}`);
    else return true;
    return false;
  });
  return { sources: new Map(taken), skipped };
}

/** What a build's environment is made of. */
export interface EnvironmentParts {
  region: string;
  /** Of the server: endpoint, and what the machine needs to reach the network. */
  machine: Record<string, string>;
  /** The service role's session, as AWS_ACCESS_KEY_ID and so on. */
  role: Record<string, string>;
  /** What the authors set, with its values. */
  authored: Record<string, string>;
  /** What CodeBuild says: CODEBUILD_*. */
  own: Record<string, string>;
}

/**
 * Only CODEBUILD_* is reserved. Access keys of the authors' own are used alone: with the role's session token beside
 * them no call could be signed.
 */
export function environmentOf(parts: EnvironmentParts): Record<string, string> {
  const { region, machine, role, authored, own } = parts;
  const ownKeys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].some((name) =>
    Object.hasOwn(authored, name),
  );
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...machine,
    ...authored,
    ...(ownKeys ? {} : role),
    ...own,
  };
}

/**
 * `secret-id|arn[:json-key[:version-stage[:version-id]]]`; an ARN has six colons of its own (CB-A9).
 * @throws PhaseFailure when there is more
 */
export function secretReference(text: string): VariableSource {
  const parts = text.split(':');
  const idParts = text.startsWith('arn:') ? 7 : 1;
  const secretId = parts.slice(0, idParts).join(':');
  const [jsonKey, stage, versionId, ...rest] = parts.slice(idParts);
  if (rest.length > 0) {
    throw new PhaseFailure('Secrets Manager Error', `Invalid secret reference: ${text}`);
  }
  return {
    kind: 'secret',
    secretId,
    ...(jsonKey && { jsonKey }),
    ...(stage && { stage }),
    ...(versionId && { versionId }),
  };
}

/** What CodeBuild itself says to a build (CB 2B). */
export function buildVariables(
  build: Build,
  inputs: BuildInputs,
  sources: SourceDirectory[],
  buildUrl: string,
): Record<string, string> {
  const [primary] = sources;
  const { logs, id = '', arn = '' } = build;
  const env: Record<string, string> = {
    CODEBUILD_BUILD_ARN: arn,
    CODEBUILD_BUILD_ID: id,
    CODEBUILD_BUILD_IMAGE: inputs.environment.image ?? '',
    CODEBUILD_BUILD_NUMBER: String(build.buildNumber ?? ''),
    CODEBUILD_BUILD_SUCCEEDING: '1',
    CODEBUILD_BUILD_URL: buildUrl,
    CODEBUILD_INITIATOR: inputs.initiator,
    CODEBUILD_KMS_KEY_ID: inputs.encryptionKey,
    CODEBUILD_LOG_PATH: logs?.streamName ?? '',
    CODEBUILD_PROJECT_ARN: arn.replace(/:build\/([^:]+):.*$/, ':project/$1'),
    CODEBUILD_START_TIME: String(build.startTime?.getTime() ?? ''),
    CODEBUILD_SRC_DIR: primary?.directory ?? '',
    CODEBUILD_SOURCE_VERSION: build.sourceVersion ?? '',
    CODEBUILD_CI: 'true',
  };
  if (build.resolvedSourceVersion)
    env.CODEBUILD_RESOLVED_SOURCE_VERSION = build.resolvedSourceVersion;
  Object.assign(env, inputs.webhook?.variables, batchVariables(inputs));
  Object.assign(env, mountVariables(inputs.fileSystemLocations ?? []));
  for (const { identifier, directory, repositoryUrl, version } of sources) {
    const suffix = identifier ? `_${identifier.replace(/[^A-Za-z0-9_]/g, '_')}` : '';
    if (repositoryUrl) env[`CODEBUILD_SOURCE_REPO_URL${suffix}`] = repositoryUrl;
    if (!identifier) continue;
    env[`CODEBUILD_SRC_DIR${suffix}`] = directory;
    if (version) env[`CODEBUILD_SOURCE_VERSION${suffix}`] = version;
  }
  return env;
}

/** Which build of its batch it is (CB-G7), and which part of the tests is its own (CB-G4). */
function batchVariables({ batch }: BuildInputs): Record<string, string> {
  if (!batch) return {};
  const { identifier, shard } = batch;
  return {
    CODEBUILD_BATCH_BUILD_IDENTIFIER: identifier,
    ...(shard && {
      CODEBUILD_CURRENT_SHARD: String(shard.current),
      CODEBUILD_TOTAL_SHARDS: String(shard.total),
    }),
  };
}

/** The log's lines for exported variables that are not: AWS takes neither secrets nor what is AWS's own (CB-A10). */
export function unexportedLines(
  spec: Buildspec,
  sources: Map<string, VariableSource>,
  settable: (name: string) => boolean,
): string[] {
  const exportable = exportableNames(spec, sources);
  return spec.exportedVariables.flatMap((name) => {
    const line = `Skipping exported variable ${name}`;
    if (!exportable.includes(name)) return [`${line}: its value may not be shown`];
    return settable(name) ? [] : [`${line}: no shell has a variable of that name`];
  });
}

/** Names of the buildspec's exported variables that may be shown (CB-A10): no secrets, nothing of AWS's. */
export function exportableNames(spec: Buildspec, sources: Map<string, VariableSource>): string[] {
  return spec.exportedVariables.filter(
    (name) => !name.startsWith('AWS_') && (sources.get(name)?.kind ?? 'plaintext') === 'plaintext',
  );
}
