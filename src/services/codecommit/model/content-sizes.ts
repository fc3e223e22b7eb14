import { fileContentSizeLimitExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { folderContentSizeLimitExceeded } from '../merges/errors.ts';
import { folderOf } from './names.ts';

/**
 * What one commit of the API brings, of all its files and of those of each folder (CC-LIM-04). Pure.
 * @throws FileContentSizeLimitExceededException, FolderContentSizeLimitExceededException
 */
export function checkSizes(entries: Iterable<{ path: string; content?: Uint8Array }>): void {
  const folders = new Map<string, number>();
  let all = 0;
  for (const { path, content } of entries) {
    if (!content) continue;
    const folder = folderOf(path);
    folders.set(folder, (folders.get(folder) ?? 0) + content.length);
    all += content.length;
  }
  if (all > limits.changeOfAllFiles) throw fileContentSizeLimitExceeded();
  for (const size of folders.values())
    if (size > limits.folderContent) throw folderContentSizeLimitExceeded();
}
