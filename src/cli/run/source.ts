import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../demo/git.ts';
import { type Pusher, signedIn } from '../signed-git.ts';
import { filesOf } from './directory.ts';

/** Pushes a directory as it is, uncommitted changes and all. */
export function push(
  directory: string,
  to: { url: string; branch: string; region: string },
  pusher: Pusher,
): Promise<void> {
  return committed(directory, to.branch, (env) =>
    git(directory, ['push', '-q', to.url, to.branch], signedIn(to, pusher), { env }),
  );
}

/** Writes a ZIP file of a directory as it is, uncommitted changes and all. */
export function archive(directory: string, file: string): Promise<void> {
  return committed(directory, 'main', async (env, gitDir) => {
    // What .gitattributes leaves out of releases is no less part of the tree.
    const attributes = join(gitDir, 'info', 'attributes');
    mkdirSync(join(gitDir, 'info'), { recursive: true });
    writeFileSync(attributes, '* -export-ignore -export-subst\n');
    await git(directory, ['archive', '--format=zip', '-o', file, 'main'], undefined, { env });
  });
}

/** Commits a directory as it is, in a repository beside it: nothing is written into it. */
async function committed(
  directory: string,
  branch: string,
  use: (env: NodeJS.ProcessEnv, gitDir: string) => Promise<void>,
): Promise<void> {
  const gitDir = mkdtempSync(join(tmpdir(), 'slipway-run-git-'));
  const env = { GIT_DIR: gitDir, GIT_WORK_TREE: directory };
  try {
    await git(directory, ['init', '-q', '--bare', '-b', branch, gitDir]);
    await git(directory, ['config', 'core.bare', 'false'], undefined, { env });
    const input = filesOf(directory);
    const add =
      input === undefined
        ? ['add', '-A', '.']
        : ['update-index', '--add', '--remove', '-z', '--stdin'];
    await git(directory, add, undefined, { env, ...(input !== undefined && { input }) });
    const commit = ['commit', '-q', '--allow-empty', '-m', 'slipway run'];
    await git(directory, commit, undefined, { env });
    await use(env, gitDir);
  } finally {
    rmSync(gitDir, { recursive: true, force: true });
  }
}
