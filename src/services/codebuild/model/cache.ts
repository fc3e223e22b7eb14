import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { ProjectCache } from '@aws-sdk/client-codebuild';
import type { BuildInputs, WebhookStart } from './build-record.ts';
import { compileGlob } from './globs.ts';
import { belowS3Location, type S3Location } from './s3-location.ts';

/**
 * What a build keeps for the next one (CB-F1), as far as paths and names go. Where a source or a home lies differs from build
 * to build, so files are kept by their way from there.
 */

const GLOB = /[*?[{]/;
/** S3 takes names of 1,024 bytes, of which the location and the rest have a part. */
const MAX_ENTRY = 700;

const ARCHIVE = 'cache.tar.gz';

/** From where a path is told: the primary source, the home directory, or the root of the file system. */
export const ANCHORS = ['source', 'home', 'root'] as const;
export type Anchor = (typeof ANCHORS)[number];

/** Where the build has them, absolute. */
export type Places = Record<Exclude<Anchor, 'root'>, string>;

/** Files that are kept. */
export interface CachedFiles {
  anchor: Anchor;
  /** From the anchor; empty for itself. */
  below: string;
  /** Where to look, absolute. */
  directory: string;
  /** Which of them, from there. */
  globs: string[];
}

/** What a path of a buildspec's `cache` means; a directory is all that is in it. @param path with its variables' values */
export function cachedFiles(path: string, places: Places): CachedFiles {
  // What every image of AWS's has for a home.
  const known = path.replace(/^(~|\/root)(?=\/|$)/, places.home);
  const whole = posix.resolve(places.source, known);
  const parts = whole.split('/').slice(1);
  const first = parts.findIndex((part) => GLOB.test(part));
  // A name may be a file's or a directory's: from above one is told from the other.
  const end = first < 0 ? Math.max(parts.length - 1, 1) : first;
  const fixed = parts.slice(0, end);
  const rest = parts.slice(end).join('/');
  const globs = first >= 0 ? [rest] : rest ? [rest, `${rest}/**/*`] : ['**/*'];
  const directory = `/${fixed.join('/')}`;
  for (const anchor of ['source', 'home'] as const) {
    const below = posix.relative(places[anchor], directory);
    if (!/^\.\.(\/|$)/.test(below)) return { anchor, below, directory, globs };
  }
  return { anchor: 'root', below: fixed.join('/'), directory, globs };
}

/**
 * Whether a file of an archive is one that these paths keep: what somebody else has put into it stays out of the build.
 * @returns a question to its name behind the anchor
 */
export function keptBy(all: CachedFiles[]): (anchor: Anchor, name: string) => boolean {
  const tests = all.map(({ anchor, below, globs }) => {
    const patterns = globs.map(compileGlob);
    const start = below ? `${below}/` : '';
    return (at: Anchor, name: string) =>
      at === anchor &&
      name.startsWith(start) &&
      patterns.some((matches) => matches(name.slice(start.length)));
  });
  return (anchor, name) => tests.some((test) => test(anchor, name));
}

/** A project as far as its caches are its own: one that was deleted and made again is another. */
export interface CachedProject {
  arn: string;
  created: number;
  /** InvalidateProjectCache makes it another. */
  version: number;
}

/** Names all that is kept for a project, until its cache is invalidated. */
export function cacheScope({ arn, created, version }: CachedProject): string {
  return digest(`${arn}\0${created}\0${version}`);
}

/** Of a build's inputs, what tells whose proposal it is. */
type Proposed = Pick<BuildInputs, 'sourceVersion' | 'pullRequest'> & {
  webhook?: Pick<WebhookStart, 'fork'> | undefined;
};

/**
 * The pull request that a build is of, where whoever proposed it may be anybody: a webhook says so, or nobody has said
 * that it is not. What such a build leaves is for no other.
 */
export function proposedBy({
  sourceVersion = '',
  webhook,
  pullRequest,
}: Proposed): string | undefined {
  if (pullRequest !== undefined) return pullRequest;
  if (webhook && !webhook.fork) return undefined;
  const [, number] =
    /^(?:pr|refs\/(?:pull|merge-requests))\/(\d{1,10})(?:\/|\^|$)/.exec(sourceVersion) ?? [];
  return number ?? (webhook?.fork && 'fork');
}

/**
 * The kind of the archive with a build's own files. What a fork leaves would run in the builds of who has taken nothing from it, so
 * pull requests have one each: of each repository, since a webhook of an organization builds several in one project.
 */
export function customKind(
  inputs: Proposed & Pick<BuildInputs, 'source'>,
): 'custom' | `custom:${string}` {
  const pull = proposedBy(inputs);
  if (pull === undefined) return 'custom';
  return `${PROPOSED}${digest(inputs.source.location ?? '')}:${pull}`;
}

/** What the kinds of pull requests' archives begin with. */
export const PROPOSED = 'custom:';

/** Where a project's cache without a key lies; undefined when its location has no bucket's name. */
export function cachePlace(
  { location = '' }: ProjectCache,
  project: CachedProject,
): S3Location | undefined {
  return belowS3Location(location, `${cacheScope(project)}.tar.gz`);
}

/**
 * Where the entries of a cache with keys lie, for a project or all of a namespace: apart by the paths that are kept, since one
 * with other paths is another cache (CB-F3).
 */
export function entriesPlace(
  { location = '', cacheNamespace }: ProjectCache,
  project: CachedProject,
  paths: string[],
): S3Location | undefined {
  const of = cacheNamespace
    ? digest(`namespace\0${cacheNamespace}\0${project.version}`)
    : cacheScope(project);
  const place = belowS3Location(location, `${of}/${digest(JSON.stringify(paths)).slice(0, 16)}/`);
  return place;
}

/** The name of an entry below its place; what begins a key begins its name. Undefined for a key that can be none. */
export function entryName(key: string): string | undefined {
  const name = encodeURIComponent(key);
  return name === '' || name.length > MAX_ENTRY ? undefined : `${name}/${ARCHIVE}`;
}

/** What the names of all entries begin with whose keys begin so. */
export function entriesNamed(key: string): string | undefined {
  return entryName(key)?.slice(0, -`/${ARCHIVE}`.length);
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
