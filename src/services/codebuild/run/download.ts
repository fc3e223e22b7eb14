import { createHash } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import type { ProjectSource } from '@aws-sdk/client-codebuild';
import { pack as newPack } from 'tar-stream';
import { append } from '../../../lib/append.ts';
import { nameExpressions, neededVariables } from '../model/artifacts.ts';
import type { SourceDirectory } from '../model/build-record.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { type Buildspec, parseBuildspec } from '../model/buildspec.ts';
import { buildConsoleUrl } from '../model/console.ts';
import { makeDriver, settable } from '../model/driver.ts';
import {
  buildVariables,
  environmentOf,
  exportableNames,
  settableSources,
  unexportedLines,
  variableSources,
} from '../model/environment.ts';
import { SpecError } from '../model/yaml-reader.ts';
import { cloneReference } from '../sources/clone-reference.ts';
import { fetchCodecommit } from '../sources/codecommit.ts';
import type { TemporaryCredentials } from '../sources/git-credential.ts';
import { fetchS3, fetchS3Text } from '../sources/s3.ts';
import { type FetchedSource, MAX_BUILDSPEC_BYTES } from '../sources/source.ts';
import { buildCredentials } from './credentials.ts';
import { networkVariables } from './network-variables.ts';
import { prelude } from './prelude.ts';
import { commitPhase, type Session, uuidOf } from './session.ts';
import { resolveVariables } from './variables.ts';
import { freshDirectory } from './work-place.ts';

const DEFAULT_BUILDSPEC = 'buildspec.yml';
const DRIVER_DIRECTORY = 'slipway';

/** DOWNLOAD_SOURCE: sources, buildspec and variables, and the driver made of them, in the work's tree. */
export async function downloadSource(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { handle = '', root = '' } = stored.run;
  const credentials = await buildCredentials(session);
  const { sources, primary, warnings } = await fetchSources(session, credentials);
  const spec = readSpec(await buildspecText(session, primary), stored.inputs.buildspec);
  checkSupported(spec);
  const build = {
    ...stored.build,
    ...(primary?.resolvedVersion && { resolvedSourceVersion: primary.resolvedVersion }),
  };
  const { sources: authored, skipped } = settableSources(
    variableSources(stored.inputs.environmentVariables, spec),
    settable,
  );
  const { values, secrets } = await resolveVariables(session, authored);
  const [endpoint, { image }] = await Promise.all([
    platform.executors.endpointFor(handle, platform.serverEndpoint()),
    platform.executors.attach(handle),
  ]);
  const network = await networkVariables(session, `${root}/${DRIVER_DIRECTORY}`, endpoint);
  const buildUrl = buildConsoleUrl(platform.serverEndpoint(), stored.region, stored.id);
  const names = nameExpressions(stored.inputs, spec);
  const exportable = exportableNames(spec, authored);
  const variables = [...new Set([...exportable, ...neededVariables(spec)])];
  const driver = makeDriver({
    spec,
    directory: `${root}/${DRIVER_DIRECTORY}`,
    sourceDirectory: sources[0]?.directory ?? root,
    environment: environmentOf({
      region: stored.region,
      machine: {
        ...network.variables,
        AWS_ENDPOINT_URL: endpoint,
      },
      role: roleVariables(credentials),
      authored: values,
      own: { ...gitVariables(spec), ...buildVariables(build, stored.inputs, sources, buildUrl) },
    }),
    prelude: prelude(session, spec, sources, {
      image: image !== undefined,
      sources: warnings,
      variables: [...skipped, ...unexportedLines(spec, authored, settable)],
    }),
    names,
    reported: variables,
  });
  const files = { ...network.files, ...driver };
  await platform.executors.copyIn(handle, `${root}/${DRIVER_DIRECTORY}`, filesTar(files));
  await commitPhase(
    session,
    { status: 'SUCCEEDED', at: platform.clock.now() },
    {
      amend: () => build,
      secrets: platform.vault.seal(
        JSON.stringify([...secrets, credentials.secretAccessKey, credentials.sessionToken]),
        stored.id,
      ),
      run: { spec, sources, exportable, reported: { variables, names: Object.keys(names) } },
    },
  );
}

async function fetchSources(
  session: Session,
  credentials: TemporaryCredentials,
): Promise<{
  sources: SourceDirectory[];
  primary: FetchedSource | undefined;
  warnings: string[];
}> {
  const { platform, stored } = session;
  const { source, secondarySources, sourceVersion, secondarySourceVersions } = stored.inputs;
  const base = `${stored.run.root}/output/src${numberOf(uuidOf(stored))}`;
  const sources: SourceDirectory[] = [];
  const warnings: string[] = [];
  let primary: FetchedSource | undefined;
  for (const [index, each] of [source, ...secondarySources].entries()) {
    const identifier = index === 0 ? '' : (each.sourceIdentifier ?? '');
    const version =
      index === 0
        ? sourceVersion
        : secondarySourceVersions.find((found) => found.sourceIdentifier === identifier)
            ?.sourceVersion;
    const fetched = await fetchOne(session, each, version, credentials, index);
    const directory = `${base}${index === 0 ? '/src' : `/${identifier}`}${clonePath(each, stored.region)}`;
    const tar = addAbortSignal(session.signal, fetched ? fetched.tar() : filesTar({}));
    await platform.executors.copyIn(stored.run.handle ?? '', directory, tar);
    append(warnings, fetched?.warnings ?? []);
    if (index === 0) primary = fetched;
    sources.push({
      identifier,
      directory,
      ...((fetched?.repositoryUrl ?? each.location) && {
        repositoryUrl: fetched?.repositoryUrl ?? each.location,
      }),
      ...(version && { version }),
    });
  }
  return { sources, primary, warnings };
}

