import type { GitRuntime } from './environment.ts';
import { isObjectId, isTreePath } from './names.ts';
import type { FileMode } from './objects.ts';
import { GitError, startGit } from './process.ts';

export interface FileSide {
  path: string;
  id: string;
  mode: FileMode;
}

/** A file that two trees do not share. A change of type (file to symbolic link) is a modification. */
export interface Difference {
  change: 'A' | 'M' | 'D';
  before?: FileSide;
  after?: FileSide;
}

/** A commit that changed a file. */
export interface FileRevision {
  commitId: string;
  /** The file's path in that commit. */
  path: string;
  /** The file's content in that commit. */
  blobId: string;
}

/** The tree without entries; git knows it without storing it. */
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Runs git and gives its output cut at NUL. Leaving the loop early ends git. */
async function* records(runtime: GitRuntime, directory: string, args: string[]) {
  const git = startGit(runtime, directory, args, { GIT_DIR: directory });
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
    if (code !== 0) throw new GitError(args.join(' '), code, git.stderr());
  } finally {
    if (!ended) git.kill();
  }
}

function checkIds(...ids: string[]): void {
  if (!ids.every(isObjectId)) throw new Error('Not an object id');
}

/** See GitRepository.differences. No search for renames: AWS reports A, M and D only. */
export async function* differences(
  runtime: GitRuntime,
  directory: string,
  before: string | undefined,
  after: string,
): AsyncIterable<Difference> {
  const from = before ?? emptyTree;
  checkIds(from, after);
  const args = [
    'diff-tree',
    '-r',
    '-z',
    '--raw',
    '--no-abbrev',
    '--no-renames',
    '--end-of-options',
  ];
  let header: string[] | undefined;
  for await (const record of records(runtime, directory, [...args, from, after])) {
    if (!header) {
      header = record.slice(1).split(' '); // `:100644 100755 <id> <id> M`
      continue;
    }
    const [modeBefore = '', modeAfter = '', idBefore = '', idAfter = '', letter] = header;
    header = undefined;
    const change = letter === 'A' || letter === 'D' ? letter : 'M';
    yield {
      change,
      ...(change === 'A'
        ? {}
        : { before: { path: record, id: idBefore, mode: modeBefore as FileMode } }),
      ...(change === 'D'
        ? {}
        : { after: { path: record, id: idAfter, mode: modeAfter as FileMode } }),
    };
  }
}

/** See GitRepository.fileHistory. */
export async function* fileHistory(
  runtime: GitRuntime,
  directory: string,
  commitId: string,
  path: string,
): AsyncIterable<FileRevision> {
  checkIds(commitId);
  if (!isTreePath(path)) throw new Error('Not a path of a file in a commit');
  const args = ['--literal-pathspecs', 'log', '--follow', '-z', '--raw', '--no-abbrev'];
  const command = [...args, '--format=%H', '--end-of-options', commitId, '--', path];
  let commit = '';
  let header: string[] | undefined;
  for await (const text of records(runtime, directory, command)) {
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
