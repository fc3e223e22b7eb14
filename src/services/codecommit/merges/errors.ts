import * as client from '@aws-sdk/client-codecommit';
import { exception } from '../../../aws/errors.ts';
import { plain } from '../errors.ts';

/** The exceptions of merges, with AWS's texts. */

export const manualMergeRequired = plain(
  client.ManualMergeRequiredException,
  'The pull request cannot be merged automatically into the destination branch. You must manually merge the branches and resolve any conflicts.',
);
export const concurrentReferenceUpdate = plain(
  client.ConcurrentReferenceUpdateException,
  'The merge cannot be completed because the target branch has been modified. Another user might have modified the target branch while the merge was in progress. Wait a few minutes, and then try again.',
);
export const tipsDivergenceExceeded = plain(
  client.TipsDivergenceExceededException,
  'The divergence between the tips of the provided commit specifiers is too great to determine whether there might be any merge conflicts. Locally compare the specifiers using git diff or a diff tool.',
);
export const maximumItemsToCompareExceeded = plain(
  client.MaximumItemsToCompareExceededException,
  'The number of items to compare between the source or destination branches and the merge base has exceeded the maximum allowed.',
);
export const maximumFileContentToLoadExceeded = plain(
  client.MaximumFileContentToLoadExceededException,
  'The number of files to load exceeds the allowed limit.',
);

export const invalidTargetBranch = plain(
  client.InvalidTargetBranchException,
  'The specified target branch is not valid.',
);
export const mergeOptionRequired = plain(
  client.MergeOptionRequiredException,
  'A merge option or stategy is required, and none was provided.',
);
export const invalidMergeOption = plain(
  client.InvalidMergeOptionException,
  'The specified merge option is not valid for this operation. Not all merge strategies are supported for all operations.',
);
export const invalidConflictDetailLevel = plain(
  client.InvalidConflictDetailLevelException,
  'The specified conflict detail level is not valid.',
);
export const invalidConflictResolutionStrategy = plain(
  client.InvalidConflictResolutionStrategyException,
  'The specified conflict resolution strategy is not valid.',
);
export const invalidMaxConflictFiles = plain(
  client.InvalidMaxConflictFilesException,
  'The specified value for the number of conflict files to return is not valid.',
);
export const invalidMaxMergeHunks = plain(
  client.InvalidMaxMergeHunksException,
  'The specified value for the number of merge hunks to return is not valid.',
);
export const invalidSourceCommitSpecifier = plain(
  client.InvalidSourceCommitSpecifierException,
  'The source commit specifier is not valid. You must provide a valid branch name, tag, or full commit ID.',
);
export const invalidDestinationCommitSpecifier = plain(
  client.InvalidDestinationCommitSpecifierException,
  'The destination commit specifier is not valid. You must provide a valid branch name, tag, or full commit ID.',
);

// Of resolutions by hand.

/** @param path whose entry it is, where it is one's */
export const invalidConflictResolution = (path?: string) =>
  exception(
    client.InvalidConflictResolutionException,
    path === undefined
      ? 'The specified conflict resolution list is not valid.'
      : `The specified conflict resolution list is not valid. There is no such conflict at path ${path}`,
  );
export const maximumConflictResolutionEntriesExceeded = plain(
  client.MaximumConflictResolutionEntriesExceededException,
  'The number of allowed conflict resolution entries was exceeded.',
);
export const multipleConflictResolutionEntries = plain(
  client.MultipleConflictResolutionEntriesException,
  'More than one conflict resolution entries exists for the conflict. A conflict can have only one conflict resolution entry.',
);
export const replacementTypeRequired = plain(
  client.ReplacementTypeRequiredException,
  'A replacement type is required.',
);
export const invalidReplacementType = plain(
  client.InvalidReplacementTypeException,
  'Automerge was specified for resolving the conflict, but the specified replacement type is not valid.',
);
export const replacementContentRequired = plain(
  client.ReplacementContentRequiredException,
  'USE_NEW_CONTENT was specified, but no replacement content has been provided.',
);
export const invalidReplacementContent = plain(
  client.InvalidReplacementContentException,
  'Automerge was specified for resolving the conflict, but the replacement type is not valid or content is missing.',
);
export const folderContentSizeLimitExceeded = plain(
  client.FolderContentSizeLimitExceededException,
  'The commit cannot be created because at least one of the overall changes in the commit results in a folder whose contents exceed the limit of 6 MB. Either reduce the number and size of your changes, or split the changes across multiple folders.',
);
