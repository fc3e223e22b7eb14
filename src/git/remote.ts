import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { type Bounds, FETCH, REMOTE } from './bounds.ts';
import { flawsOf, type GitRuntime, gitEnvironment } from './environment.ts';
import type { Fetch, Remote } from './git-host.ts';
import { isObjectId } from './names.ts';
import { outputOf, startGit } from './process.ts';

/** Directories of fetches that a killed server left behind go once they are older than any fetch. */
const LEFTOVER_MS = 24 * 60 * 60_000;
const PREFIX = 'remote-';

/** Who sends less than this for a minute is as good as gone. */
const SLOWEST_BYTES_PER_S = 1000;

/**
 * What git may do with a remote: speak the protocol of its URL and no other, with the addresses that were checked, and
 * follow nobody elsewhere (a redirect, or the alternates of a server without smart HTTP, could lead to any address).
 */
export function remoteConfiguration({
  url,
  addresses,
  credentials,
}: Remote): Record<string, string> {
  const { protocol, hostname, port } = new URL(url);
  return {
    'http.followRedirects': 'false',
    'http.proxy': '',
    'http.lowSpeedLimit': String(SLOWEST_BYTES_PER_S),
    'http.lowSpeedTime': '60',
    'credential.helper': '',
    'fetch.recurseSubmodules': 'false',
    'fetch.fsckObjects': 'true',
    'transfer.bundleURI': 'false',
    ...flawsOf('fetch'),
    ...(addresses && {
      'http.curloptResolve': `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}:${addresses
        .map((one) => (isIPv6(one) ? `[${one}]` : one))
        .join(',')}`,
    }),
    ...(credentials && {
      // In the environment of git alone, which nobody else's processes see; arguments are seen by all.
      'http.extraHeader': `Authorization: Basic ${Buffer.from(
        `${credentials.userName}:${credentials.password}`,
      ).toString('base64')}`,
    }),
  };
}

async function environment(
  runtime: GitRuntime,
  scratch: string,
  remote: Remote,
): Promise<Record<string, string>> {
  const base = gitEnvironment(runtime, scratch);
  let count = Number(base.GIT_CONFIG_COUNT);
  const own: Record<string, string> = {};
  for (const [key, value] of Object.entries(remoteConfiguration(remote))) {
    own[`GIT_CONFIG_KEY_${count}`] = key;
    own[`GIT_CONFIG_VALUE_${count}`] = value;
    count += 1;
  }
  const scheme = new URL(remote.url).protocol.slice(0, -1);
  return {
    ...own,
    GIT_CONFIG_COUNT: String(count),
    GIT_ALLOW_PROTOCOL: scheme,
    GIT_CEILING_DIRECTORIES: join(scratch, '..'),
    ...(scheme === 'file' && { GIT_CONFIG_GLOBAL: await trusting(scratch) }),
  };
}

/** Who owns a repository on this disk says nothing: which ones may be read, the server's operator has said. */
async function trusting(scratch: string): Promise<string> {
  const file = join(scratch, 'trusted.config');
  await writeFile(file, '[safe]\n\tdirectory = *\n[uploadpack]\n\tallowFilter = true\n');
  return file;
}

/** Runs `work` with a directory that goes when it ends. */
export async function withScratch<T>(
  parent: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  await mkdir(parent, { recursive: true });
  await removeOld(parent);
  const scratch = await mkdtemp(join(parent, PREFIX));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function removeOld(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const made = (await stat(join(parent, name)).catch(() => undefined))?.mtimeMs;
    if (made !== undefined && performance.timeOrigin + performance.now() - made > LEFTOVER_MS)
      await rm(join(parent, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Branches and tags, each with the commit that it leads to. @throws GitError, GitLimitError */
export async function remoteReferences(
  runtime: GitRuntime,
  scratch: string,
  remote: Remote,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const args = ['ls-remote', '--heads', '--tags', '--', remote.url];
  const text = await run(runtime, scratch, remote, args, { ...REMOTE, signal });
  const found = new Map<string, string>();
  for (const line of text.toString().split('\n')) {
    const [id = '', name = ''] = line.split('\t');
    // What an annotated tag leads to comes behind it, as `refs/tags/v1^{}`.
    if (isObjectId(id) && name.startsWith('refs/')) found.set(name.replace(/\^\{\}$/, ''), id);
  }
  return found;
}

/** Fetches commits alone, without their history, into an empty bare repository. @throws GitError, GitLimitError */
export async function fetchCommits(
  runtime: GitRuntime,
  scratch: string,
  remote: Remote,
  { commitIds, treesOnly, signal }: Fetch,
): Promise<void> {
  if (!commitIds.every(isObjectId)) throw new Error('Not an object id');
  const filter = treesOnly ? ['--filter=blob:none'] : [];
  const args = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-write-fetch-head', ...filter];
  await run(runtime, scratch, remote, [...args, '--', remote.url, ...commitIds], {
    ...FETCH,
    signal,
  });
}

async function run(
  runtime: GitRuntime,
  scratch: string,
  remote: Remote,
  args: string[],
  bounds: Bounds,
): Promise<Buffer> {
  const env = await environment(runtime, scratch, remote);
  const git = startGit(runtime, scratch, args, { env, bounds });
  git.process.stdin.end();
  return outputOf(git, 'that many branches and tags', bounds.signal);
}
