import type { ProjectSource } from '@aws-sdk/client-codebuild';
import { connectionGitPath } from '../../../aws/internal/connection-git.ts';
import type { Remote } from '../../../git/git-host.ts';
import {
  type Forge,
  type ForgeRepository,
  forgeRepository,
  isForge,
  LocationError,
} from '../../../kit/forges/repository.ts';
import type { Platform } from '../../../kit/service.ts';
import { standIn } from '../../../lib/stand-in.ts';
import { OutboundFailed, OutboundRefused } from '../../../network/outbound.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { gitLogin } from '../model/source-credential.ts';
import { wantedVersion } from '../model/source-version.ts';
import type { CloneReference } from '../sources/clone-reference.ts';
import { fetchGit } from '../sources/git.ts';
import type { TemporaryCredentials } from '../sources/git-credential.ts';
import { ownRemote } from '../sources/git-remote.ts';
import type { FetchedSource } from '../sources/source.ts';
import type { FindSubmodule } from '../sources/submodules.ts';
import type { Session } from './session.ts';
import { sourceCache } from './source-cache.ts';
import { type SourceAccess, sourceAccess } from './source-credential.ts';

/** Whatever host a location names, AWS's own too: the repository is this server's. */
export async function fetchClone(
  session: Session,
  { path, version, ...its }: Omit<CloneReference, 'version'> & { version: string | undefined },
  { credentials, directory }: { credentials: TemporaryCredentials; directory: string },
  source: Partial<ProjectSource> = {},
): Promise<FetchedSource> {
  const { platform, stored, signal } = session;
  const own = { region: stored.region, ...its, credentials, now: platform.clock.now() };
  const open = (at: string) => ownRemote(new URL(at, platform.serverEndpoint()), own);
  const remote = open(path);
  return fetchGit({
    ...{ remote, url: remote.url, version, wanted: wantedVersion(version, undefined) },
    ...{ depth: source.gitCloneDepth, path: platform.config.searchPath, directory, signal },
    kept: await sourceCache(session, path),
    ...(source.gitSubmodulesConfig?.fetchSubmodules && {
      submodules: async (url: string) => {
        const at = publicUrlOf(url);
        const name = codeCommitName(at.href);
        return name ? open(`/v1/repos/${name}`) : submoduleElsewhere(platform, at, signal);
      },
    }),
  });
}

/** From GitHub and its kin. @param commit what it has to be, whatever its version has come to be since */
export async function fetchForge(
  session: Session,
  source: ProjectSource,
  { version, commit }: { version: string | undefined; commit: string | undefined },
  { credentials, directory }: { credentials: TemporaryCredentials; directory: string },
): Promise<FetchedSource> {
  const { platform, signal } = session;
  const { remote, submodules } = await forgeSource(session, source, credentials);
  const wanted = wantedVersion(version, source.type as Forge);
  return fetchGit({
    ...{ remote, url: source.location ?? '', version, depth: source.gitCloneDepth },
    wanted: wanted && commit && !wanted.commit ? { ...wanted, commit } : wanted,
    ...{ insecureSsl: source.insecureSsl, path: platform.config.searchPath, directory, signal },
    kept: await sourceCache(session, source.location ?? ''),
    ...(source.gitSubmodulesConfig?.fetchSubmodules && { submodules }),
  });
}

const codeCommitName = (url: string) => /\/v1\/repos\/([A-Za-z0-9._-]+)\/?$/.exec(url)?.[1];

export function repositoryName(location: string): string {
  const name = codeCommitName(location);
  if (!name)
    throw new PhaseFailure('CLIENT_ERROR', `Invalid CodeCommit source location: ${location}`);
  return name.replace(/\.git$/, '');
}

/** AWS puts a clone where its URL says; other sources lie in `src` itself. */
export function clonePath(source: ProjectSource, region: string): string {
  if (isForge(source.type)) {
    const { host, name } = forgeRepository(source.type, source.location ?? '');
    return `/${host.replace(':', '_')}/${name}`;
  }
  if (source.type !== 'CODECOMMIT') return '';
  return `/git-codecommit.${region}.amazonaws.com/v1/repos/${repositoryName(source.location ?? '')}`;
}

