import { execFile } from 'node:child_process';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { packTree } from '../../../executors/tree-tar.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import { measureClone } from '../../../git/local-git-host.ts';
import { boundedCommand } from '../../../git/process.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { codecommitCredential, type TemporaryCredentials } from './git-credential.ts';
import type { FetchedSource } from './source.ts';

const run = promisify(execFile);
const COMMIT_ID = /^[0-9a-f]{40}$/;
/** CB-C6: deeper clones are full ones. */
const MAX_DEPTH = 25;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** What a source may be where it is checked out: more than anybody has, and less than a disk. */
const MOST_CHECKED_OUT = { entries: 2_000_000, bytes: 64 * 1024 ** 3, pathBytes: 256 * 1024 ** 2 };
/** Of each process of git's; its time is the phase's. */
const BOUNDS = { heapMib: 2048 };
/** git asks this for user name and password; they come from the environment, where no process list shows them. */
const CREDENTIAL_HELPER =
  '!f() { echo "username=$SLIPWAY_GIT_USERNAME"; echo "password=$SLIPWAY_GIT_PASSWORD"; }; f';

export interface GitFetch {
  /** Where the server serves the repository. */
  url: URL;
  version: string | undefined;
  depth: number | undefined;
  region: string;
  credentials: TemporaryCredentials;
  now: Date;
  path: string;
  /** An empty directory of ours. */
  directory: string;
  signal: AbortSignal;
}

/** Clones a repository with git over HTTP, as anybody would, signed in as the service role. */
export async function fetchCodecommit(fetch: GitFetch): Promise<FetchedSource> {
  const tree = join(fetch.directory, 'tree');
  await mkdir(tree, { recursive: true });
  const git = (...args: string[]) => runGit(fetch, tree, args);
  await git('init', '--quiet', '--template=', '--initial-branch=main');
  await git('remote', 'add', 'origin', fetch.url.href);
  const wanted = parseVersion(fetch.version);
  const found = await fetchVersion(git, wanted, fetch);
  const resolvedVersion = (await git('rev-parse', '--verify', `${found}^{commit}`)).trim();
  await checkSize(fetch, join(tree, '.git'), resolvedVersion);
  await git('checkout', '--quiet', '--detach', resolvedVersion);
  return {
    // Empty directories too: git takes .git without refs/ for no repository.
    tar: () => packTree(tree, () => true, { directories: true }),
    readText: (path) => readInside(tree, path),
    resolvedVersion,
    repositoryUrl: fetch.url.href,
  };
}

/** A branch, a tag, a commit, `refs/heads/x^{sha}` (CB-C4); nothing is the default branch. */
function parseVersion(version: string | undefined): { references: string[]; commit?: string } {
  if (!version) return { references: ['HEAD'] };
  if (COMMIT_ID.test(version)) return { references: [], commit: version };
  const pinned = /^(refs\/.+)\^\{([0-9a-f]{40})\}$/.exec(version);
  if (pinned) return { references: [pinned[1] ?? ''], commit: pinned[2] ?? '' };
  if (version.startsWith('refs/')) return { references: [version] };
  return { references: [`refs/heads/${version}`, `refs/tags/${version}`] };
}

/** A few objects can stand for any number of files. @throws PhaseFailure */
async function checkSize(
  { path, signal }: GitFetch,
  gitDirectory: string,
  commit: string,
): Promise<void> {
  try {
    await measureClone({ gitDirectory, searchPath: path }, commit, MOST_CHECKED_OUT, signal);
  } catch (error) {
    if (!(error instanceof GitLimitError)) throw error;
    throw new PhaseFailure('CLIENT_ERROR', `Unable to clone: the source has ${error.message}`);
  }
}

async function fetchVersion(
  git: (...args: string[]) => Promise<string>,
  { references, commit }: { references: string[]; commit?: string },
  { depth, version }: GitFetch,
): Promise<string> {
  const shallow = depth && depth <= MAX_DEPTH && !commit ? [`--depth=${depth}`] : [];
  const all = shallow.length > 0 ? [] : ['+refs/heads/*:refs/remotes/origin/*'];
  if (commit && references.length === 0) {
    await git('fetch', '--quiet', '--tags', 'origin', ...all);
    return commit;
  }
  for (const reference of references) {
    try {
      await git('fetch', '--quiet', ...shallow, 'origin', reference, ...all);
      return commit ?? (await git('rev-parse', 'FETCH_HEAD')).trim();
    } catch (error) {
      if (!(error instanceof PhaseFailure && /not found/.test(error.message))) throw error;
    }
  }
  throw notFound(version);
}

async function runGit(fetch: GitFetch, cwd: string, args: string[]): Promise<string> {
  const { username, password } = codecommitCredential(
    fetch.credentials,
    fetch.url,
    fetch.region,
    fetch.now,
  );
  const config = [
    '-c',
    'credential.helper=',
    '-c',
    `credential.helper=${CREDENTIAL_HELPER}`,
    '-c',
    'core.hooksPath=/dev/null',
  ];
  try {
    const [file, command] = boundedCommand(BOUNDS, ['git', ...config, ...args]);
    const { stdout } = await run(file, command, {
      cwd,
      signal: fetch.signal,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: {
        PATH: fetch.path,
        HOME: fetch.directory,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        LC_ALL: 'C',
        SLIPWAY_GIT_USERNAME: username,
        SLIPWAY_GIT_PASSWORD: password,
      },
    });
    return stdout;
  } catch (error) {
    throw gitFailure(error as Error & { stderr?: string }, fetch);
  }
}

function gitFailure(
  error: Error & { stderr?: string; code?: unknown },
  { version }: GitFetch,
): Error {
  const said = error.stderr?.trim().split('\n').at(-1) ?? '';
  if (typeof error.code !== 'number') return error;
  if (
    /couldn't find remote ref|not our ref|unable to read tree|Needed a single revision|reference is not a tree|unknown revision/.test(
      said,
    )
  ) {
    return notFound(version);
  }
  if (/Authentication failed|403|401/.test(said)) {
    return new PhaseFailure(
      'CLIENT_ERROR',
      `authorization failed for primary source and source version ${version ?? ''}`,
    );
  }
  return new PhaseFailure('CLIENT_ERROR', `Unable to clone: ${said}`);
}

function notFound(version: string | undefined): PhaseFailure {
  return new PhaseFailure(
    'CLIENT_ERROR',
    `reference not found for primary source and source version ${version ?? ''}`,
  );
}

/** A file of the clone; links that lead out of it are not followed. */
async function readInside(tree: string, path: string): Promise<string | undefined> {
  try {
    const real = await realpath(join(tree, path));
    return real.startsWith((await realpath(tree)) + sep) ? await readFile(real, 'utf8') : undefined;
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}
