import * as client from '@aws-sdk/client-codecommit';
import { exception } from '../../aws/errors.ts';

/** CodeCommit's exceptions with AWS's texts. One function each, so that a text stands in one place. */

/** An exception whose text is always the same. */
export const plain =
  // biome-ignore lint/suspicious/noExplicitAny: each exception class has options of its own
    <E extends Error>(Class: new (options: any) => E, message: string) =>
    () =>
      exception(Class, message);

export const repositoryNameRequired = plain(
  client.RepositoryNameRequiredException,
  'A repository name is required, but was not specified.',
);
export const invalidRepositoryName = plain(
  client.InvalidRepositoryNameException,
  'The repository name is not valid. Repository names can be any combination of letters, numbers, periods, underscores, and dashes between 1 and 100 characters in length. Names are case sensitive and cannot end in .git.',
);
export const repositoryDoesNotExist = (name: string) =>
  exception(client.RepositoryDoesNotExistException, `${name} does not exist`);
export const repositoryNameExists = (name: string) =>
  exception(client.RepositoryNameExistsException, `Repository named ${name} already exists`);
export const repositoryLimitExceeded = plain(
  client.RepositoryLimitExceededException,
  'A repository resource limit was exceeded.',
);
export const invalidRepositoryDescription = plain(
  client.InvalidRepositoryDescriptionException,
  'The specified repository description is not valid. Descriptions can be up to 1,000 characters in length.',
);
export const repositoryNamesRequired = plain(
  client.RepositoryNamesRequiredException,
  'At least one repository name object is required, but was not specified.',
);
export const maximumRepositoryNamesExceeded = plain(
  client.MaximumRepositoryNamesExceededException,
  'The maximum number of allowed repository names was exceeded. Currently, this number is 100.',
);
export const invalidSortBy = plain(
  client.InvalidSortByException,
  'The specified sort by value is not valid.',
);
export const invalidOrder = plain(
  client.InvalidOrderException,
  'The specified sort order is not valid.',
);
export const invalidContinuationToken = plain(
  client.InvalidContinuationTokenException,
  'The specified continuation token is not valid.',
);
export const invalidMaxResults = plain(
  client.InvalidMaxResultsException,
  'The specified number of maximum results is not valid.',
);

export const branchNameRequired = plain(
  client.BranchNameRequiredException,
  'A branch name is required, but was not specified.',
);
export const invalidBranchName = plain(
  client.InvalidBranchNameException,
  'The specified branch name is not valid.',
);
export const branchDoesNotExist = (name: string) =>
  exception(client.BranchDoesNotExistException, `Branch ${name} does not exist`);
export const branchNameExists = (name: string) =>
  exception(client.BranchNameExistsException, `Branch ${name} already exists`);
export const branchNameIsTagName = plain(
  client.BranchNameIsTagNameException,
  'The specified branch name is not valid because it is a tag name. Enter the name of a branch in the repository. For a list of valid branch names, use ListBranches.',
);
export const defaultBranchCannotBeDeleted = (name: string) =>
  exception(
    client.DefaultBranchCannotBeDeletedException,
    `The branch ${name} is the default branch of the repository, and cannot be deleted. To delete this branch, you must first set another branch as the default branch.`,
  );

export const commitIdRequired = plain(
  client.CommitIdRequiredException,
  'A commit ID was not specified.',
);
export const invalidCommitId = plain(
  client.InvalidCommitIdException,
  'The specified commit ID is not valid.',
);
export const commitIdDoesNotExist = (id: string) =>
  exception(client.CommitIdDoesNotExistException, `Could not find commit ${id}`);
export const commitDoesNotExist = (specifier: string) =>
  exception(client.CommitDoesNotExistException, `Could not find commit ${specifier}`);
export const noDefaultBranch = plain(
  client.CommitDoesNotExistException,
  'The specified commit does not exist or no commit was specified, and the specified repository has no default branch.',
);
export const commitRequired = plain(client.CommitRequiredException, 'A commit was not specified.');
export const invalidCommit = plain(
  client.InvalidCommitException,
  'The specified commit is not valid.',
);
export const commitIdsListRequired = plain(
  client.CommitIdsListRequiredException,
  'A list of commit IDs is required, but was either not specified or the list was empty.',
);
export const commitIdsLimitExceeded = plain(
  client.CommitIdsLimitExceededException,
  'The maximum number of allowed commit IDs in a batch request is 100. Verify that your batch requests contains no more than 100 commit IDs, and then try again.',
);

export const pathRequired = plain(
  client.PathRequiredException,
  'The folderPath for a location cannot be null.',
);
export const invalidPath = plain(client.InvalidPathException, 'The specified path is not valid.');
export const pathDoesNotExist = plain(
  client.PathDoesNotExistException,
  'The specified path does not exist.',
);
export const fileDoesNotExist = (path: string) =>
  exception(client.FileDoesNotExistException, `File not found at path ${path}`);
export const folderDoesNotExist = (path: string) =>
  exception(client.FolderDoesNotExistException, `Folder not found at path ${path}`);
export const fileTooLarge = plain(
  client.FileTooLargeException,
  'The specified file exceeds the file size limit for AWS CodeCommit. For more information about limits in AWS CodeCommit, see AWS CodeCommit User Guide.',
);
export const blobIdRequired = plain(
  client.BlobIdRequiredException,
  'A blob ID is required, but was not specified.',
);
export const invalidBlobId = plain(
  client.InvalidBlobIdException,
  'The specified blob is not valid.',
);
export const blobIdDoesNotExist = plain(
  client.BlobIdDoesNotExistException,
  'The specified blob does not exist.',
);