/** A repository at a forge, and how it is read. */
interface ForgeSource {
  remote: Remote;
  submodules: FindSubmodule;
}

/** Where the source of a build at a forge is cloned from, and its submodules. @throws PhaseFailure */
async function forgeSource(
  session: Session,
  source: ProjectSource,
  credentials: TemporaryCredentials,
): Promise<ForgeSource> {
  const { platform, stored } = session;
  const { accountId, region, id, inputs } = stored;
  const { serviceRole, actor } = inputs;
  const who = { accountId, region, id, serviceRole, actor };
  const access = await sourceAccess(platform, who, source);
  const repository = repositoryAt(source.type as Forge, source.location ?? '');
  const open = (its: ForgeRepository) => remoteOf(session, its, access, credentials);
  return {
    remote: await open(repository),
    submodules: (url) => submoduleRemote(session, url, repository, open),
  };
}

async function remoteOf(
  { platform, signal }: Session,
  { forge, url, name }: ForgeRepository,
  access: SourceAccess,
  credentials: TemporaryCredentials,
): Promise<Remote> {
  if ('connectionArn' in access) {
    const its = connectionGitPath(access.connectionArn, name, 'source');
    if (!its) throw new PhaseFailure('CLIENT_ERROR', `${access.connectionArn} is no connection`);
    const { path, ...how } = its;
    const own = { ...how, credentials, now: platform.clock.now() };
    return ownRemote(new URL(path, platform.serverEndpoint()), own);
  }
  const { credential } = access;
  const remote = await elsewhere(platform, withSuffix(url), signal);
  return { ...remote, ...(credential && { credentials: gitLogin(forge, credential) }) };
}

/** All forges have a repository under this URL, and some lead from any other to it, which is not followed. */
export const withSuffix = (url: string) =>
  url.endsWith('.git') ? url : `${url.replace(/\/$/, '')}.git`;

/** A submodule on its source's host is read as the source is, one elsewhere as anybody would. @throws PhaseFailure */
export async function submoduleRemote(
  { platform, signal }: Pick<Session, 'platform' | 'signal'>,
  text: string,
  source: ForgeRepository,
  open: (its: ForgeRepository) => Promise<Remote>,
): Promise<Remote> {
  const url = publicUrlOf(text);
  if (url.host === source.host && url.protocol === new URL(source.url).protocol)
    return open(repositoryAt(source.forge, url.href));
  return submoduleElsewhere(platform, url, signal);
}

async function submoduleElsewhere(
  platform: Platform,
  url: URL,
  signal: AbortSignal,
): Promise<Remote> {
  if (url.protocol !== 'https:')
    throw new PhaseFailure('CLIENT_ERROR', 'only submodules with HTTPS URLs are fetched');
  return elsewhere(platform, url.href, signal);
}

/** @throws PhaseFailure for a URL that names no repository */
function repositoryAt(forge: Forge, url: string): ForgeRepository {
  try {
    return forgeRepository(forge, url);
  } catch (error) {
    if (!(error instanceof LocationError)) throw error;
    throw new PhaseFailure('CLIENT_ERROR', `Its location cannot be used: ${error.message}`);
  }
}

/** @throws PhaseFailure for what is no address that a clone may go to */
function publicUrlOf(text: string): URL {
  const url = URL.parse(text);
  const isPlain = url && /^https?:\/\//i.test(text) && !url.username && !url.password;
  if (isPlain && !url.search && !url.hash) return url;
  throw new PhaseFailure('CLIENT_ERROR', 'only submodules with HTTPS URLs are fetched');
}

/** What somebody configured is cloned from addresses that requests of users may go to, and no others. */
export async function elsewhere(
  platform: Platform,
  given: string,
  signal?: AbortSignal,
): Promise<Remote> {
  const url = standIn(platform.config.forges, given);
  try {
    return { url, addresses: await platform.outbound.addresses(url, signal) };
  } catch (error) {
    const isTheirs = error instanceof OutboundRefused || error instanceof OutboundFailed;
    if (!isTheirs) throw error;
    throw new PhaseFailure('CLIENT_ERROR', `Unable to clone ${given}: ${error.message}`);
  }
}
