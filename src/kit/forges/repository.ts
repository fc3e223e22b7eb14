import type { ServerType } from '@aws-sdk/client-codebuild';
import { ownValue } from '../../lib/own.ts';

/** Source types whose repositories are at a forge, by their URL: each has credentials, webhooks and statuses of its own. */
export const FORGES = [
  'GITHUB',
  'GITHUB_ENTERPRISE',
  'BITBUCKET',
  'GITLAB',
  'GITLAB_SELF_MANAGED',
] as const satisfies ServerType[];
export type Forge = (typeof FORGES)[number];

/** Whose words a forge speaks: of its webhooks, its API and its references. */
export type Kind = 'github' | 'gitlab' | 'bitbucket';

const KINDS: Record<Forge, Kind> = {
  GITHUB: 'github',
  GITHUB_ENTERPRISE: 'github',
  BITBUCKET: 'bitbucket',
  GITLAB: 'gitlab',
  GITLAB_SELF_MANAGED: 'gitlab',
};

export const isForge = (type: string | undefined): type is Forge =>
  type !== undefined && Object.hasOwn(KINDS, type);

export const kindOf = (forge: Forge): Kind => KINDS[forge];

/** Where everybody's are; the others are wherever a URL says. */
const PUBLIC_HOSTS: Partial<Record<Forge, string>> = {
  GITHUB: 'github.com',
  BITBUCKET: 'bitbucket.org',
  GITLAB: 'gitlab.com',
};

export const publicHost = (forge: Forge): string | undefined => ownValue(PUBLIC_HOSTS, forge);

/** A repository at a forge. */
export interface ForgeRepository {
  forge: Forge;
  /** As the project says it, without a user name. */
  url: string;
  /** With its port, where the URL says one. */
  host: string;
  /** `owner/name`, or with groups within groups. */
  name: string;
}

/** `CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION`: a project of a global or organization webhook has no repository of its own. */
export const WEBHOOK_LOCATION = 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION';

const NAME = /^[A-Za-z0-9_.~-]+(?:\/[A-Za-z0-9_.~-]+){1,20}$/;

/** What is wrong with a clone URL, in words that do not say it again: it may hold a password. */
export class LocationError extends Error {
  override readonly name = 'LocationError';
}

/** Reads the clone URL of a repository at a forge. @throws LocationError */
export function forgeRepository(forge: Forge, location: string): ForgeRepository {
  const url = readUrl(location);
  const name = url.pathname
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
  const parts = name.split('/');
  if (name.length > 384 || !NAME.test(name) || parts.some((part) => /^(\.+|-.*)$/.test(part)))
    throw new LocationError('it names no repository, as https://HOST/OWNER/NAME does');
  const own = publicHost(forge);
  if (own !== undefined && `${url.protocol}//${url.host}` !== `https://${own}`)
    throw new LocationError(`repositories of ${forge} are at https://${own}/`);
  return { forge, url: `${url.origin}${url.pathname}`, host: url.host, name };
}

function readUrl(location: string): URL {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (location.length > 2000 || /[\x00-\x20\x7f\\]/.test(location) || !URL.canParse(location))
    throw new LocationError('it is no HTTPS clone URL');
  const url = new URL(location);
  if (!/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(location))
    throw new LocationError('it is no HTTPS clone URL');
  // The console of Bitbucket gives URLs with the name of who looks at them.
  if (url.password) throw new LocationError('credentials go into ImportSourceCredentials');
  if (url.search || url.hash) throw new LocationError('it has a query or a fragment');
  return url;
}

/** Of one repository below another's URL, as submodules name it: `../other.git`. */
export function repositoryUrl(base: string, url: string): string {
  if (!/^\.{1,2}\//.test(url)) return url;
  return new URL(url, `${base.replace(/\/$/, '')}/`).href;
}
