import { createHash } from 'node:crypto';
import type { FileMetadata } from '@aws-sdk/client-codecommit';
import type { FileChange, FileMode, TreeEntry } from '../../../git/git-host.ts';
import { append } from '../../../lib/append.ts';
import {
  directoryNameConflictsWithFileName,
  fileDoesNotExist,
  fileNameConflictsWithDirectoryName,
  filePathConflictsWithSubmodulePath,
  noChange,
} from '../errors.ts';
import { type CommitRequest, KEEP } from './commit-request.ts';
import { folderOf, foldersAbove } from './names.ts';
import { fileModeView } from './views.ts';

/** The files that a commit starts from. */
export interface Files {
  find(path: string): Promise<TreeEntry | undefined>;
  /** Entries of a folder that exists. */
  list(folder: string): Promise<TreeEntry[]>;
}

export interface CommitPlan {
  changes: FileChange[];
  filesAdded: FileMetadata[];
  filesUpdated: FileMetadata[];
  filesDeleted: FileMetadata[];
}

/** Git's name for a file's content. */
export function blobIdOf(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

const NOTHING = new Uint8Array();

interface Writing {
  path: string;
  mode: FileMode;
  id: string;
  content?: Uint8Array;
}

/**
 * What a request makes of the files of its parent commit (CC-CM-03).
 * @throws FileDoesNotExist, FileNameConflictsWithDirectoryName, DirectoryNameConflictsWithFileName,
 * FilePathConflictsWithSubmodulePath and NoChange exceptions
 */
export async function planCommit(request: CommitRequest, files: Files): Promise<CommitPlan> {
  const deleted = new Map<string, TreeEntry>();
  for (const path of pathsToDelete(request)) deleted.set(path, await existingFile(files, path));
  const writings = await writingsOf(request, files);
  for (const { path } of writings) await checkPlace(files, path, deleted);
  if (request.keepEmptyFolders) append(writings, await keptFolders(files, deleted, writings));
  const plan: CommitPlan = { changes: [], filesAdded: [], filesUpdated: [], filesDeleted: [] };
  for (const [path, { id, mode }] of deleted) {
    plan.changes.push({ path, deleted: true });
    plan.filesDeleted.push(metadata(path, id, mode));
  }
  for (const writing of writings) await addWriting(plan, files, writing);
  if (plan.changes.length === 0) throw noChange();
  return plan;
}

function metadata(path: string, id: string, mode: FileMode): FileMetadata {
  return { absolutePath: path, blobId: id, fileMode: fileModeView(mode) };
}

function pathsToDelete(request: CommitRequest): string[] {
  const moved = request.puts.flatMap((put) => ('source' in put && put.isMove ? [put.source] : []));
  return [...request.deletes, ...moved];
}

async function existingFile(files: Files, path: string): Promise<TreeEntry> {
  const entry = await files.find(path);
  if (entry?.mode === '160000') throw filePathConflictsWithSubmodulePath();
  if (!entry || entry.mode === '040000') throw fileDoesNotExist(path);
  return entry;
}

async function writingsOf(request: CommitRequest, files: Files): Promise<Writing[]> {
  const writings: Writing[] = [];
  for (const put of request.puts) {
    if ('content' in put) {
      writings.push({ ...put, id: blobIdOf(put.content) });
      continue;
    }
    const source = await existingFile(files, put.source);
    writings.push({ path: put.path, mode: put.mode ?? source.mode, id: source.id });
  }
  for (const { path, mode } of request.modes) {
    writings.push({ path, mode, id: (await existingFile(files, path)).id });
  }
  return writings;
}

/** A file must not stand where a folder or a submodule is, nor below a file, unless those go with this commit. */
async function checkPlace(
  files: Files,
  path: string,
  deleted: ReadonlyMap<string, TreeEntry>,
): Promise<void> {
  for (const above of foldersAbove(path)) {
    const entry = await files.find(above);
    if (!entry) return;
    if (entry.mode === '160000') throw filePathConflictsWithSubmodulePath();
    if (entry.mode !== '040000' && !deleted.has(above)) throw directoryNameConflictsWithFileName();
  }
  const here = await files.find(path);
  if (here?.mode === '160000') throw filePathConflictsWithSubmodulePath();
  if (here?.mode === '040000') throw fileNameConflictsWithDirectoryName();
}

/** `.gitkeep` files for the folders that lose their last file (CC-MRG-07). */
async function keptFolders(
  files: Files,
  deleted: ReadonlyMap<string, TreeEntry>,
  writings: Writing[],
): Promise<Writing[]> {
  const kept: Writing[] = [];
  for (const folder of new Set([...deleted.keys()].map(folderOf))) {
    if (folder === '' || deleted.has(`${folder}/${KEEP}`)) continue;
    const entries = await files.list(folder);
    const emptied = entries.every((entry) => deleted.has(`${folder}/${entry.name}`));
    const filled = writings.some(({ path }) => path.startsWith(`${folder}/`));
    if (emptied && !filled) {
      kept.push({
        path: `${folder}/${KEEP}`,
        mode: '100644',
        id: blobIdOf(NOTHING),
        content: NOTHING,
      });
    }
  }
  return kept;
}

async function addWriting(plan: CommitPlan, files: Files, writing: Writing): Promise<void> {
  const { path, mode, id, content } = writing;
  const before = await files.find(path);
  if (before?.id === id && before.mode === mode) return;
  plan.changes.push(content ? { path, mode, content } : { path, mode, id });
  (before ? plan.filesUpdated : plan.filesAdded).push(metadata(path, id, mode));
}
