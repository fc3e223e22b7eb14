import { createHash } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import type { ProjectSource } from '@aws-sdk/client-codebuild';
import { pack as newPack } from 'tar-stream';
import { isForge } from '../../../kit/forges/repository.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import { append } from '../../../lib/append.ts';
import { defined } from '../../../lib/defined.ts';
import { isLoopback } from '../../../lib/loopback.ts';
import { nameExpressions, neededVariables } from '../model/artifacts.ts';
import type { SourceDirectory } from '../model/build-record.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { type Buildspec, parseBuildspec } from '../model/buildspec.ts';
import { buildspecPath, isInS3 } from '../model/buildspec-place.ts';
import { buildConsoleUrl } from '../model/console.ts';
import { debugFiles } from '../model/debug.ts';
import { makeDriver, settable } from '../model/driver.ts';
import {
  buildVariables,
  environmentOf,
  exportableNames,
  settableSources,
  unexportedLines,
  variableSources,
} from '../model/environment.ts';
import { publicBuildUrl } from '../model/links.ts';
import { withoutS3Arn } from '../model/s3-location.ts';
import { TEST_COMMANDS } from '../model/test-commands.ts';
import { SpecError } from '../model/yaml-reader.ts';
import { cloneReference } from '../sources/clone-reference.ts';
import type { TemporaryCredentials } from '../sources/git-credential.ts';
import { fetchS3, fetchS3Text } from '../sources/s3.ts';
import { type FetchedSource, MAX_TEXT_BYTES, TooLarge } from '../sources/source.ts';
import { driverKeys, restoreCache } from './cache.ts';
import { buildCredentials } from './credentials.ts';
import { clonePath, fetchClone, fetchForge, repositoryName } from './git-sources.ts';
import { networkVariables } from './network-variables.ts';
import { lackedLines, prelude } from './prelude.ts';
import { withRuntimes } from './runtimes.ts';
import { commitChange, commitPhase, type Session, uuidOf } from './session.ts';
import { resolveVariables } from './variables.ts';
import { DRIVER_DIRECTORY, freshDirectory } from './work-place.ts';

const DEFAULT_BUILDSPEC = 'buildspec.yml';

/** DOWNLOAD_SOURCE: sources, buildspec and variables, and the driver made of them, in the work's tree. */
export async function downloadSource(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { handle = '', root = '' } = stored.run;
  const credentials = await buildCredentials(session);
  const { sources, primary, warnings } = await fetchSources(session, credentials);
  const build = {
    ...stored.build,
    ...(primary?.resolvedVersion && { resolvedSourceVersion: primary.resolvedVersion }),
  };
  const written = await writtenSpec(session, primary).catch(async (error) => {
    // CB-C5: whose commit it is that cannot be built is known all the same.
    if (error instanceof PhaseFailure) await commitChange(session, { amend: () => build });
    throw error;
  });
  const { sources: authored, skipped } = settableSources(
    variableSources(stored.inputs.environmentVariables, written),
    settable,
  );
  const { values, secrets } = await resolveVariables(session, authored);
  const [endpoint, { image, lacks = [] }, digest] = await Promise.all([
    platform.executors.endpointFor(handle, platform.serverEndpoint()),
    platform.executors.attach(handle),
    platform.executors.imageDigest(handle),
  ]);
  const { spec, runtimes, others } = await withRuntimes(session, written, { values, image });
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
      own: {
        ...gitVariables(spec),
        ...buildVariables(build, stored.inputs, sources, buildUrl),
        ...publicVariables(session),
      },
    }),
    prelude: prelude(session, written, sources, {
      image: image === undefined ? undefined : { name: image, digest },
      runtimes,
      sources: [...warnings, ...apartLines(session, endpoint), ...lackedLines(lacks)],
      variables: [...skipped, ...unexportedLines(spec, authored, settable)],
      cache: await restoreCache(withSources(session, sources), spec, `${root}/${DRIVER_DIRECTORY}`),
    }),
    names,
    cache: driverKeys(session, spec),
    runtimes: others,
    reported: variables,
    debug: stored.inputs.debug,
    sandbox: stored.inputs.sandbox === true,
  });
  const reported = {
    ...{ variables, names: Object.keys(names) },
    ...('keys.sh' in driver && { cache: true }),
  };
  const debugging = stored.inputs.debug
    ? debugFiles(`${root}/${DRIVER_DIRECTORY}`, stored.id)
    : undefined;
  const files = { ...network.files, ...driver, ...TEST_COMMANDS, ...debugging };
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
      run: { spec, sources, exportable, reported },
    },
  );
}