async function fetchOne(
  session: Session,
  source: ProjectSource,
  version: string | undefined,
  credentials: TemporaryCredentials,
  index: number,
): Promise<FetchedSource | undefined> {
  const { platform, stored } = session;
  const location = source.location ?? '';
  if (source.type === 'NO_SOURCE') return undefined;
  const directory = await freshDirectory(platform, stored, `source-${index}`);
  const clone = { credentials, directory };
  if (source.type === 'CODECOMMIT')
    return fetchClone(session, { repository: repositoryName(location), version }, clone, source);
  const isS3 = source.type === 'S3';
  const fetched = await fetchS3(session, location, isS3 ? version : undefined, directory);
  const reference = isS3 ? undefined : await cloneReference(fetched);
  if (!reference) return fetched;
  clone.directory = await freshDirectory(platform, stored, `clone-${index}`);
  return fetchClone(session, reference, clone);
}

/** Whatever host a location names, AWS's own too: the repository is this server's. */
function fetchClone(
  { platform, stored, signal }: Session,
  { repository, version }: { repository: string; version: string | undefined },
  into: { credentials: TemporaryCredentials; directory: string },
  { gitCloneDepth: depth }: Partial<ProjectSource> = {},
): Promise<FetchedSource> {
  const url = new URL(`/v1/repos/${repository}`, platform.serverEndpoint());
  const { region } = stored;
  const { searchPath: path } = platform.config;
  return fetchCodecommit({
    ...{ url, version, depth, region, path, now: platform.clock.now(), signal },
    ...into,
  });
}

function repositoryName(location: string): string {
  const name = /\/v1\/repos\/([A-Za-z0-9._-]+)\/?$/.exec(location)?.[1];
  if (!name)
    throw new PhaseFailure('CLIENT_ERROR', `Invalid CodeCommit source location: ${location}`);
  return name.replace(/\.git$/, '');
}

/** AWS puts a clone where its URL says; other sources lie in `src` itself. */
function clonePath(source: ProjectSource, region: string): string {
  if (source.type !== 'CODECOMMIT') return '';
  return `/git-codecommit.${region}.amazonaws.com/v1/repos/${repositoryName(source.location ?? '')}`;
}

/** The inline text, the S3 object or the file that the build says (CB-A1). */
async function buildspecText(
  session: Session,
  primary: FetchedSource | undefined,
): Promise<string> {
  const wanted = session.stored.inputs.buildspec ?? '';
  if (/^arn:[^:]+:s3:::/.test(wanted)) return fetchS3Text(session, wanted.trim());
  if (wanted.trim().includes('\n') || /^\s*[{]/.test(wanted)) return wanted;
  const path = wanted.trim() || DEFAULT_BUILDSPEC;
  // One line that is YAML all the same: `version: 0.2` alone, for example.
  const text = await primary?.readText(path);
  if (text !== undefined) return text;
  if (/^version\s*:/.test(path)) return path;
  throw new PhaseFailure('YAML_FILE_ERROR', `YAML file does not exist: ${path}`);
}

function readSpec(text: string, wanted: string | undefined): Buildspec {
  try {
    // Sources give no larger file; an inline text has been limited by nothing yet.
    if (text.length > MAX_BUILDSPEC_BYTES)
      throw new SpecError(`it is larger than ${MAX_BUILDSPEC_BYTES} bytes`);
    return parseBuildspec(text);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const file = wanted?.includes('\n') ? 'buildspec' : wanted?.trim() || DEFAULT_BUILDSPEC;
    throw new PhaseFailure('YAML_FILE_ERROR', `${file}: ${error.message}`);
  }
}

function checkSupported(spec: Buildspec): void {
  const users = [spec.runAs, ...Object.values(spec.phases).map((phase) => phase.runAs)];
  const other = users.find((user) => user && user !== 'root');
  if (other)
    throw new PhaseFailure(
      'YAML_FILE_ERROR',
      `run-as: ${other} is not supported by Slipway yet; only root is`,
    );
}

/** What `aws` and the SDKs in the build sign with. */
function roleVariables(credentials: TemporaryCredentials): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}

/** `env.git-credential-helper`: git in the build signs in with the build's own credentials. */
function gitVariables(spec: Buildspec): Record<string, string> {
  if (!spec.gitCredentialHelper) return {};
  return {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'credential.helper',
    // Only `get` knows the option; git also asks the helper to `store` and to `erase`.
    GIT_CONFIG_VALUE_0:
      '!f() { test "$1" != get || aws codecommit credential-helper --ignore-host-check get; }; f',
    GIT_CONFIG_KEY_1: 'credential.UseHttpPath',
    GIT_CONFIG_VALUE_1: 'true',
  };
}

/** Nine digits that stay the same for a build, as in AWS's directory names. */
function numberOf(uuid: string): string {
  return String(createHash('sha256').update(uuid).digest().readUInt32BE(0) % 1e9).padStart(9, '0');
}

function filesTar(files: object): Readable {
  const pack = newPack();
  for (const [name, text] of Object.entries(files)) pack.entry({ name, mode: 0o600 }, text);
  pack.finalize();
  return Readable.from(pack);
}
