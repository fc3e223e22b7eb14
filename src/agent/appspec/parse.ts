import { parseDocument } from 'yaml';
import { AppSpecError, problem } from './error.ts';
import { type Permission, parsePermission } from './permission.ts';

export interface FileMapping {
  source: string;
  destination: string;
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

const DEFAULT_TIMEOUT_SECONDS = 3600;

type Yaml = Record<string, unknown>;

/** Reads an AppSpec file for a Linux host (CD-SPC-01 to 06). @throws AppSpecError in the official agent's words */
export function parseAppSpec(text: string): AppSpec {
  const yaml = readYaml(text);
  if (yaml === null || yaml === undefined || yaml === false) {
    throw problem(
      "the application specification file was empty. Make sure your AppSpec file defines at minimum the 'version' and 'os' properties.",
    );
  }
  if (typeof yaml !== 'object' || Array.isArray(yaml)) {
    throw problem('the application specification file is not a mapping.');
  }
  const { version, os, hooks, files, permissions, file_exists_behavior: behavior } = yaml as Yaml;
  if (version !== 0) {
    throw problem(
      `an invalid version value (${version ?? ''}) was entered in the application specification file. Make sure your AppSpec file specifies "0.0" as the version, and then try again.`,
    );
  }
  // The host's own system: this agent runs on Linux.
  if (os !== 'linux') {
    throw problem(
      `the application specification file specifies an unsupported operating system (${os ?? ''}). Specify either "linux" or "windows" in the os section of the AppSpec file, and then try again.`,
    );
  }
  return {
    hooks: parseHooks(hooks),
    files: section(files, 'files').map(parseFile),
    permissions: section(permissions, 'permissions').map(parsePermission),
    ...(behavior != null && { fileExistsBehavior: parseBehavior(behavior) }),
  };
}

/** YAML 1.1, as the official agent reads it; of a key that comes twice the last counts. */
function readYaml(text: string): unknown {
  try {
    const document = parseDocument(text, {
      version: '1.1',
      uniqueKeys: false,
      logLevel: 'error',
    });
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS();
  } catch (error) {
    throw problem(
      `the application specification file is not valid YAML: ${(error as Error).message}`,
    );
  }
}

function section(value: unknown, name: string): unknown[] {
  if (value === undefined || value === null || value === false) return [];
  if (!Array.isArray(value)) {
    throw problem(`the ${name} section of the application specification file is not a list.`, name);
  }
  return value;
}

function parseBehavior(value: unknown): AppSpec['fileExistsBehavior'] {
  if (value === 'DISALLOW' || value === 'OVERWRITE' || value === 'RETAIN') return value;
  throw problem(
    `an invalid file_exists_behavior value (${value}) was entered in the application specification file. Make sure your AppSpec file specifies one of DISALLOW,OVERWRITE,RETAIN as the file_exists_behavior, and then try again.`,
  );
}

function parseFile(entry: unknown): FileMapping {
  const { source, destination } = (
    typeof entry === 'object' && entry !== null ? entry : {}
  ) as Yaml;
  if (source === undefined || source === null) {
    throw problem(
      'the application specification file specifies a destination file, but no source file.',
      'files',
    );
  }
  if (destination === undefined || destination === null) {
    throw problem(
      `the application specification file specifies only a source file (${source}). Add the name of the destination file to the files section of the AppSpec file, and then try again.`,
    );
  }
  return { source: String(source), destination: String(destination) };
}

function parseHooks(value: unknown): Map<string, Script[]> {
  const hooks = new Map<string, Script[]>();
  if (value === undefined || value === null || value === false) return hooks;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw problem(
      'the hooks section of the application specification file is not a mapping.',
      'hooks',
    );
  }
  for (const [event, scripts] of Object.entries(value)) {
    if (scripts === null || scripts === undefined) continue;
    if (!Array.isArray(scripts)) {
      throw problem(
        `the hook ${event} in the application specification file is not a list of scripts.`,
        'hooks',
      );
    }
    hooks.set(event, scripts.map(parseScript));
  }
  return hooks;
}

function parseScript(entry: unknown): Script {
  const yaml = (typeof entry === 'object' && entry !== null ? entry : {}) as Yaml;
  const { location, runas, sudo, timeout } = yaml;
  if (location === undefined || location === null) {
    throw problem(
      'the application specification file specifies a script with no location value. Specify the location in the hooks section of the AppSpec file, and then try again.',
    );
  }
  const seconds = timeout == null ? DEFAULT_TIMEOUT_SECONDS : Number.parseInt(String(timeout), 10);
  if (!(seconds > 0)) {
    throw new AppSpecError(
      'The deployment failed because an invalid timeout value was provided for a script in the application specification file. Make corrections in the hooks section of the AppSpec file, and then try again.',
    );
  }
  return {
    location: String(location).trim(),
    ...(runas != null && { runas: String(runas).trim() }),
    sudo: Boolean(sudo),
    timeout: seconds,
  };
}
