import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Remote } from '../../../git/git-host.ts';
import { repositoryUrl } from '../../../kit/forges/repository.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { Clone } from './clone.ts';

/** Submodules within submodules, and of all of a source. */
const MOST_LEVELS = 10;
const MOST_SUBMODULES = 500;

/** Where the repository of a submodule's URL really is. @throws PhaseFailure for one that is not fetched */
export type FindSubmodule = (url: string) => Promise<Remote>;

/** Runs git in a directory. @throws PhaseFailure */
export type Git = (cwd: string, ...args: string[]) => Promise<string>;

interface Tools {
  git: Git;
  clone(its: Clone): Promise<string>;
  find: FindSubmodule;
}

/**
 * Fetches the submodules of what is checked out (CB-C6). Each is cloned by itself, as the source was: its URL is the
 * repository's word, and goes with nobody's credentials but those that are for its own host.
 */
export async function addSubmodules(
  tools: Tools,
  { directory, url }: { directory: string; url: string },
  level = 1,
  count = { left: MOST_SUBMODULES },
): Promise<void> {
  for (const { path, url: given, commit } of await declared(tools.git, directory)) {
    if (level > MOST_LEVELS || count.left-- <= 0)
      throw refused(
        path,
        `there are more than ${MOST_SUBMODULES}, or ${MOST_LEVELS} levels of them`,
      );
    const inner = { directory: join(directory, path), url: repositoryUrl(url, given) };
    try {
      const remote = await tools.find(inner.url);
      await tools.clone({ ...inner, remote, wanted: { references: [], commit } });
    } catch (error) {
      throw error instanceof PhaseFailure ? refused(path, error.message) : error;
    }
    await tools.git(directory, 'submodule', '--quiet', 'init', '--', path);
    await addSubmodules(tools, inner, level + 1, count);
  }
}

/** What .gitmodules says, of those that the commit has. */
async function declared(git: Git, directory: string) {
  const found = await lstat(join(directory, '.gitmodules')).catch(() => undefined);
  if (!found?.isFile()) return [];
  const text = await git(
    ...([directory, 'config', '-z', '--file', '.gitmodules', '--no-includes', '--list'] as const),
  );
  const said = new Map<string, { path?: string; url?: string }>();
  for (const entry of text.split('\0')) {
    const [, name, key, value] = /^submodule\.(.+)\.(path|url)\n(.*)$/s.exec(entry) ?? [];
    if (name !== undefined) said.set(name, { ...said.get(name), [key ?? '']: value });
  }
  const staged = (await git(directory, 'ls-files', '-z', '--stage')).split('\0');
  const commits = new Map(
    staged.flatMap((line): [string, string][] => {
      const [, commit = '', path = ''] = /^160000 ([0-9a-f]{40}) \d\t(.+)$/s.exec(line) ?? [];
      return path ? [[path, commit]] : [];
    }),
  );
  return [...said.values()].flatMap(({ path = '', url = '' }) => {
    const commit = commits.get(path);
    return commit === undefined ? [] : [{ path, url, commit }];
  });
}

const refused = (path: string, why: string) =>
  new PhaseFailure('CLIENT_ERROR', `Unable to fetch the submodule ${path.slice(0, 200)}: ${why}`);
