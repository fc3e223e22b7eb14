import { parse } from 'yaml';

/*
 * The file by which an EC2 deploy action says what goes where on an instance, and what runs before and after (CP-B17). Its own
 * form is version 0.1; an AppSpec file, version 0.0, is read as well:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-EC2Deploy.html#action-reference-EC2Deploy-spec-reference
 */

export interface DeploySpec {
  /** A file goes into its destination, of a directory what is in it. */
  files: { source: string; destination: string }[];
  before: DeployScript[];
  after: DeployScript[];
}

export interface DeployScript {
  /** From the artifact's root. */
  location: string;
  seconds: number;
  /** The user, where it is not the one of Systems Manager's agent. */
  runas?: string;
}

/** Why a file is none, for people. */
export class NoDeploySpec extends Error {}

/** A handful of names: what is longer is none. */
const MOST_CHARACTERS = 64 * 1024;
const MOST_ENTRIES = 100;
/** As CodeDeploy has it for a script. */
const USUAL_SECONDS = 3600;

/** Where the events of an AppSpec file come in, in their order. */
const BEFORE = { scripts: ['BeforeDeploy'], hooks: ['ApplicationStop', 'BeforeInstall'] } as const;
const AFTER = {
  scripts: ['AfterDeploy'],
  hooks: ['AfterInstall', 'ApplicationStart', 'ValidateService'],
} as const;

/** @throws NoDeploySpec */
export function parseDeploySpec(text: string): DeploySpec {
  const root = mapOf('The file', read(text));
  const version = String(root.version ?? '');
  const isAppSpec = Number(version) === 0;
  if (version === '' || (!isAppSpec && Number(version) !== 0.1))
    throw new NoDeploySpec(`the version '${version}' is neither 0.1 nor 0.0`);
  if (root.os !== undefined && root.os !== 'linux')
    throw new NoDeploySpec(`the os '${root.os}' is not linux`);
  // AWS gives files permissions by it; done without, they would be open to others.
  if (root.permissions !== undefined)
    throw new NoDeploySpec('Slipway does not support permissions of a deploy spec file yet');
  const member = isAppSpec ? 'hooks' : 'scripts';
  const events = mapOf(member, root[member] ?? {});
  const scripts = (names: readonly string[]) =>
    names.flatMap((name) => listOf(name, events[name]).map((one) => scriptOf(name, one)));
  return {
    files: listOf('files', root.files).map(fileOf),
    before: scripts(BEFORE[member]),
    after: scripts(AFTER[member]),
  };
}

function read(text: string): unknown {
  if (text.length > MOST_CHARACTERS) throw new NoDeploySpec('it is too long');
  try {
    // 0.0 and 0.1 would be numbers, of which the first is 0.
    return parse(text, { maxAliasCount: 0, schema: 'failsafe' });
  } catch (error) {
    throw new NoDeploySpec((error as Error).message.split('\n')[0] ?? '');
  }
}

function mapOf(what: string, value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new NoDeploySpec(`${what} must be a map`);
  return Object.assign(Object.create(null), value);
}

function listOf(what: string, value: unknown): unknown[] {
  // Nothing behind the colon.
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) throw new NoDeploySpec(`${what} must be a list`);
  if (value.length > MOST_ENTRIES)
    throw new NoDeploySpec(`${what} has more than ${MOST_ENTRIES} entries`);
  return value;
}

function fileOf(value: unknown): DeploySpec['files'][number] {
  const entry = mapOf('Each of files', value);
  const destination = textOf('destination of a file', entry.destination);
  if (!destination.startsWith('/'))
    throw new NoDeploySpec(`the destination '${destination}' is not an absolute path`);
  return { source: inArtifact('source of a file', entry.source), destination };
}

function scriptOf(event: string, value: unknown): DeployScript {
  const { location, timeout, runas } = mapOf(`Each script of ${event}`, value);
  const seconds = timeout === undefined ? USUAL_SECONDS : Number(timeout);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > USUAL_SECONDS)
    throw new NoDeploySpec(`the timeout '${timeout}' is none from 1 to ${USUAL_SECONDS} seconds`);
  if (runas !== undefined && !/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(String(runas)))
    throw new NoDeploySpec(`'${runas}' is no name of a user`);
  return {
    ...{ location: inArtifact(`location of a script of ${event}`, location), seconds },
    ...(runas !== undefined && { runas: String(runas) }),
  };
}

/** @returns without what leads it: paths begin at the artifact's root, with a slash or not */
function inArtifact(what: string, value: unknown): string {
  const path = textOf(what, value).replace(/^(?:\.?\/)+/, '');
  if (path.split('/').includes('..')) throw new NoDeploySpec(`'${path}' leads out of the artifact`);
  return path;
}

/** Systems Manager would put parameters of its own in place of `{{…}}`. */
function textOf(what: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new NoDeploySpec(`the ${what} is missing`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x1f\x7f]|\{\{/.test(value)) throw new NoDeploySpec(`'${value}' is no path`);
  return value;
}
