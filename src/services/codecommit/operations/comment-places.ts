import type { Location } from '@aws-sdk/client-codecommit';
import type { Commit, GitRepository, TreeEntry } from '../../../git/git-host.ts';
import { commitIdRequired, invalidPath, pathDoesNotExist, pathRequired } from '../errors.ts';
import { needCommit } from '../history/commits.ts';
import { limits } from '../limits.ts';
import { normalizePath } from '../model/names.ts';
import {
  beforeCommitIdAndAfterCommitIdAreSame,
  commentContentRequired,
  commentContentSizeLimitExceeded,
  invalidFileLocation,
  invalidFilePosition,
  invalidRelativeFileVersionEnum,
} from '../reviews/errors.ts';

/** What comments say, and where they stand. */

/** @throws CommentContentRequiredException, CommentContentSizeLimitExceededException */
export function checkComment(content: string | undefined): string {
  if (!content) throw commentContentRequired();
  if (content.length > limits.comment) throw commentContentSizeLimitExceeded();
  return content;
}

/** The commits of a comparison. @param before empty for a commit that has none before it */
export interface Compared {
  before: Commit | undefined;
  after: Commit;
}

/** @throws CommitIdRequired, InvalidCommitId, BeforeCommitIdAndAfterCommitIdAreSame, CommitDoesNotExist exceptions */
export async function findCompared(
  git: GitRepository,
  { beforeCommitId, afterCommitId }: { beforeCommitId?: string; afterCommitId: string },
): Promise<Compared> {
  if (beforeCommitId === afterCommitId) throw beforeCommitIdAndAfterCommitIdAreSame();
  const after = await needCommit(git, afterCommitId);
  if (beforeCommitId !== undefined) return { before: await needCommit(git, beforeCommitId), after };
  // Only a repository's first commit is compared with nothing.
  if (after.parents.length > 0) throw commitIdRequired();
  return { before: undefined, after };
}

export interface CommentPlace {
  location?: Location;
  beforeBlobId?: string;
  afterBlobId?: string;
}

/** @throws PathRequired, InvalidPath, PathDoesNotExist, InvalidFileLocation, InvalidRelativeFileVersionEnum, InvalidFilePosition exceptions */
export async function findPlace(
  git: GitRepository,
  { before, after }: Compared,
  location: Location | undefined,
): Promise<CommentPlace> {
  if (!location) return {};
  const { filePosition, relativeFileVersion } = location;
  if (!location.filePath) throw pathRequired();
  const filePath = normalizePath(location.filePath);
  if (filePath === undefined) throw invalidPath();
  if (filePath === '') throw invalidFileLocation();
  if (
    relativeFileVersion !== undefined &&
    relativeFileVersion !== 'BEFORE' &&
    relativeFileVersion !== 'AFTER'
  )
    throw invalidRelativeFileVersionEnum();
  const at = async (commit: Commit | undefined) => commit && git.find(commit.tree, filePath);
  const [old, current] = [await at(before), await at(after)];
  if (!old && !current) throw pathDoesNotExist();
  if ([old, current].some((entry) => entry && isFolder(entry))) throw invalidFileLocation();
  const entry = relativeFileVersion === 'BEFORE' ? old : current;
  if (relativeFileVersion !== undefined && !entry) throw invalidRelativeFileVersionEnum();
  if (filePosition !== undefined) {
    if (relativeFileVersion === undefined) throw invalidRelativeFileVersionEnum();
    await checkPosition(git, entry, filePosition);
  }
  return {
    location: {
      filePath,
      ...(filePosition !== undefined && { filePosition }),
      ...(relativeFileVersion !== undefined && { relativeFileVersion }),
    },
    ...(old && { beforeBlobId: old.id }),
    ...(current && { afterBlobId: current.id }),
  };
}

const isFolder = ({ mode }: TreeEntry) => mode === '040000' || mode === '160000';

/** The line must be one of the file's: from 1, or 0 for the file itself. @throws InvalidFilePositionException */
async function checkPosition(
  git: GitRepository,
  entry: TreeEntry | undefined,
  position: number,
): Promise<void> {
  if (!Number.isSafeInteger(position) || position < 0) throw invalidFilePosition();
  const info = entry && (await git.info(entry.id));
  if (!info || info.size > limits.fileOfCountedLines) return;
  const content = (await git.read(info.id))?.content ?? Buffer.alloc(0);
  let lines = content.length > 0 && content.at(-1) !== 10 ? 1 : 0;
  for (const byte of content) if (byte === 10) lines++;
  if (position > lines) throw invalidFilePosition();
}
