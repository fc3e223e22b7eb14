import { execFile } from 'node:child_process';
import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { packTree } from '../../../executors/tree-tar.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import type { Remote } from '../../../git/git-host.ts';
import { measureClone } from '../../../git/local-git-host.ts';
import { boundedCommand } from '../../../git/process.ts';
import { remoteConfiguration } from '../../../git/remote.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { WantedVersion } from '../model/source-version.ts';
import type { Clone } from './clone.ts';
import {
  hideTips,
  isSame,
  type KeptObjects,
  keepObjects,
  NOTHING,
  packsOf,
  type Restored,
  restoreObjects,
  tipsOf,
} from './kept-objects.ts';
import { type AskedClone, dropUnreached, isReached, isShared, OF_THE_REMOTE } from './reached.ts';
import { type FetchedSource, MAX_TEXT_BYTES, TooLarge } from './source.ts';
import { addSubmodules, type FindSubmodule, type Git } from './submodules.ts';

const run = promisify(execFile);

/** CB-C6: deeper clones are full ones. */
export const DEEPEST_SHALLOW = 25;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** What a source may be where it is checked out: more than anybody has, and less than a disk. */
const MOST_CHECKED_OUT = { entries: 2_000_000, bytes: 64 * 1024 ** 3, pathBytes: 256 * 1024 ** 2 };
/** Of each process of git's; its time is the phase's. */
const BOUNDS = { heapMib: 2048 };

export interface GitFetch {
  /** Where it really is, and who asks. */
  remote: Remote;
  /** What the clone, and the build, have for its URL. */
  url: string;
  /** Undefined: what can be no version. */
  wanted: WantedVersion | undefined;
  /** As it was asked for, for error texts. */
  version: string | undefined;
  depth: number | undefined;
  /** Its certificate may be anybody's. */
  insecureSsl?: boolean | undefined;
  /** What was kept of it before. A clone that is not whole has no use for that. */
  kept?: KeptObjects | undefined;
  /** Where its submodules are; undefined: they are not fetched. */
  submodules?: FindSubmodule | undefined;
  path: string;
  /** An empty directory of ours. */
  directory: string;
  signal: AbortSignal;
}

/** Clones a repository with git over HTTP, as anybody would, signed in as its remote says. */
export async function fetchGit(fetch: GitFetch): Promise<FetchedSource> {
  const directory = join(fetch.directory, 'tree');
  const { remote, wanted, url, depth, submodules: find } = fetch;
  if (!wanted) throw notFound(fetch.version);
  const its = { directory, remote, url, wanted, depth };
  const whole = !isShallow(depth, wanted);
  const resolvedVersion =
    fetch.kept && whole ? await cloneWith(fetch, its, fetch.kept) : await cloneInto(fetch, its);
  if (find) {
    const git: Git = (cwd, ...args) => runGit(fetch, remote, cwd, args);
    await addSubmodules({ git, clone: (its) => cloneInto(fetch, its), find }, { directory, url });
  }
  return {
    // Empty directories too: git takes .git without refs/ for no repository.
    tar: () => packTree(directory, () => true, { directories: true }),
    readText: (path) => readInside(directory, path),
    resolvedVersion,
    repositoryUrl: url,
  };
}

/** With what was kept before, which costs no build: what does not work is as if there were nothing. */
async function cloneWith(fetch: GitFetch, its: Clone, kept: KeptObjects): Promise<string> {
  try {
    return await cloneInto(fetch, its, kept);
  } catch {
    fetch.signal.throwIfAborted();
    await rm(its.directory, { recursive: true, force: true });
  }
  const commit = await cloneInto(fetch, its);
  await keep(fetch, its, { kept, restored: NOTHING });
  return commit;
}

/** Keeps what this clone has for the next one, where that is not what was there. What does not work costs no build. */
async function keep(
  fetch: GitFetch,
  its: Clone,
  { kept, restored }: { kept: KeptObjects; restored: Restored },
): Promise<void> {
  const asked = askedClone(fetch, its);
  const { git, gitDirectory } = asked;
  try {
    const isProposal = !(await isShared(asked));
    const tips = tipsOf(await git('', 'for-each-ref', '--format=%(objectname)', ...OF_THE_REMOTE));
    const packs = await packsOf(gitDirectory);
    await hideTips(gitDirectory);
    if (isProposal || isSame(restored, { packs, tips })) return;
    if (packs.length > kept.mostPacks * FILES_OF_A_PACK)
      await git('', 'repack', '-a', '-d', '-n', '--quiet');
    await keepObjects(kept, gitDirectory, tips, fetch.signal);
  } catch {
    fetch.signal.throwIfAborted();
    // A build must not find them.
    await hideTips(gitDirectory);
  }
}

