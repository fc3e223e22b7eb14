import { type ArtifactSpec, readArtifacts } from './buildspec-artifacts.ts';
import { type ReportSpec, readReports } from './buildspec-reports.ts';
import { extendedPattern } from './retry-pattern.ts';
import { inOrder, type Place, SpecError, type SpecRemark, YamlReader } from './yaml-reader.ts';

/** The phases that a buildspec may describe, in the order in which they run. */
export const SPEC_PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
export type SpecPhase = (typeof SPEC_PHASES)[number];

/** What a failure of the phase leads to. `retries`: how often the phase is tried again. */
export type OnFailure =
  | { kind: 'default' }
  | { kind: 'abort' }
  | { kind: 'continue' }
  /** `pattern`: of the errors that it is tried again for, a POSIX extended regular expression. */
  | { kind: 'retry'; retries: number; pattern?: string };

export interface PhaseSpec {
  commands: string[];
  finally: string[];
  onFailure: OnFailure;
  runAs?: string;
}

/** A buildspec.yml, checked and with AWS's defaults. */
export interface Buildspec {
  version: '0.1' | '0.2';
  runAs?: string;
  /** `proxy`: what AWS would send through the build's own proxy. */
  proxied: ('logs' | 'upload-artifacts')[];
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
  /** Of its cache, as the shell will read it. */
  cacheKey?: string;
  /** What keys of other entries begin with that will do; none without a key. */
  cacheFallbackKeys?: string[];
  /** It is read alone, or written alone. */
  cacheAction?: 'restore' | 'save';
  /** What of it no build can use. */
  cacheUnused?: { part: string; why: string }[];
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
const OWN_KEYS = ['run-as', 'on-failure', 'commands', 'finally'];
const PHASE_KEYS: Partial<Record<SpecPhase, readonly string[]>> & { others: readonly string[] } = {
  install: [...OWN_KEYS, 'runtime-versions'],
  others: OWN_KEYS,
};
const PROXY_KEYS = ['upload-artifacts', 'logs'] as const;
const CACHE_KEYS = ['paths', 'key', 'fallback-keys', 'action'];
/** CB-A23 */
const MAX_FALLBACK_KEYS = 5;
const DEFAULT_RETRIES = 3;
const MAX_RETRIES = 100;

/** What a file says, all that is wrong with it, and what AWS would take otherwise. */
export interface ReadBuildspec {
  /** Undefined where the file cannot be read to its end. */
  spec: Buildspec | undefined;
  /** In the order of the file. */
  problems: SpecError[];
  remarks: SpecRemark[];
}

/**
 * Reads a buildspec (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html).
 * @throws SpecError with the text for the context YAML_FILE_ERROR: the first thing that is wrong
 */
export function parseBuildspec(text: string): Buildspec {
  const {
    spec,
    problems: [problem],
  } = readBuildspec(text);
  if (!spec || problem) throw problem;
  return spec;
}

/** Reads a buildspec to its end, whatever is wrong with it. */
export function readBuildspec(text: string): ReadBuildspec {
  let reader: YamlReader | undefined;
  const broken: SpecError[] = [];
  let spec: Buildspec | undefined;
  try {
    reader = new YamlReader(text);
    spec = readRoot(reader);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    broken.push(error);
  }
  const { problems = [], remarks = [] } = reader ?? {};
  return { spec, problems: inOrder([...problems, ...broken]), remarks };
}

function readRoot(reader: YamlReader): Buildspec {
  const root = reader.root();
  if (reader.isNull(root)) throw new SpecError('The buildspec is empty', root.at);
  const version = readVersion(reader, root);
  const top = reader.known(root, TOP_KEYS[version]);
  const artifacts = readArtifacts(reader, top.get('artifacts'));
  const proxy = reader.known(top.get('proxy'), PROXY_KEYS);
  return {
    version,
    ...readUser(reader, top),
    proxied: PROXY_KEYS.filter((key) => reader.flag(proxy.get(key))),
    ...readEnv(reader, top),
    ...readPhases(reader, top.get('phases')),
    ...artifacts,
    reports: readReports(reader, top.get('reports')),
    ...readCache(reader, top.get('cache')),
  };
}

function readCache(reader: YamlReader, place: Place | undefined) {
  const keys = reader.known(place, CACHE_KEYS);
  const key = oneLine(reader.text(keys.get('key')));
  const fallbacks = reader.texts(keys.get('fallback-keys')).map(oneLine).filter(Boolean);
  const action = readAction(reader, keys.get('action'));
  const cachePaths = reader.texts(keys.get('paths'));
  const unused = [
    ...(key && cachePaths.length === 0 ? [{ part: 'key', why: 'there are no paths' }] : []),
    ...(!key && fallbacks.length > 0 ? [{ part: 'fallback-keys', why: 'there is no key' }] : []),
    ...(key && fallbacks.length > MAX_FALLBACK_KEYS
      ? [{ part: 'fallback-keys', why: `there may be ${MAX_FALLBACK_KEYS}, the first ones` }]
      : []),
  ];
  return {
    cachePaths,
    ...(key && { cacheKey: key, cacheFallbackKeys: fallbacks.slice(0, MAX_FALLBACK_KEYS) }),
    ...(action && { cacheAction: action }),
    ...(unused.length > 0 && { cacheUnused: unused }),
  };
}

const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ').trim();

function readAction(reader: YamlReader, place: Place | undefined): 'restore' | 'save' | undefined {
  const action = reader.text(place).trim();
  if (action === 'restore' || action === 'save') return action;
  if (place && action !== '') reader.refuse(place, `is ${action}; it must be restore or save,`);
  return undefined;
}

/** Of a version that there is not, the rest is read as the latest. */
function readVersion(reader: YamlReader, root: Place): '0.1' | '0.2' {
  const place = reader.members(root).get('version');
  const version = reader.text(place).trim();
  if (version === '0.1' || version === '0.2') return version;
  if (place && version !== '') reader.refuse(place, `is ${version}; it must be 0.1 or 0.2,`);
  else {
    const missing = 'The key "version" is missing; it must be 0.1 or 0.2,';
    reader.problems.push(new SpecError(missing, (place ?? root).at));
  }
  return '0.2';
}

/** A name that a user of Linux can have, or a number. */
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/;

function readUser(reader: YamlReader, keys: Map<string, Place>): { runAs?: string } {
  const place = keys.get('run-as');
  const runAs = reader.text(place).trim();
  if (!place || runAs === '') return {};
  if (!USER.test(runAs)) reader.refuse(place, `is ${runAs}; it must be the name of a user,`);
  return { runAs };
}

const WINDOWS = ['powershell.exe', 'cmd.exe'];

function readEnv(reader: YamlReader, top: Map<string, Place>) {
  const env = reader.known(top.get('env'), ENV_KEYS);
  const old = reader.known(top.get('environment_variables'), ['plaintext']);
  return {
    shell: readShell(reader, env.get('shell')),
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

function readShell(reader: YamlReader, place: Place | undefined): string {
  const shell = reader.text(place).trim() || 'sh';
  const base = shell.replace(/^.*\//, '');
  if (place && !['sh', 'bash'].includes(base)) {
    const where = WINDOWS.includes(base) ? 'is for Windows, which' : '';
    const problem = where ? `${where} is not supported` : 'is not supported';
    reader.refuse(place, `${shell} ${problem}; it must be sh or bash,`);
  }
  return base;
}

function textMap(reader: YamlReader, place: Place | undefined): Record<string, string> {
  return Object.fromEntries(
    [...reader.members(place)].map(([key, value]) => [key, reader.text(value)]),
  );
}

function readPhases(reader: YamlReader, place: Place | undefined) {
  const members = reader.known(place, SPEC_PHASES);
  const phases: Partial<Record<SpecPhase, PhaseSpec>> = {};
  let runtimeVersions: Record<string, string> = {};
  for (const name of SPEC_PHASES) {
    const at = members.get(name);
    if (!at || reader.isNull(at)) continue;
    const keys = reader.known(at, PHASE_KEYS[name] ?? PHASE_KEYS.others);
    if (name === 'install') runtimeVersions = textMap(reader, keys.get('runtime-versions'));
    phases[name] = {
      commands: reader.texts(keys.get('commands')),
      finally: reader.texts(keys.get('finally')),
      onFailure: readOnFailure(reader, keys.get('on-failure')),
      ...readUser(reader, keys),
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
    const kinds = 'ABORT, CONTINUE, RETRY, RETRY-<count>, RETRY-<regex> or RETRY-<count>-<regex>';
    reader.refuse(place, `is ${text}; it must be ${kinds}, with a count of at most 100,`);
    return { kind: 'default' };
  }
  const [, , written] = retry;
  if (written === undefined) return { kind: 'retry', retries };
  const { pattern, problem } = extendedPattern(written);
  if (problem) reader.refuse(place, `has a regular expression that cannot be used: ${problem},`);
  return { kind: 'retry', retries, pattern };
}
