import type { LocalRevision, Revision } from '../revision.ts';
import type { FileExistsBehavior } from '../specification.ts';

/** A local deployment that cannot be made as it was asked for; the message says why. */
export class LocalError extends Error {}

export type LocalType = LocalRevision['bundleType'];

/** The order of a deployment's events on a machine that is behind no load balancer. */
const DEFAULT_EVENTS = [
  ...['BeforeBlockTraffic', 'AfterBlockTraffic', 'ApplicationStop', 'DownloadBundle'],
  ...['BeforeInstall', 'Install', 'AfterInstall', 'ApplicationStart', 'ValidateService'],
  ...['BeforeAllowTraffic', 'AfterAllowTraffic'],
];
const REQUIRED = ['DownloadBundle', 'Install'];
/** Their scripts are of the revision that was there before. */
const OF_EARLIER = ['BeforeBlockTraffic', 'AfterBlockTraffic', 'ApplicationStop'];
const TYPES: LocalType[] = ['tgz', 'tar', 'zip', 'directory'];
const BEHAVIORS: FileExistsBehavior[] = ['DISALLOW', 'OVERWRITE', 'RETAIN'];

export function typeOf(type: string): LocalType {
  const known = TYPES.find((one) => one === type);
  if (known) return known;
  throw new LocalError(`type ${type} is not a valid type. Must be one of ${TYPES.join(',')}`);
}

export function behaviorOf(text: string): FileExistsBehavior {
  const known = BEHAVIORS.find((one) => one === text.toUpperCase());
  if (known) return known;
  throw new LocalError(
    `file-exists-behavior ${text} is not valid. Must be one of ${BEHAVIORS.join(',')}`,
  );
}

/** Which events there are, and which of them are executed in which order. */
export interface Events {
  executed: string[];
  /** Those that an AppSpec's hooks may have. */
  possible: string[];
  /** Of the user's own, with hooks of these names. */
  custom: string[];
}

/** @throws LocalError where a new revision's events are asked for before there is one */
export function eventsOf(given: string | undefined): Events {
  const asked = given?.split(',').filter((name) => name !== '') ?? [];
  if (new Set(asked).size < asked.length) throw new LocalError(`An event is named twice: ${given}`);
  checkOrder(asked, 'DownloadBundle', OF_EARLIER, given);
  checkOrder(asked, 'Install', [...OF_EARLIER, 'DownloadBundle', 'BeforeInstall'], given);
  const custom = asked.filter((name) => !DEFAULT_EVENTS.includes(name));
  const executed = asked.length === 0 ? DEFAULT_EVENTS : withRequired(asked);
  return { executed, possible: [...DEFAULT_EVENTS, ...custom], custom };
}

function checkOrder(
  asked: string[],
  event: string,
  mayPrecede: string[],
  given: string | undefined,
): void {
  const before = asked.slice(0, Math.max(asked.indexOf(event), 0));
  if (before.every((name) => mayPrecede.includes(name) || !DEFAULT_EVENTS.includes(name))) return;
  throw new LocalError(
    `The only events that can be specified before ${event} are ${mayPrecede.join(',')}. Please fix the order of your specified events: ${given}`,
  );
}

/** Those two come first where nobody says when, the download before the installation. */
function withRequired(asked: string[]): string[] {
  const events = [...REQUIRED.filter((name) => !asked.includes(name)), ...asked];
  const [download, installs] = [events.indexOf('DownloadBundle'), events.indexOf('Install')];
  if (download < installs) return events;
  return events.with(download, 'Install').with(installs, 'DownloadBundle');
}

/**
 * What a location means: an object of S3, a repository of GitHub, or a path.
 * @param absolute of a path
 * @throws LocalError
 */
export function revisionOf(
  location: string,
  type: LocalType,
  absolute: (path: string) => string,
): Revision {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) {
    if (!URL.canParse(location)) throw new LocalError(`location ${location} is not a valid uri`);
    return remoteRevision(new URL(location), location, type, absolute);
  }
  return { from: 'Local', location: absolute(location), bundleType: type };
}

function remoteRevision(
  url: URL,
  location: string,
  type: LocalType,
  absolute: (path: string) => string,
): Revision {
  if (url.protocol === 'http:')
    throw new LocalError(
      `location ${location} cannot be http, only encrypted (https) url endpoints supported`,
    );
  if (url.protocol === 'file:')
    return {
      from: 'Local',
      location: absolute(decodeURIComponent(url.pathname)),
      bundleType: type,
    };
  if (url.protocol === 's3:') return s3Revision(url, location, type);
  const isGitHub = url.hostname === 'github.com' || url.hostname.endsWith('.github.com');
  if (url.protocol === 'https:' && isGitHub) return gitHubRevision(url, location, type);
  throw new LocalError(
    `unknown location ${location} cannot be determined to be S3, Github, or a local file / directory`,
  );
}

function s3Revision(
  { hostname, pathname, searchParams }: URL,
  location: string,
  type: LocalType,
): Revision {
  const key = decodeURIComponent(pathname.slice(1));
  if (!hostname || !key)
    throw new LocalError(`s3 location ${location} not in the expected format of 's3://bucket/key'`);
  if (type === 'directory')
    throw new LocalError('BundleType in S3Revision must be tar, tgz or zip: say --type');
  const [version, etag] = [searchParams.get('versionId'), searchParams.get('etag')];
  return {
    ...{ from: 'S3', bucket: hostname, key, bundleType: type, unchecked: true },
    ...(version && { version }),
    ...(etag && { etag }),
  };
}

/** A page of a repository means its newest commit; an address of GitHub's API says which one. */
function gitHubRevision({ hostname, pathname }: URL, location: string, type: LocalType): Revision {
  const [first = '', second = '', ...rest] = pathname.split('/').filter((part) => part !== '');
  const isPage = hostname === 'github.com' && second !== '' && rest.length === 0;
  const [repository, ball, ...commit] = rest;
  const isApi = first === 'repos' && /^(?:tar|zip)ball$/.test(ball ?? '') && commit.length > 0;
  if (!isPage && !isApi)
    throw new LocalError(
      `github location ${location} not in the expected format of 'https://github.com/<owner>/<repository_name>'(assumes HEAD commit) or 'https://api.github.com/repos/<owner>/<repository_name>/tarball/<commit>' or 'https://api.github.com/repos/<owner>/<repository_name>/zipball/<commit>'`,
    );
  const bundleType = type === 'tar' ? 'tar' : 'zip';
  if (isPage)
    return {
      ...{ from: 'GitHub', account: first, repository: second.replace(/\.git$/, '') },
      ...{ commitId: 'HEAD', bundleType },
    };
  return {
    ...{ from: 'GitHub', account: second, repository: repository ?? '' },
    ...{ commitId: commit.join('/'), bundleType },
  };
}