/** A clone that has been made, as far as what it may keep goes. */
const askedClone = (fetch: GitFetch, { directory, remote }: Clone): AskedClone => ({
  git: (input, ...args) => runGit(fetch, remote, directory, args, input),
  gitDirectory: join(directory, '.git'),
});

/** Itself, its index, and often that the other way round. */
const FILES_OF_A_PACK = 3;

/** @returns the commit that is checked out */
async function cloneInto(fetch: GitFetch, its: Clone, kept?: KeptObjects): Promise<string> {
  const { directory, remote, url, wanted, depth } = its;
  await mkdir(directory, { recursive: true });
  const git = (...args: string[]) => runGit(fetch, remote, directory, args);
  await git('init', '--quiet', '--template=', '--initial-branch=main');
  await git('remote', 'add', 'origin', remote.url);
  const gitDirectory = join(directory, '.git');
  const restored = kept ? await restoreObjects(kept, gitDirectory, fetch.signal) : NOTHING;
  const found = await fetchVersion(git, wanted, { depth, version: fetch.version });
  const commit = (await git('rev-parse', '--verify', `${found}^{commit}`)).trim();
  if (kept) {
    const asked = askedClone(fetch, its);
    // Here because it was once, and there no more, or of somebody else's proposal: not what the remote has.
    if (!(await isReached(asked, commit))) throw notFound(fetch.version);
    await dropUnreached(asked, restored.tips);
  }
  await git('remote', 'set-url', 'origin', url);
  await checkSize(fetch, join(directory, '.git'), commit);
  await git('checkout', '--quiet', '--detach', commit);
  if (kept) await keep(fetch, its, { kept, restored });
  return commit;
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

const isShallow = (depth: number | undefined, { commit }: WantedVersion): boolean =>
  Boolean(depth && depth <= DEEPEST_SHALLOW && !commit);

async function fetchVersion(
  git: (...args: string[]) => Promise<string>,
  { references, commit }: WantedVersion,
  { depth, version }: Pick<GitFetch, 'depth' | 'version'>,
): Promise<string> {
  const shallow = isShallow(depth, { references, commit }) ? [`--depth=${depth}`] : [];
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

async function runGit(
  fetch: GitFetch,
  remote: Remote,
  cwd: string,
  args: string[],
  input = '',
): Promise<string> {
  try {
    const [file, command] = boundedCommand(BOUNDS, ['git', ...args]);
    const running = run(file, command, {
      cwd,
      signal: fetch.signal,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: environmentOf(fetch, remote),
    });
    // It may have ended before it has read all of it.
    running.child.stdin?.on('error', () => {}).end(input);
    return (await running).stdout;
  } catch (error) {
    throw gitFailure(error as Error & { stderr?: string }, fetch);
  }
}

const hostOf = ({ url }: Remote) => new URL(url).host;

/** Credentials are in the environment, which no process list shows, and in no file of the clone. */
function environmentOf(
  { path, directory, insecureSsl, remote: source }: GitFetch,
  remote: Remote,
): Record<string, string> {
  const configuration = Object.entries({
    ...remoteConfiguration(remote),
    'core.hooksPath': '/dev/null',
    // What is kept for the next clone is packs.
    'fetch.unpackLimit': '1',
    'gc.auto': '0',
    'maintenance.auto': 'false',
    // Of a submodule elsewhere nobody has said it.
    ...(insecureSsl && hostOf(remote) === hostOf(source) && { 'http.sslVerify': 'false' }),
  });
  return {
    PATH: path,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: new URL(remote.url).protocol.slice(0, -1),
    LC_ALL: 'C',
    GIT_CONFIG_COUNT: String(configuration.length),
    ...Object.fromEntries(
      configuration.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
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
  if (/Authentication failed|could not read (?:Username|Password)|error: 40[13]\b/.test(said)) {
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

/** A file of the clone; links that lead out of it are not followed. @throws TooLarge */
async function readInside(tree: string, path: string): Promise<string | undefined> {
  try {
    const real = await realpath(join(tree, path));
    if (!real.startsWith((await realpath(tree)) + sep)) return undefined;
    if ((await stat(real)).size > MAX_TEXT_BYTES) throw new TooLarge(path);
    return await readFile(real, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}
