import { setOwn } from '../../../lib/own.ts';
import { type Place, SpecError, YamlReader } from './yaml-reader.ts';

/** The phases that a buildspec may describe, in the order in which they run. */
export const SPEC_PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
export type SpecPhase = (typeof SPEC_PHASES)[number];

/** What a failure of the phase leads to. `retries`: how often the phase is tried again. */
export type OnFailure =
  | { kind: 'default' }
  | { kind: 'abort' }
  | { kind: 'continue' }
  | { kind: 'retry'; retries: number; pattern?: string };

export interface PhaseSpec {
  commands: string[];
  finally: string[];
  onFailure: OnFailure;
  runAs?: string;
}

export interface ArtifactSpec {
  files: string[];
  name?: string;
  discardPaths: boolean;
  baseDirectory?: string;
  excludePaths: string[];
  enableSymlinks: boolean;
  s3Prefix?: string;
}

export interface ReportSpec {
  files: string[];
  fileFormat: string;
  baseDirectory?: string;
  discardPaths: boolean;
}

/** A buildspec.yml, checked and with AWS's defaults. */
export interface Buildspec {
  version: '0.1' | '0.2';
  runAs?: string;
  /** `env.shell`; default `sh`. */
  shell: string;
  variables: Record<string, string>;
  /** Variable name to parameter name. */
  parameterStore: Record<string, string>;
  /** Variable name to `secret-id:json-key:version-stage:version-id`. */
  secretsManager: Record<string, string>;
  exportedVariables: string[];
  gitCredentialHelper: boolean;
  phases: Partial<Record<SpecPhase, PhaseSpec>>;
  runtimeVersions: Record<string, string>;
  artifacts?: ArtifactSpec;
  secondaryArtifacts: Record<string, ArtifactSpec>;
  reports: Record<string, ReportSpec>;
  cachePaths: string[];
}

/** Elastic Beanstalk's CLI reads its settings from the same file. */
const FOREIGN_KEY = 'eb_codebuild_settings';
const TOP_KEYS = {
  '0.1': ['version', 'environment_variables', 'env', 'phases', 'artifacts', 'cache', FOREIGN_KEY],
  '0.2': [
    'version',
    'run-as',
    'env',
    'proxy',
    'batch',
    'phases',
    'reports',
    'artifacts',
    'cache',
    FOREIGN_KEY,
  ],
} as const;
const ENV_KEYS = [
  'shell',
  'variables',
  'parameter-store',
  'secrets-manager',
  'exported-variables',
  'git-credential-helper',
];
const PHASE_KEYS = ['run-as', 'on-failure', 'commands', 'finally', 'runtime-versions'];
const ARTIFACT_KEYS = [
  'type',
  'files',
  'name',
  'discard-paths',
  'base-directory',
  'exclude-paths',
  'enable-symlinks',
  's3-prefix',
];
const REPORT_KEYS = ['files', 'file-format', 'base-directory', 'discard-paths'];
const CACHE_KEYS = ['paths', 'key', 'fallback-keys', 'action'];
const DEFAULT_RETRIES = 3;
const MAX_RETRIES = 100;

/**
 * Reads a buildspec (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html).
 * @throws SpecError with the text for the context YAML_FILE_ERROR
 */
export function parseBuildspec(text: string): Buildspec {
  const reader = new YamlReader(text);
  const root = reader.root();
  if (reader.isNull(root)) throw new SpecError('The buildspec is empty');
  const version = readVersion(reader, root);
  const top = reader.known(root, TOP_KEYS[version]);
  const artifacts = readArtifacts(reader, top.get('artifacts'));
  const runAs = reader.text(top.get('run-as'));
  return {
    version,
    ...(runAs ? { runAs } : {}),
    ...readEnv(reader, top),
    ...readPhases(reader, top.get('phases')),
    ...artifacts,
    reports: readReports(reader, top.get('reports')),
    cachePaths: reader.texts(readMembers(reader, top.get('cache'), CACHE_KEYS).get('paths')),
  };
}

function readVersion(reader: YamlReader, root: Place): '0.1' | '0.2' {
  const place = reader.members(root).get('version');
  const version = reader.text(place).trim();
  if (version === '0.1' || version === '0.2') return version;
  if (!place || version === '')
    throw new SpecError('The key "version" is missing; it must be 0.1 or 0.2');
  return reader.fail(place, `is ${version}; it must be 0.1 or 0.2,`);
}

function readMembers(reader: YamlReader, place: Place | undefined, keys: readonly string[]) {
  return place ? reader.known(place, keys) : new Map<string, Place>();
}

