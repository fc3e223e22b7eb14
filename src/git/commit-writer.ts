import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WRITE } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import { isObjectId, isTreePath } from './names.ts';
import type { FileChange, Signature } from './objects.ts';
import { GitError, startGit } from './process.ts';
import { checkSpecialFiles } from './special-files.ts';

export interface NewCommit {
  /** The first parent's files are what the changes apply to; none: the changes are all there is. */
  parents: string[];
  /** A tree whose files the changes apply to instead. */
  tree?: string;
  author: Signature;
  committer: Signature;
  message: string;
  changes: FileChange[];
}

/** A reference that exists only inside the stream: it is reset to nothing before git would write it. */
const UNWRITTEN_REFERENCE = 'refs/slipway/unwritten';

/** What of a name or address a commit can have: without what would end the field; git does the same with names from its configuration. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out
  return text.replace(/[<>\x00-\x1f\x7f]/g, '').trim();
}

function signatureLine(role: string, { name, email, date }: Signature): string {
  if (!/^\d{1,15} [+-]\d{4}$/.test(date)) throw new Error(`Not a date of git's: ${date}`);
  return `${role} ${clean(name)} <${clean(email)}> ${date}\n`;
}

/** Git's quoting, in which a path may hold anything but NUL. */
function quotedPath({ path, place }: Pick<FileChange, 'path' | 'place'>): string {
  if (!isTreePath(path)) throw new Error('Not a path of a file in a commit');
  const bytes = place ?? Buffer.from(path).toString('latin1');
  const octal = (one: string) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`;
  return `"${bytes.replace(/[^ !#-[\]-~]/g, octal)}"`;
}

function data(content: Uint8Array): (string | Uint8Array)[] {
  return [`data ${content.length}\n`, content, '\n'];
}

function changeLines(change: FileChange): (string | Uint8Array)[] {
  const path = quotedPath(change);
  if ('deleted' in change) return [`D ${path}\n`];
  const mode = change.mode;
  if ('content' in change) return [`M ${mode} inline ${path}\n`, ...data(change.content)];
  if (!isObjectId(change.id)) throw new Error('Not an object id');
  return [`M ${mode} ${change.id} ${path}\n`];
}

/** The commit as a stream for git-fast-import(1), which answers with its id. */
export function fastImportStream(commit: NewCommit): (string | Uint8Array)[] {
  const [first, ...others] = commit.parents;
  const { parents, tree } = commit;
  if (![...parents, ...(tree ? [tree] : [])].every(isObjectId)) throw new Error('Not an object id');
  return [
    `feature done\ncommit ${UNWRITTEN_REFERENCE}\nmark :1\n`,
    signatureLine('author', commit.author),
    signatureLine('committer', commit.committer),
    ...data(Buffer.from(commit.message)),
    ...(first ? [`from ${first}\n`] : []),
    ...others.map((parent) => `merge ${parent}\n`),
    ...(tree ? [`M 040000 ${tree} ""\n`] : []),
    ...commit.changes.flatMap(changeLines),
    'get-mark :1\n',
    `reset ${UNWRITTEN_REFERENCE}\nfrom ${'0'.repeat(40)}\n\ndone\n`,
  ];
}

/** Writes blobs, trees and the commit with one process, without an index or a work tree. @returns the commit's id */
export async function writeCommit(
  runtime: GitRuntime,
  directory: string,
  commit: NewCommit,
): Promise<string> {
  const stream = fastImportStream(commit);
  await checkSpecialFiles(runtime, directory, commit.changes);
  const git = startGit(
    runtime,
    directory,
    ['fast-import', '--quiet', '--done', '--date-format=raw'],
    { env: { GIT_DIR: directory }, bounds: WRITE },
  );
  const answer: Buffer[] = [];
  git.process.stdout.on('data', (chunk: Buffer) => answer.push(chunk));
  for (const part of stream) git.process.stdin.write(part);
  git.process.stdin.end();
  const code = await git.closed;
  const id = Buffer.concat(answer).toString('latin1').trim();
  if (code !== 0 || !isObjectId(id)) {
    // It repeats the stream, and each attempt on a full disk would leave another one.
    await rm(join(directory, `fast_import_crash_${git.process.pid}`), { force: true });
    throw new GitError('fast-import', code, git.stderr());
  }
  return id;
}
