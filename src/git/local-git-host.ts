import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Slots } from '../lib/slots.ts';
import { AT_ONCE, PUSH, type PushBounds } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import type { Fetch, GitHost, GitRepository, Remote } from './git-host.ts';
import type { TreeSize } from './measure.ts';
import { isRepositoryId } from './names.ts';
import { runGit } from './process.ts';
import { ReaderPool } from './reader-pool.ts';
import { fetchCommits, remoteReferences, withScratch } from './remote.ts';
import { LocalRepository } from './repository.ts';

export interface LocalGitHostOptions {
  /** Where the repositories are, absolute; made if it is missing. */
  directory: string;
  /** PATH in which git is found, all that git gets of the environment around the server. Default: where systems put it. */
  searchPath?: string;
  /** Default: `git` in the search path. */
  binary?: string;
  /** What a push may bring. Default: AWS's numbers. */
  push?: PushBounds;
  /** The folder of hooks. Default: the one beside this file. */
  hooks?: string;
}

const HOOKS = join(import.meta.dirname, 'hooks');
const USUAL_PATH = '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin';

/**
 * A commit's files are archived as they were committed: its own .gitattributes neither leave files out nor
 * convert them. This file of a repository overrides those in its commits.
 */
export const ATTRIBUTES =
  '* -export-ignore -export-subst -text -eol -ident -filter -working-tree-encoding\n';

export function runtimeOf(options: Omit<LocalGitHostOptions, 'directory'>): GitRuntime {
  const { binary = 'git', searchPath = USUAL_PATH, push = PUSH, hooks = HOOKS } = options;
  return {
    binary,
    searchPath,
    push,
    hooks,
    running: new Set(),
    slots: {
      history: new Slots(AT_ONCE.history),
      archive: new Slots(AT_ONCE.archive),
      maintenance: new Slots(AT_ONCE.maintenance),
      merge: new Slots(AT_ONCE.merge),
      look: new Slots(AT_ONCE.look),
    },
  };
}

/** Repositories as `<id>.git` directories. */
class LocalGitHost implements GitHost {
  #directory: string;
  #runtime: GitRuntime;
  #readers: ReaderPool;

  constructor(options: LocalGitHostOptions) {
    this.#directory = options.directory;
    this.#runtime = runtimeOf(options);
    this.#readers = new ReaderPool(this.#runtime);
  }

  async create(id: string): Promise<void> {
    if (await this.exists(id)) return;
    // Made beside its place and then moved there, so that half a repository is never seen.
    await mkdir(this.#directory, { recursive: true });
    const draft = join(this.#directory, `${id}.${randomUUID()}.new`);
    await mkdir(draft);
    try {
      await this.#init(draft);
      await rename(draft, this.#path(id));
      await syncDirectory(this.#directory);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!(await this.exists(id))) throw error; // somebody else was faster
    }
  }

  async delete(id: string): Promise<void> {
    const directory = this.#path(id);
    this.#readers.close(directory);
    const trash = join(this.#directory, `${id}.${randomUUID()}.deleted`);
    await rename(directory, trash).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    // With what an earlier attempt, or the making of it, has left behind.
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(`${id}.`))) {
      await rm(join(this.#directory, name), { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async exists(id: string): Promise<boolean> {
    const found = await stat(join(this.#path(id), 'HEAD')).catch(() => undefined);
    return found !== undefined;
  }

  unlock(): void {}

  async sealFor(): Promise<Buffer> {
    throw new Error('Repositories have no keys here');
  }

  async openFor(): Promise<Buffer> {
    throw new Error('Repositories have no keys here');
  }

  async unsealed(): Promise<string[]> {
    return [];
  }

  repository(id: string): GitRepository {
    return new LocalRepository(this.#runtime, this.#path(id), this.#readers);
  }

  remoteReferences(remote: Remote, signal?: AbortSignal): Promise<Map<string, string>> {
    return withScratch(this.#directory, (scratch) =>
      remoteReferences(this.#runtime, scratch, remote, signal),
    );
  }

  fetched<T>(
    remote: Remote,
    fetch: Fetch,
    work: (repository: GitRepository) => Promise<T>,
  ): Promise<T> {
    return withScratch(this.#directory, async (scratch) => {
      await this.#init(scratch);
      await fetchCommits(this.#runtime, scratch, remote, fetch);
      try {
        return await work(new LocalRepository(this.#runtime, scratch, this.#readers));
      } finally {
        this.#readers.close(scratch);
      }
    });
  }

  onDisk(directory: string): Pick<GitRepository, 'advertise' | 'exchange'> {
    return new LocalRepository(this.#runtime, directory, this.#readers);
  }

  async #init(directory: string): Promise<void> {
    await runGit(this.#runtime, directory, [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--initial-branch=main',
      '--object-format=sha1',
      directory,
    ]);
    await mkdir(join(directory, 'info'), { recursive: true });
    await writeFile(join(directory, 'info', 'attributes'), ATTRIBUTES, { flush: true });
  }

  async close(): Promise<void> {
    this.#readers.closeAll();
    const running = [...this.#runtime.running];
    for (const git of running) git.end();
    await Promise.all(running.map(({ closed }) => closed));
  }

  #path(id: string): string {
    if (!isRepositoryId(id)) throw new Error('Not a repository id');
    return join(this.#directory, `${id}.git`);
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Repositories in a directory, served by the git binary of this machine (2.38 or later). */
export function makeGitHost(options: LocalGitHostOptions): GitHost {
  return new LocalGitHost(options);
}

/**
 * What the files of a commit come to in a clone that somebody has made, before they are checked out.
 * @param gitDirectory its `.git`
 * @throws GitLimitError where that is more than `most`
 */
export async function measureClone(
  { gitDirectory, searchPath }: { gitDirectory: string; searchPath: string },
  commitId: string,
  most: TreeSize,
  signal: AbortSignal,
): Promise<TreeSize> {
  const runtime = runtimeOf({ searchPath });
  const readers = new ReaderPool(runtime);
  try {
    const clone = new LocalRepository(runtime, gitDirectory, readers);
    const commit = await clone.commit(commitId);
    if (!commit) throw new Error(`No commit ${commitId}`);
    return await clone.measure(commit.tree, most, signal);
  } finally {
    readers.closeAll();
  }
}