function readEnv(reader: YamlReader, top: Map<string, Place>) {
  const env = readMembers(reader, top.get('env'), ENV_KEYS);
  const old = readMembers(reader, top.get('environment_variables'), ['plaintext']);
  const shell = reader.text(env.get('shell')).trim() || 'sh';
  const base = shell.replace(/^.*\//, '');
  if (env.has('shell') && !['sh', 'bash'].includes(base)) {
    reader.fail(env.get('shell') as Place, `${shell} is not supported; it must be sh or bash,`);
  }
  return {
    shell: base,
    variables: {
      ...textMap(reader, old.get('plaintext')),
      ...textMap(reader, env.get('variables')),
    },
    parameterStore: textMap(reader, env.get('parameter-store')),
    secretsManager: textMap(reader, env.get('secrets-manager')),
    exportedVariables: reader.texts(env.get('exported-variables')),
    gitCredentialHelper: reader.flag(env.get('git-credential-helper')),
  };
}

function textMap(reader: YamlReader, place: Place | undefined): Record<string, string> {
  if (!place) return {};
  return Object.fromEntries(
    [...reader.members(place)].map(([key, value]) => [key, reader.text(value)]),
  );
}

function readPhases(reader: YamlReader, place: Place | undefined) {
  const members = readMembers(reader, place, SPEC_PHASES);
  const phases: Partial<Record<SpecPhase, PhaseSpec>> = {};
  let runtimeVersions: Record<string, string> = {};
  for (const name of SPEC_PHASES) {
    const at = members.get(name);
    if (!at || reader.isNull(at)) continue;
    const keys = reader.known(at, PHASE_KEYS);
    runtimeVersions = { ...runtimeVersions, ...textMap(reader, keys.get('runtime-versions')) };
    const runAs = reader.text(keys.get('run-as'));
    phases[name] = {
      commands: reader.texts(keys.get('commands')),
      finally: reader.texts(keys.get('finally')),
      onFailure: readOnFailure(reader, keys.get('on-failure')),
      ...(runAs ? { runAs } : {}),
    };
  }
  return { phases, runtimeVersions };
}

function readOnFailure(reader: YamlReader, place: Place | undefined): OnFailure {
  const text = reader.text(place).trim();
  if (!place || text === '') return { kind: 'default' };
  if (text === 'ABORT') return { kind: 'abort' };
  if (text === 'CONTINUE') return { kind: 'continue' };
  const retry = /^RETRY(?:-(\d+))?(?:-(.+))?$/s.exec(text);
  const retries = Number(retry?.[1] ?? DEFAULT_RETRIES);
  if (!retry || retries > MAX_RETRIES) {
    return reader.fail(
      place,
      `is ${text}; it must be ABORT, CONTINUE or RETRY, RETRY-<count>, RETRY-<regex>,`,
    );
  }
  return { kind: 'retry', retries, ...(retry[2] ? { pattern: retry[2] } : {}) };
}

function readArtifacts(reader: YamlReader, place: Place | undefined) {
  if (!place || reader.isNull(place)) return { secondaryArtifacts: {} };
  const keys = reader.known(place, [...ARTIFACT_KEYS, 'secondary-artifacts']);
  const secondary = keys.get('secondary-artifacts');
  const secondaryArtifacts: Record<string, ArtifactSpec> = {};
  for (const [id, at] of secondary ? reader.members(secondary) : []) {
    const artifact = readArtifact(reader, at, reader.known(at, ARTIFACT_KEYS), true);
    setOwn(secondaryArtifacts, id, artifact);
  }
  const artifacts = readArtifact(reader, place, keys, secondary === undefined);
  return { ...(artifacts.files.length > 0 ? { artifacts } : {}), secondaryArtifacts };
}

function readArtifact(
  reader: YamlReader,
  place: Place,
  keys: Map<string, Place>,
  filesRequired: boolean,
): ArtifactSpec {
  const files = reader.texts(keys.get('files'));
  if (filesRequired && files.length === 0) reader.fail(place, 'has no files');
  const name = reader.text(keys.get('name'));
  const baseDirectory = reader.text(keys.get('base-directory'));
  const s3Prefix = reader.text(keys.get('s3-prefix'));
  return {
    files,
    ...(name ? { name } : {}),
    discardPaths: reader.flag(keys.get('discard-paths')),
    ...(baseDirectory ? { baseDirectory } : {}),
    excludePaths: reader.texts(keys.get('exclude-paths')),
    enableSymlinks: reader.flag(keys.get('enable-symlinks')),
    ...(s3Prefix ? { s3Prefix } : {}),
  };
}

function readReports(reader: YamlReader, place: Place | undefined): Record<string, ReportSpec> {
  const reports: Record<string, ReportSpec> = {};
  for (const [name, at] of place ? reader.members(place) : []) {
    const keys = reader.known(at, REPORT_KEYS);
    const baseDirectory = reader.text(keys.get('base-directory'));
    setOwn(reports, name, {
      files: reader.texts(keys.get('files')),
      fileFormat: reader.text(keys.get('file-format')).toUpperCase() || 'JUNITXML',
      ...(baseDirectory ? { baseDirectory } : {}),
      discardPaths: reader.flag(keys.get('discard-paths')),
    });
  }
  return reports;
}
