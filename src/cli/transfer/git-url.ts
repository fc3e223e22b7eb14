import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where a repository is that somebody names on a command line, as far as git may be told of it. */
export interface GitUrl {
  /** What git gets: without a password, and never one of its options or a command of its own. */
  url: string;
  /** The one protocol that git may speak for it. */
  protocol: 'https' | 'http' | 'ssh' | 'git' | 'file' | 'codecommit';
  /** Those that stood in the URL: arguments are seen by everybody on the machine. */
  credentials?: { userName: string; password: string };
  /** Of a local one: its real directory, which may have a `.git`. */
  directory?: string;
  /** Of one over SSH: what LFS asks for by it. */
  ssh?: { user: string | undefined; host: string; port: string | undefined; path: string };
}

/** A URL that is none, or means something else than a repository. */
export class UrlRefused extends Error {
  override name = 'UrlRefused';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;
/** git-remote-codecommit's (CC-GIT-05): the one helper for a transport that git is let run. */
const CODECOMMIT =
  /^codecommit(?:::[a-z]{2}-[a-z0-9-]{1,40})?:\/\/(?:[\w.-]{1,100}@)?[\w.-]{1,100}$/;
/** `host:path`, or `user@host:path`: the short form of SSH's. */
const SCP = /^(?:([\w.-]+)@)?(\[[0-9a-fA-F:.]+\]|[\w.-]+):(?!\/\/)(.+)$/;
const PROTOCOLS = new Set(['https:', 'http:', 'ssh:', 'git:', 'file:']);
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?)$/i;
const USER = /^[\w.+%@][\w.+%@=-]*$/;

/** @param given a URL of https, http, ssh, git, file, codecommit, a `user@host:path`, or a directory @throws UrlRefused */
export function parseGitUrl(given: string): GitUrl {
  if (given === '') throw new UrlRefused('there is no URL');
  if (given.startsWith('-')) throw new UrlRefused(`${given} is an option, and no URL`);
  if (CONTROL.test(given)) throw new UrlRefused('the URL has control characters');
  if (given.startsWith('codecommit:')) {
    if (!CODECOMMIT.test(given))
      throw new UrlRefused(`${given} is no URL of git-remote-codecommit`);
    return { url: given, protocol: 'codecommit' };
  }
  if (isDirectory(given)) return local(resolve(given));
  // `ext::sh -c …`, `fd::17`, and whatever helper is on the PATH.
  if (/^[\w+.-]+::/.test(given))
    throw new UrlRefused(
      `${given.slice(0, given.indexOf('::'))}:: names a program and no repository`,
    );
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) return fromUrl(given);
  const [, user, host = '', path = ''] = SCP.exec(given) ?? [];
  if (host === '') throw new UrlRefused(`${given} is neither a URL nor a directory`);
  return overSsh({ user, host, port: undefined, path });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function local(directory: string): GitUrl {
  if (!isDirectory(directory)) throw new UrlRefused(`${directory} is no directory`);
  // As a URL it is read by git's protocol, and not copied file by file with the links that it may have.
  return { url: pathToFileURL(directory).href, protocol: 'file', directory };
}

function fromUrl(given: string): GitUrl {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw new UrlRefused('it is no URL');
  }
  if (!PROTOCOLS.has(url.protocol))
    throw new UrlRefused(`${url.protocol}// is not among https, http, ssh, git and file`);
  if (url.protocol === 'file:') {
    if (url.host !== '' || url.search !== '' || url.hash !== '')
      throw new UrlRefused('a file URL names a directory of this machine, and nothing else');
    return local(decoded(url.pathname));
  }
  if (!HOST.test(url.hostname))
    throw new UrlRefused('the URL has no host name that git could take');
  if (url.protocol === 'ssh:') {
    const { hostname: host, port } = url;
    const user = url.username === '' ? undefined : decoded(url.username);
    if (url.password !== '') throw new UrlRefused('SSH takes no password in a URL');
    return overSsh({ user, host, port: port || undefined, path: decoded(url.pathname) });
  }
  // Git would give it to a program as an argument, which everybody on the machine sees; and asks no server for what it says.
  if (url.search !== '')
    throw new UrlRefused(
      'the URL of a repository has no "?": a token is the password of the URL, or git’s credential helper has it',
    );
  const { username, password } = url;
  // Whose password is asked for by git's own helpers.
  if (password === '' && username !== '' && url.protocol !== 'git:') {
    url.hash = '';
    return { url: url.href, protocol: url.protocol.slice(0, -1) as 'https' | 'http' };
  }
  const credentials = { userName: decoded(username), password: decoded(password) };
  url.username = '';
  url.password = '';
  url.hash = '';
  const protocol = url.protocol.slice(0, -1) as 'https' | 'http' | 'git';
  if (username === '' && password === '') return { url: url.href, protocol };
  if (protocol === 'git') throw new UrlRefused('the protocol git:// has no credentials');
  return { url: url.href, protocol, credentials };
}

function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new UrlRefused('the URL is badly encoded');
  }
  if (CONTROL.test(plain)) throw new UrlRefused('the URL has control characters');
  return plain;
}

/** Names that SSH would take for options are none (CVE-2017-1000117). */
function overSsh(ssh: NonNullable<GitUrl['ssh']>): GitUrl {
  const { user, host, port, path } = ssh;
  if (!HOST.test(host)) throw new UrlRefused('the URL has no host name that SSH could take');
  if (user !== undefined && !USER.test(user))
    throw new UrlRefused('the URL has no user name that SSH could take');
  if (path === '' || path === '/' || path.startsWith('-'))
    throw new UrlRefused('the URL has no path of a repository');
  const at = `${user === undefined ? '' : `${user}@`}${host}`;
  const rooted = path.startsWith('/') ? path : `/~/${path}`;
  const url =
    port === undefined && !path.startsWith('/')
      ? `${at}:${path}`
      : `ssh://${at}${port ? `:${port}` : ''}${rooted}`;
  return { url, protocol: 'ssh', ssh };
}

/** Without those at its end. */
export function withoutSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '/') end--;
  return text.slice(0, end);
}

/** A name for a repository that is at this URL: its last part, where CodeCommit takes it. */
export function nameOf({ url, protocol }: GitUrl): string | undefined {
  // Whose profile it is stands before it.
  const ends = protocol === 'codecommit' ? /[/:@]/ : /[/:]/;
  const last = withoutSlashes(url).split(ends).at(-1) ?? '';
  const name = decoded(last).replace(/\.git$/, '');
  return /^[\w.-]{1,100}$/.test(name) && !name.endsWith('.git') ? name : undefined;
}
