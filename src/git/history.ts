import { HISTORY } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import { isObjectId, isTreePath } from './names.ts';
import { failureOf, startGit } from './process.ts';

/** A commit that changed a file. */
export interface FileRevision {
  commitId: string;
  /** The file's path in that commit. */
  path: string;
  /** The file's content in that commit. */
  blobId: string;
}

/** Runs git and gives its output cut at NUL. Leaving the loop early ends git. */
async function* records(
  runtime: GitRuntime,
  directory: string,
  args: string[],
  signal: AbortSignal | undefined,
) {
  const env = { GIT_DIR: directory };
  const git = startGit(runtime, directory, args, { env, bounds: { ...HISTORY, signal } });
  git.process.stdin.end();
  let ended = false;
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of git.process.stdout) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let zero = rest.indexOf(0); zero >= 0; zero = rest.indexOf(0, start)) {
        yield rest.toString('utf8', start, zero);
        start = zero + 1;
      }
      rest = rest.subarray(start);
    }
    const code = await git.closed;
    ended = true;
    if (code !== 0) throw failureOf(git, code);
  } finally {
    if (!ended) git.kill();
  }
}

/**
 * See GitRepository.fileHistory. Where the file was added git looks for it among all others of that commit and the one
 * before, and holds their paths in memory: so there are few such walks at one time.
 */
export async function* fileHistory(
  runtime: GitRuntime,
  directory: string,
  commitId: string,
  path: string,
  signal?: AbortSignal,
): AsyncIterable<FileRevision> {
  if (!isObjectId(commitId)) throw new Error('Not an object id');
  if (!isTreePath(path)) throw new Error('Not a path of a file in a commit');
  const args = ['--literal-pathspecs', 'log', '--follow', '-z', '--raw', '--no-abbrev'];
  const command = [...args, '--format=%H', '--end-of-options', commitId, '--', path];
  const release = await runtime.slots.history.take(signal);
  try {
    yield* revisions(records(runtime, directory, command, signal));
  } finally {
    release();
  }
}

async function* revisions(found: AsyncIterable<string>): AsyncIterable<FileRevision> {
  let commit = '';
  let header: string[] | undefined;
  for await (const text of found) {
    const record = text.replace(/^\n/, '');
    if (isObjectId(record) && !header) {
      commit = record;
    } else if (!header && record.startsWith(':')) {
      header = record.split(' ');
    } else if (header?.[4]?.startsWith('R') || header?.[4]?.startsWith('C')) {
      header[4] = 'M'; // the old name of a renamed file: the new one follows
    } else if (header) {
      yield { commitId: commit, path: record, blobId: header[3] ?? '' };
      header = undefined;
    }
  }
}
