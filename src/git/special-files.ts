import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { WRITE } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import { IGNORED_BY_HFS } from './names.ts';
import type { FileChange } from './objects.ts';
import { GitError, runGit } from './process.ts';
import { withScratch } from './scratch.ts';

/** What a commit was to hold is refused by git's fsck, as it is in a push; the text says why, in git's words. */
export class GitContentError extends Error {
  override name = 'GitContentError';
}

/** `.gitmodules`, `.gitattributes` and the like, also by the short names that NTFS gives them. Which of them count is for git to say. */
const SPECIAL = /^(\.git|gi.{0,6}~)/i;

type Written = Exclude<FileChange, { deleted: true }>;

const nameOf = ({ path }: FileChange) =>
  path.slice(path.lastIndexOf('/') + 1).replace(IGNORED_BY_HFS, '');

/**
 * Asks git's fsck about the files of a commit that git itself reads, which are few: of a push git looks at every object, and
 * fast-import, by which calls of the API write, at none.
 * @throws GitContentError
 */
export async function checkSpecialFiles(
  runtime: GitRuntime,
  directory: string,
  changes: readonly FileChange[],
): Promise<void> {
  const special = changes.filter(
    (change): change is Written => !('deleted' in change) && SPECIAL.test(nameOf(change)),
  );
  if (special.length === 0) return;
  try {
    await withScratch(directory, (env) =>
      runGit(runtime, directory, ['-c', 'core.fsync=none', 'unpack-objects', '-q', '--strict'], {
        env,
        stdin: packOf(special),
        bounds: WRITE,
      }),
    );
  } catch (error) {
    const why = error instanceof GitError && /^error: object [^:]*: (.*)$/m.exec(error.stderr)?.[1];
    throw why ? new GitContentError(why) : error;
  }
}

const [TREE, BLOB] = [2, 3];

/** gitformat-pack(5): each file, in a folder of its own. */
function packOf(files: readonly Written[]): Buffer {
  const objects = new Map<string, Buffer>();
  for (const file of files) {
    const isNew = 'content' in file;
    const id = isNew ? idOf('blob', file.content) : file.id;
    if (isNew) objects.set(id, entry(BLOB, file.content));
    const place = file.place ?? Buffer.from(file.path).toString('latin1');
    const name = place.slice(place.lastIndexOf('/') + 1);
    const head = Buffer.from(`${file.mode.replace(/^0/, '')} ${name}\0`, 'latin1');
    const tree = Buffer.concat([head, Buffer.from(id, 'hex')]);
    objects.set(idOf('tree', tree), entry(TREE, tree));
  }
  const header = Buffer.alloc(12, 'PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.size, 8);
  const pack = Buffer.concat([header, ...objects.values()]);
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()]);
}

const idOf = (type: string, content: Uint8Array) =>
  createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');

/** Type and size in as many bytes as it takes, the low bits first. */
function entry(type: number, content: Uint8Array): Buffer {
  const head: number[] = [];
  let byte = (type << 4) | (content.length & 15);
  for (let rest = Math.floor(content.length / 16); rest > 0; rest = Math.floor(rest / 128)) {
    head.push(byte | 128);
    byte = rest & 127;
  }
  return Buffer.concat([Buffer.from([...head, byte]), deflateSync(content)]);
}
