import { YamlError } from '../yaml-source.ts';
import { AppSpecError, problem } from './error.ts';
import { type Permission, parsePermission } from './permission.ts';
import { loadYaml } from './psych.ts';
import { isTrue, member, type RubyValue, strip, toInteger, toText } from './ruby.ts';

export interface FileMapping {
  /** Not yet known to be strings: what is none fails when it is installed, as in the official agent. */
  source: RubyValue;
  destination: RubyValue;
}

export interface Script {
  location: string;
  runas?: string;
  sudo: boolean;
  /** Seconds. */
  timeout: number;
}

/** An AppSpec file for servers. */
export interface AppSpec {
  hooks: Map<string, Script[]>;
  files: FileMapping[];
  permissions: Permission[];
  fileExistsBehavior?: 'DISALLOW' | 'OVERWRITE' | 'RETAIN';
}

const DEFAULT_TIMEOUT_SECONDS = 3600n;

/** Where in the file it is. */
export type AppSpecPath = readonly (string | number)[];
/** Told of all that is wrong; who throws hears of the first alone. */
export type OnProblem = (error: Error, path: AppSpecPath) => void;

const throwIt: OnProblem = (error) => {
  throw error;
};

/**
 * Reads an AppSpec file for a Linux host (CD-SPC-01 to 06). What `onProblem` was told of is missing in what is returned.
 * @throws Error in the official agent's words, unless `onProblem` takes them
 */
export function parseAppSpec(text: string, onProblem: OnProblem = throwIt): AppSpec {
  const attempt: Attempt = (path, read, otherwise) => {
    try {
      return read();
    } catch (error) {
      onProblem(error as Error, path);
      return otherwise;
    }
  };
  return attempt([], () => readAppSpec(readYaml(text), attempt), EMPTY);
}

type Attempt = <T>(path: AppSpecPath, read: () => T, otherwise: T) => T;

const EMPTY: AppSpec = { hooks: new Map(), files: [], permissions: [] };

function readAppSpec(yaml: RubyValue, attempt: Attempt): AppSpec {
  if (!isTrue(yaml)) {
    throw problem(
      "the application specification file was empty. Make sure your AppSpec file defines at minimum the 'version' and 'os' properties.",
    );
  }
  const list = <T>(name: string, parse: (entry: RubyValue) => T): T[] =>
    attempt([name], () => section(member(yaml, name), name), []).flatMap((entry, index) =>
      attempt([name, index], () => [parse(entry)], []),
    );
  attempt(['version'], () => checkVersion(member(yaml, 'version')), undefined);
  attempt(['os'], () => checkOs(member(yaml, 'os')), undefined);
  const hooks = attempt(['hooks'], () => parseHooks(member(yaml, 'hooks'), attempt), new Map());
  const [files, permissions] = [list('files', parseFile), list('permissions', parsePermission)];
  const behavior = member(yaml, 'file_exists_behavior');
  const fileExistsBehavior =
    behavior === null
      ? undefined
      : attempt(['file_exists_behavior'], () => parseBehavior(behavior), undefined);
  return { hooks, files, permissions, ...(fileExistsBehavior && { fileExistsBehavior }) };
}

function readYaml(text: string): RubyValue {
  try {
    return loadYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const { message, line, column } = error;
    throw problem(
      `the application specification file is not valid YAML: ${message} at line ${line} column ${column}`,
    );
  }
}

/** 0 is 0.0, and "0.0" is not. */
function checkVersion(version: RubyValue): void {
  if (version === 0 || version === 0n) return;
  throw problem(
    `an invalid version value (${toText(version)}) was entered in the application specification file. Make sure your AppSpec file specifies "0.0" as the version, and then try again.`,
  );
}

/** The host's own system: this agent runs on Linux. */
function checkOs(os: RubyValue): void {
  if (os === 'linux') return;
  throw problem(
    `the application specification file specifies an unsupported operating system (${toText(os)}). Specify either "linux" or "windows" in the os section of the AppSpec file, and then try again.`,
  );
}

function section(value: RubyValue, name: string): RubyValue[] {
  if (!isTrue(value)) return [];
  if (Array.isArray(value)) return value;
  // The pairs of a mapping are its items.
  if (value instanceof Map) return [...value];
  throw problem(`the ${name} section of the application specification file is not a list.`, name);
}

function parseBehavior(value: RubyValue): AppSpec['fileExistsBehavior'] {
  if (value === 'DISALLOW' || value === 'OVERWRITE' || value === 'RETAIN') return value;
  throw problem(
    `an invalid file_exists_behavior value (${toText(value)}) was entered in the application specification file. Make sure your AppSpec file specifies one of DISALLOW,OVERWRITE,RETAIN as the file_exists_behavior, and then try again.`,
  );
}

function parseFile(entry: RubyValue): FileMapping {
  const [source, destination] = [member(entry, 'source'), member(entry, 'destination')];
  if (source === null) {
    throw problem(
      'the application specification file specifies a destination file, but no source file.',
      'files',
    );
  }
  if (destination === null) {
    throw problem(
      `the application specification file specifies only a source file (${toText(source)}). Add the name of the destination file to the files section of the AppSpec file, and then try again.`,
    );
  }
  return { source, destination };
}

function parseHooks(value: RubyValue, attempt: Attempt): Map<string, Script[]> {
  const hooks = new Map<string, Script[]>();
  if (!isTrue(value)) return hooks;
  if (!(value instanceof Map)) {
    throw problem(
      'the hooks section of the application specification file is not a mapping.',
      'hooks',
    );
  }
  for (const [event, scripts] of value) {
    if (!isTrue(scripts)) continue;
    const name = toText(event);
    const parsed = attempt(['hooks', name], () => scriptList(name, scripts), []).flatMap(
      (script, index) => attempt(['hooks', name, index], () => [parseScript(script)], []),
    );
    hooks.set(name, parsed);
  }
  return hooks;
}

function scriptList(event: string, scripts: RubyValue): RubyValue[] {
  if (scripts instanceof Map) return [...scripts];
  if (Array.isArray(scripts)) return scripts;
  throw problem(
    `the hook ${event} in the application specification file is not a list of scripts.`,
    'hooks',
  );
}

function parseScript(entry: RubyValue): Script {
  if (!(entry instanceof Map)) {
    throw problem(
      'the application specification file has a script that is not a mapping with a location.',
      'hooks',
    );
  }
  const location = strip(toText(entry.get('location') ?? null));
  if (location === '') {
    throw problem(
      'the application specification file specifies a script with no location value. Specify the location in the hooks section of the AppSpec file, and then try again.',
    );
  }
  const runas = entry.get('runas') ?? null;
  return {
    location,
    ...(runas !== null && { runas: strip(toText(runas)) }),
    sudo: isTrue(entry.get('sudo')),
    timeout: parseTimeout(entry.get('timeout') ?? null),
  };
}

function parseTimeout(value: RubyValue): number {
  const seconds = isTrue(value) ? toInteger(value) : DEFAULT_TIMEOUT_SECONDS;
  if (seconds !== undefined && seconds > 0n) return Number(seconds);
  throw new AppSpecError(
    'The deployment failed because an invalid timeout value was provided for a script in the application specification file. Make corrections in the hooks section of the AppSpec file, and then try again.',
  );
}
