import type {
  BlobMetadata,
  Commit as CommitView,
  FileModeTypeEnum,
} from '@aws-sdk/client-codecommit';
import type { Commit, FileMode, FileSide } from '../../../git/git-host.ts';

/** Git's objects as CodeCommit shows them. Pure. */

export function commitView(commit: Commit): CommitView {
  return {
    commitId: commit.id,
    treeId: commit.tree,
    parents: commit.parents,
    message: commit.message,
    author: commit.author,
    committer: commit.committer,
    additionalData: commit.additional,
  };
}

export function fileModeView(mode: FileMode): FileModeTypeEnum {
  if (mode === '100755') return 'EXECUTABLE';
  return mode === '120000' ? 'SYMLINK' : 'NORMAL';
}

export function blobView(side: FileSide | undefined): BlobMetadata | undefined {
  return side && { blobId: side.id, path: side.path, mode: side.mode };
}
