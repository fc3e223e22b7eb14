import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { CodeCommitClient } from '@aws-sdk/client-codecommit';
import type { GitCredentials } from '../demo/resources.ts';
import { clientConfig, type Server } from '../server.ts';
import { signedIn } from '../signed-git.ts';
import { type GitSettings, runGit } from './git.ts';
import { type GitUrl, withoutSlashes } from './git-url.ts';
import type { LfsStore } from './lfs.ts';
import { lfsDirectory } from './lfs-directory.ts';
import { lfsHttp } from './lfs-http.ts';

/** The two ends of an import or export: a repository of the service's, and one that a URL names. */

export interface End {
  url: string;
  /** For one run of git, in this directory. */
  settings(directory: string): GitSettings;
  /** Contents of Git LFS; undefined where nothing has any. */
  lfs(directory: string, operation: 'upload' | 'download'): Promise<LfsStore | undefined>;
}

export interface OwnEnd extends End {
  client: CodeCommitClient;
}

/** A repository of the service's. */
export async function ownEnd(
  server: Server,
  name: string,
  { environment, progress }: { environment: NodeJS.ProcessEnv; progress?: Writable | undefined },
): Promise<OwnEnd> {
  const client = new CodeCommitClient(clientConfig(server));
  const url = new URL(`/v1/repos/${encodeURIComponent(name)}`, server.endpoint).href;
  const key = await client.config.credentials();
  // What is signed does not last: each run of git, and each call of LFS, has its own.
  const given = () => signedIn({ url, region: server.region }, key);
  const caFile = url.startsWith('https:')
    ? (environment.AWS_CA_BUNDLE ?? environment.NODE_EXTRA_CA_CERTS)
    : undefined;
  return {
    ...{ client, url },
    settings: (directory) => ({
      ...{ directory, protocols: [new URL(url).protocol.slice(0, -1)], isOwn: true, progress },
      ...{ credentials: { url, given: given() }, caFile },
    }),
    lfs: async () =>
      lfsHttp({ url: `${url}/info/lfs`, credentials: async () => given(), always: true }),
  };
}

/** A repository anywhere, reached as the user's own git does: his credential helpers, his SSH, his proxies. */
export function otherEnd(
  where: GitUrl,
  { lfsUrl, progress }: { lfsUrl?: string | undefined; progress?: Writable | undefined },
): End {
  const { url, protocol, credentials: given } = where;
  // git-remote-codecommit becomes git's own helper for https (CC-GIT-05).
  const protocols = protocol === 'codecommit' ? [protocol, 'https'] : [protocol];
  const settings = (directory: string): GitSettings => ({
    ...{ directory, protocols, progress },
    ...(given && { credentials: { url, given } }),
  });
  return {
    ...{ url, settings },
    async lfs(directory, operation) {
      if (lfsUrl === undefined && where.directory !== undefined)
        return lfsDirectory(where.directory);
      if (lfsUrl === undefined && where.ssh)
        return overSsh(settings(directory), where.ssh, operation);
      const at =
        lfsUrl ?? (protocol === 'https' || protocol === 'http' ? lfsUrlOf(url) : undefined);
      if (at === undefined) return undefined;
      const isSame = new URL(at).origin === origin(url);
      const credentials = given && isSame ? fixed(given) : fromHelper(settings(directory), at);
      const bare = new URL(at);
      // Who asks is in the header.
      bare.username = '';
      return lfsHttp({ url: bare.href, credentials });
    },
  };
}

const origin = (url: string) => (URL.canParse(url) ? new URL(url).origin : '');

/** Where a server's LFS is when nobody says otherwise. */
function lfsUrlOf(url: string): string {
  const at = new URL(url);
  const path = withoutSlashes(at.pathname);
  at.pathname = `${path.endsWith('.git') ? path : `${path}.git`}/info/lfs`;
  return at.href;
}

const fixed = (given: GitCredentials) => async (refused: boolean) => (refused ? undefined : given);

/** Git's own helpers are asked once, and again when what they said was refused. */
function fromHelper(settings: GitSettings, url: string) {
  const { protocol, host, pathname, username } = new URL(url);
  const place = [`protocol=${protocol.slice(0, -1)}`, `host=${host}`, `path=${pathname.slice(1)}`];
  const asked = [
    ...place,
    ...(username === '' ? [] : [`username=${decodeURIComponent(username)}`]),
  ];
  let known: GitCredentials | undefined;
  return async (refused: boolean): Promise<GitCredentials | undefined> => {
    if (known && refused) {
      const wrong = [...place, `username=${known.userName}`, `password=${known.password}`, '', ''];
      await runGit(settings, ['credential', 'reject'], wrong.join('\n'));
      known = undefined;
    }
    if (known) return known;
    const said = await runGit(settings, ['credential', 'fill'], [...asked, '', ''].join('\n'));
    const member = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(said)?.[1] ?? '';
    known = { userName: member('username'), password: member('password') };
    return known;
  };
}

const MOST_SAID = 64 * 1024;

/**
 * SSH as the user's git starts it: by a line for the shell, which is his own, or by the name of a program.
 * https://git-scm.com/docs/git#Documentation/git.txt-GITSSHCOMMAND
 */
async function sshOf(settings: GitSettings): Promise<[string, ...string[]]> {
  const { GIT_SSH_COMMAND: command, GIT_SSH: program } = process.env;
  const line =
    command || (await runGit(settings, ['config', '--get', 'core.sshCommand']).catch(() => ''));
  if (line.trim() === '') return [program || 'ssh'];
  return ['/bin/sh', '-c', `${line.trim()} "$@"`, 'ssh'];
}

/** Asks a server by SSH where its LFS is. @returns undefined where it has none */
async function overSsh(
  settings: GitSettings,
  { user, host, port, path }: NonNullable<GitUrl['ssh']>,
  operation: string,
): Promise<LfsStore | undefined> {
  // The other side has a shell, for which there is one way to write a name that has none of these.
  if (path.includes("'"))
    throw new Error('LFS over SSH takes no quote in the path of a repository');
  const at = `${user === undefined ? '' : `${user}@`}${host.replace(/^\[|\]$/g, '')}`;
  const command = `git-lfs-authenticate '${path}' ${operation}`;
  const args = [...(port ? ['-p', port] : []), '--', at, command];
  const [program, ...before] = await sshOf(settings);
  const child = spawn(program, [...before, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
    if (said.length > MOST_SAID) child.kill();
  });
  const [code] = await once(child, 'close').catch(() => [-1]);
  if (code !== 0) return undefined;
  const { href, header } = JSON.parse(said) as { href?: string; header?: Record<string, string> };
  if (!href || !/^https?:/.test(href)) return undefined;
  return lfsHttp({ url: withoutSlashes(href), ...(header && { header }) });
}