/** A container with a network of its own does not reach a server that listens on its machine alone. */
function apartLines({ platform }: Session, endpoint: string): string[] {
  const apart = new URL(endpoint).hostname !== new URL(platform.serverEndpoint()).hostname;
  if (!apart || !isLoopback(platform.config.host)) return [];
  return [
    'This build has a network of its own, from which the server is not reached: it listens on its machine alone (--host)',
  ];
}

/** What is not committed yet. */
function withSources(session: Session, sources: SourceDirectory[]): Session {
  const { stored } = session;
  return { ...session, stored: { ...stored, run: { ...stored.run, sources } } };
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
      ...defined({ repositoryUrl: fetched?.repositoryUrl ?? locationUrl(each) }),
      ...(version && { version }),
    });
  }
  return { sources, primary, warnings };
}

/** `CODEBUILD_SOURCE_REPO_URL` of what is no repository: AWS says nothing of a pipeline's artifact. */
function locationUrl({ type, location = '' }: ProjectSource): string | undefined {
  return type === 'S3' ? `s3://${withoutS3Arn(location)}` : undefined;
}

/** The primary source alone; undefined where there is none. */
export function fetchPrimary(
  session: Session,
  credentials: TemporaryCredentials,
): Promise<FetchedSource | undefined> {
  const { source, sourceVersion } = session.stored.inputs;
  return fetchOne(session, source, sourceVersion, credentials, 0);
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
    return fetchClone(
      session,
      { path: `/v1/repos/${repositoryName(location)}`, version },
      clone,
      source,
    );
  if (isForge(source.type)) {
    // What a webhook told of is the primary source.
    const commit = index === 0 ? stored.inputs.webhook?.commit : undefined;
    return fetchForge(session, source, { version, commit }, clone);
  }
  const isS3 = source.type === 'S3';
  const fetched = await fetchS3(session, location, isS3 ? version : undefined, directory);
  const reference = isS3 ? undefined : await cloneReference(fetched);
  if (!reference) return fetched;
  clone.directory = await freshDirectory(platform, stored, `clone-${index}`);
  return fetchClone(session, reference, clone);
}

/** The inline text, the S3 object or the file that the build says (CB-A1). */
export async function buildspecText(
  session: Session,
  primary: FetchedSource | undefined,
): Promise<string> {
  const wanted = session.stored.inputs.buildspec ?? '';
  if (isInS3(wanted)) return (await fetchS3Text(session, wanted.trim())) ?? missing(wanted.trim());
  const path = buildspecPath(wanted);
  if (path === undefined) return wanted;
  return (await primary?.readText(path || DEFAULT_BUILDSPEC)) ?? missing(path || DEFAULT_BUILDSPEC);
}

async function writtenSpec(
  session: Session,
  primary: FetchedSource | undefined,
): Promise<Buildspec> {
  const text = await buildspecText(session, primary).catch((error) => {
    if (!(error instanceof TooLarge)) throw error;
    throw new PhaseFailure('YAML_FILE_ERROR', `YAML file cannot be used: ${error.message}`);
  });
  return readSpec(text, session.stored.inputs.buildspec);
}

function missing(name: string): never {
  throw new PhaseFailure('YAML_FILE_ERROR', `YAML file does not exist: ${name}`);
}

/** @throws PhaseFailure in AWS's words, and with file, line and column behind them */
function readSpec(text: string, wanted: string | undefined): Buildspec {
  // Sources give no larger file; an inline text has been limited by nothing yet.
  if (text.length > MAX_TEXT_BYTES)
    throw new PhaseFailure('YAML_FILE_ERROR', `It is larger than ${MAX_TEXT_BYTES} bytes`);
  try {
    return parseBuildspec(text);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const file = wanted?.includes('\n') ? 'buildspec' : wanted?.trim() || DEFAULT_BUILDSPEC;
    const { line, column } = error.at;
    const place = `${file}:${line}:${column}`;
    throw new PhaseFailure('YAML_FILE_ERROR', `${error.message} (${place})`);
  }
}

/** What `aws` and the SDKs in the build sign with. */
function roleVariables(credentials: TemporaryCredentials): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}

/** Of a public project's build: where everybody sees it. */
function publicVariables({ platform, stored }: Session): Record<string, string> {
  const { publicAlias } = stored.inputs;
  if (publicAlias === undefined) return {};
  const url = publicBuildUrl(publicUrl(platform), publicAlias, uuidOf(stored));
  return { CODEBUILD_PUBLIC_BUILD_URL: url };
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
  for (const [name, text] of Object.entries(files))
    pack.entry({ name, mode: name.startsWith('bin/') ? 0o755 : 0o600 }, text);
  pack.finalize();
  return Readable.from(pack);
}
