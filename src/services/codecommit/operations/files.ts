import type { GitRepository } from '../../../git/git-host.ts';
import { isObjectId } from '../../../git/names.ts';
import { isBinary } from '../../../git/objects.ts';
import { pageOfList } from '../../../kit/pages.ts';
import {
  blobIdDoesNotExist,
  blobIdRequired,
  fileDoesNotExist,
  fileTooLarge,
  folderDoesNotExist,
  invalidBlobId,
  invalidContextLines,
  invalidPath,
  pathRequired,
} from '../errors.ts';
import { findCommit } from '../history/commits.ts';
import { limits } from '../limits.ts';
import { hunksOfLines, linesOf } from '../model/blob-hunks.ts';
import { normalizePath } from '../model/names.ts';
import { fileModeView } from '../model/views.ts';
import { atRepository, openRepository } from '../resources/repository.ts';
import { asked, checkMaxResults } from './arguments.ts';
import { codecommit } from './declare.ts';

/** @throws PathRequiredException, InvalidPathException */
function checkFilePath(path: string | undefined): string {
  if (!path) throw pathRequired();
  const normal = normalizePath(path);
  if (!normal) throw invalidPath();
  return normal;
}

/** @throws BlobIdDoesNotExistException, FileTooLargeException */
async function readBlob(git: GitRepository, id: string): Promise<Buffer> {
  const info = await git.info(id);
  if (info?.type !== 'blob') throw blobIdDoesNotExist();
  if (info.size > limits.file) throw fileTooLarge();
  const object = await git.read(id);
  if (!object) throw blobIdDoesNotExist();
  return object.content;
}

export const getFile = codecommit('getFile', atRepository, async (ctx, input, located) => {
  const filePath = checkFilePath(input.filePath);
  const repository = await openRepository(ctx, located);
  const commit = await findCommit(repository, input.commitSpecifier);
  const entry = await repository.git.find(commit.tree, filePath);
  if (!entry || entry.mode === '040000' || entry.mode === '160000') {
    throw fileDoesNotExist(filePath);
  }
  const fileContent = await readBlob(repository.git, entry.id);
  return {
    commitId: commit.id,
    blobId: entry.id,
    filePath,
    fileMode: fileModeView(entry.mode),
    fileSize: fileContent.length,
    fileContent,
  };
});

export const getBlob = codecommit('getBlob', atRepository, async (ctx, input, located) => {
  if (!input.blobId) throw blobIdRequired();
  if (!isObjectId(input.blobId)) throw invalidBlobId();
  const { git } = await openRepository(ctx, located);
  return { content: await readBlob(git, input.blobId) };
});

export const getFolder = codecommit('getFolder', atRepository, async (ctx, input, located) => {
  if (input.folderPath === undefined) throw pathRequired();
  const folderPath = normalizePath(input.folderPath.replace(/(.)\/$/, '$1'));
  if (folderPath === undefined) throw invalidPath();
  const repository = await openRepository(ctx, located);
  const commit = await findCommit(repository, input.commitSpecifier);
  const folder = await repository.git.find(commit.tree, folderPath);
  if (folder?.mode !== '040000') throw folderDoesNotExist(folderPath);
  const entries = (await repository.git.tree(folder.id)).map((entry) => ({
    ...entry,
    paths: {
      absolutePath: folderPath === '' ? entry.name : `${folderPath}/${entry.name}`,
      relativePath: entry.name,
    },
  }));
  const of = (...modes: string[]) => entries.filter((entry) => modes.includes(entry.mode));
  const file = ({ id, mode, paths }: (typeof entries)[number]) => ({
    blobId: id,
    ...paths,
    fileMode: fileModeView(mode),
  });
  return {
    commitId: commit.id,
    folderPath,
    treeId: folder.id,
    subFolders: of('040000').map(({ id, paths }) => ({ treeId: id, ...paths })),
    files: of('100644', '100755').map(file),
    symbolicLinks: of('120000').map(file),
    subModules: of('160000').map(({ id, paths }) => ({ commitId: id, ...paths })),
  };
});

/** Both versions of a file, or its only one. */
async function versionsOf(git: GitRepository, before: string | undefined, after: string) {
  const contents = {
    before: before === undefined ? Buffer.alloc(0) : await readBlob(git, before),
    after: await readBlob(git, after),
  };
  return { ...contents, isBinary: isBinary(contents.before) || isBinary(contents.after) };
}

export const getBlobDifferences = codecommit(
  'getBlobDifferences',
  atRepository,
  async (ctx, input, located) => {
    const { afterBlobId, beforeBlobId, contextLines = 3, ignoreWhitespace = false } = input;
    if (!afterBlobId) throw blobIdRequired();
    for (const id of [afterBlobId, beforeBlobId])
      if (id !== undefined && !isObjectId(id)) throw invalidBlobId();
    const size = checkMaxResults(input.MaxResults, limits.mostDifferencesPage, {
      usual: limits.differencesPage,
    });
    if (contextLines < 0 || contextLines > limits.contextLines) throw invalidContextLines();
    const { git, record } = await openRepository(ctx, located);
    const { before, after, isBinary } = await versionsOf(git, beforeBlobId, afterBlobId);
    const sizes = { beforeBlobSize: before.length, afterBlobSize: after.length };
    if (isBinary) return { hunks: [], isBinary, ...sizes };
    const lines = { before: linesOf(before), after: linesOf(after) };
    if (lines.before.length + lines.after.length > limits.comparedLines) throw fileTooLarge();
    const whole = { before: 0, removed: 0, after: 0, added: lines.after.length };
    const changes = beforeBlobId
      ? await git.lineChanges(beforeBlobId, afterBlobId, { ignoreWhitespace, signal: ctx.signal })
      : [whole].filter(({ added }) => added > 0);
    const hunks = hunksOfLines(changes, lines, contextLines).map((hunk, index) => ({
      hunk,
      index,
    }));
    const page = asked(input, size, record.repositoryId);
    const { items, nextToken } = pageOfList(ctx, page, hunks, ({ index }) => index);
    return {
      ...{ hunks: items.map(({ hunk }) => hunk), isBinary, ...sizes },
      ...(nextToken && { NextToken: nextToken }),
    };
  },
);
