import type {
  DeleteFileEntry,
  FileModeTypeEnum,
  PutFileEntry,
  SetFileModeEntry,
} from '@aws-sdk/client-codecommit';
import type { FileMode } from '../../../git/git-host.ts';
import { isTreePath } from '../../../git/names.ts';
import { ownValue } from '../../../lib/own.ts';
import {
  fileContentAndSourceFileSpecified,
  fileContentSizeLimitExceeded,
  fileEntryRequired,
  fileModeRequired,
  invalidFileMode,
  invalidPath,
  maximumFileEntriesExceeded,
  pathRequired,
  putFileEntryConflict,
  restrictedSourceFile,
  samePathRequest,
  sourceFileOrContentRequired,
} from '../errors.ts';
import { limits } from '../limits.ts';
import { checkSizes } from './content-sizes.ts';
import { foldersAbove, normalizePath } from './names.ts';

/** What one commit is asked to do with files, checked without looking at the repository (CC-CM-03). Pure. */

export interface CommitRequest {
  puts: (
    | { path: string; mode: FileMode; content: Uint8Array }
    /** `mode` undefined: as the source has it. */
    | { path: string; mode: FileMode | undefined; source: string; isMove: boolean }
  )[];
  deletes: string[];
  modes: { path: string; mode: FileMode }[];
  keepEmptyFolders: boolean;
}

export interface CommitEntries {
  putFiles?: PutFileEntry[] | undefined;
  deleteFiles?: DeleteFileEntry[] | undefined;
  setFileModes?: SetFileModeEntry[] | undefined;
  keepEmptyFolders?: boolean | undefined;
}

/** The file that keeps a folder from vanishing. */
export const KEEP = '.gitkeep';

const MODES: Record<string, FileMode> = {
  EXECUTABLE: '100755',
  NORMAL: '100644',
  SYMLINK: '120000',
} satisfies Record<FileModeTypeEnum, FileMode>;

/** @throws InvalidFileModeException */
export function checkFileMode(mode: string): FileMode {
  const known = ownValue(MODES, mode);
  if (!known) throw invalidFileMode();
  return known;
}

/** @throws PathRequiredException, InvalidPathException */
export function checkNewPath(path: string | undefined): string {
  if (!path) throw pathRequired();
  const normal = normalizePath(path);
  if (!normal || !isTreePath(normal)) throw invalidPath();
  return normal;
}

function checkPut(entry: PutFileEntry): CommitRequest['puts'][number] {
  const path = checkNewPath(entry.filePath);
  const { fileContent: content, sourceFile } = entry;
  if (content && sourceFile) throw fileContentAndSourceFileSpecified();
  const mode = entry.fileMode === undefined ? undefined : checkFileMode(entry.fileMode);
  if (sourceFile) {
    const source = checkNewPath(sourceFile.filePath);
    if (source === KEEP || source.endsWith(`/${KEEP}`)) throw restrictedSourceFile();
    return { path, mode, source, isMove: sourceFile.isMove ?? false };
  }
  if (!content) throw sourceFileOrContentRequired();
  if (content.length > limits.file) throw fileContentSizeLimitExceeded();
  return { path, mode: mode ?? '100644', content };
}

function checkMode(entry: SetFileModeEntry): CommitRequest['modes'][number] {
  const path = checkNewPath(entry.filePath);
  if (!entry.fileMode) throw fileModeRequired();
  return { path, mode: checkFileMode(entry.fileMode) };
}

/** Each path once; no path both a file and a folder of the same commit. */
function checkConflicts(request: CommitRequest): void {
  const moved = request.puts.flatMap((put) => ('source' in put && put.isMove ? [put.source] : []));
  const written = request.puts.map((put) => put.path);
  const all = [...written, ...request.deletes, ...request.modes.map(({ path }) => path), ...moved];
  if (new Set(all).size < all.length) throw samePathRequest();
  const files = new Set(written);
  for (const path of written) {
    if (foldersAbove(path).some((above) => files.has(above))) throw putFileEntryConflict();
  }
}

/** Checks the entries of CreateCommit by themselves. */
export function checkCommitRequest(entries: CommitEntries): CommitRequest {
  const { putFiles = [], deleteFiles = [], setFileModes = [] } = entries;
  const count = putFiles.length + deleteFiles.length + setFileModes.length;
  if (count === 0) throw fileEntryRequired();
  if (count > limits.filesPerCommit) throw maximumFileEntriesExceeded();
  const request: CommitRequest = {
    puts: putFiles.map(checkPut),
    deletes: deleteFiles.map((entry) => checkNewPath(entry.filePath)),
    modes: setFileModes.map(checkMode),
    keepEmptyFolders: entries.keepEmptyFolders ?? false,
  };
  checkSizes(request.puts);
  checkConflicts(request);
  return request;
}
