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

export const encryptionKeyInvalidId = plain(
  client.EncryptionKeyInvalidIdException,
  'The Key Management Service encryption key is not valid.',
);
export const encryptionKeyRequired = plain(
  client.EncryptionKeyRequiredException,
  'A KMS encryption key ID is required, but was not specified.',
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
/** Of a file that git itself reads. @param why in git's words */
export const refusedContent = (why: string) =>
  exception(
    client.InvalidPathException,
    `The specified path is not valid for what it is to hold: ${why}`,
  );
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
export const invalidHistoryPath = plain(
  client.ValidationException,
  'The file path is required, and has to be one of a file in a commit.',
);
export const invalidTagsToken = plain(
  client.ValidationException,
  'The specified continuation token is not valid: all tags of a resource are on one page.',
);
export const invalidContextLines = plain(
  client.ValidationException,
  'The specified input is either not valid, or it could not be validated.',
);
export const blobIdDoesNotExist = plain(
  client.BlobIdDoesNotExistException,
  'The specified blob does not exist.',
);

// Of the operations that make commits, and of tags.

export const parentCommitIdRequired = plain(
  client.ParentCommitIdRequiredException,
  'A parent commit ID is required. To view the full commit ID of a branch in a repository, use GetBranch or a Git command (for example, git pull or git log).',
);
export const invalidParentCommitId = plain(
  client.InvalidParentCommitIdException,
  'The parent commit ID is not valid. The commit ID cannot be empty, and must match the head commit ID for the branch of the repository where you want to add or update a file.',
);
export const parentCommitDoesNotExist = plain(
  client.ParentCommitDoesNotExistException,
  'The parent commit ID is not valid because it does not exist. The specified parent commit ID does not exist in the specified branch of the repository.',
);
export const parentCommitIdOutdated = plain(
  client.ParentCommitIdOutdatedException,
  'The file could not be added because the provided parent commit ID is not the current tip of the specified branch. To view the full commit ID of the current head of the branch, use GetBranch.',
);
export const fileContentRequired = plain(
  client.FileContentRequiredException,
  'The file cannot be added because it is empty. Empty files cannot be added to the repository with this API.',
);
export const fileContentSizeLimitExceeded = plain(
  client.FileContentSizeLimitExceededException,
  'The file cannot be added because it is too large. The maximum file size is 6 MB, and the combined file content change size is 7 MB. Consider making these changes using a Git client.',
);
export const invalidFileMode = plain(
  client.InvalidFileModeException,
  'The specified file mode permission is not valid. For a list of valid file mode permissions, see PutFile.',
);
export const fileModeRequired = plain(
  client.FileModeRequiredException,
  'The commit cannot be created because no file mode was specified. A file mode is required to update mode permissions for a file.',
);
export const nameLengthExceeded = plain(
  client.NameLengthExceededException,
  'The user name is not valid because it has exceeded the character limit for author names.',
);
export const invalidEmail = plain(
  client.InvalidEmailException,
  'The specified email address either contains one or more characters that are not allowed, or it exceeds the maximum number of characters allowed for an email address.',
);
export const commitMessageLengthExceeded = plain(
  client.CommitMessageLengthExceededException,
  'The commit message is too long. Provide a shorter string.',
);
export const sameFileContent = plain(
  client.SameFileContentException,
  'The file was not added or updated because the content of the file is exactly the same as the content of that file in the repository and branch that you specified.',
);
export const fileNameConflictsWithDirectoryName = plain(
  client.FileNameConflictsWithDirectoryNameException,
  'A file cannot be added to the repository because the specified file name has the same name as a directory in this repository. Either provide another name for the file, or add the file in a directory that does not match the file name.',
);
export const directoryNameConflictsWithFileName = plain(
  client.DirectoryNameConflictsWithFileNameException,
  'A file cannot be added to the repository because the specified path name has the same name as a file that already exists in this repository. Either provide a different name for the file, or specify a different path for the file.',
);
export const filePathConflictsWithSubmodulePath = plain(
  client.FilePathConflictsWithSubmodulePathException,
  'The commit cannot be created because a specified file path points to a submodule. Verify that the destination files have valid file paths that do not point to a submodule.',
);
export const fileEntryRequired = plain(
  client.FileEntryRequiredException,
  'The commit cannot be created because no files have been specified as added, updated, or changed (PutFile or DeleteFile) for the commit.',
);
export const maximumFileEntriesExceeded = plain(
  client.MaximumFileEntriesExceededException,
  'The number of specified files to change as part of this commit exceeds the maximum number of files that can be changed in a single commit. Consider using a Git client for these changes.',
);
export const putFileEntryConflict = plain(
  client.PutFileEntryConflictException,
  'The commit cannot be created because one or more files specified in the commit reference both a file and a folder.',
);
export const sourceFileOrContentRequired = plain(
  client.SourceFileOrContentRequiredException,
  'The commit cannot be created because no source files or file content have been specified for the commit.',
);
export const fileContentAndSourceFileSpecified = plain(
  client.FileContentAndSourceFileSpecifiedException,
  'The commit cannot be created because both a source file and file content have been specified for the same file. You cannot provide both. Either specify a source file or provide the file content directly.',
);
export const samePathRequest = plain(
  client.SamePathRequestException,
  'The commit cannot be created because one or more changes in this commit duplicate actions in the same file path. For example, you cannot make the same delete request to the same file in the same file path twice, or make a delete request and a move request to the same file as part of the same commit.',
);
export const restrictedSourceFile = plain(
  client.RestrictedSourceFileException,
  'The commit cannot be created because one of the changes specifies copying or moving a .gitkeep file.',
);
export const noChange = plain(
  client.NoChangeException,
  'The commit cannot be created because no changes will be made to the repository as a result of this commit. A commit must contain at least one change.',
);

export const resourceArnRequired = plain(
  client.ResourceArnRequiredException,
  'A valid Amazon Resource Name (ARN) for an AWS CodeCommit resource is required. For a list of valid resources in AWS CodeCommit, see CodeCommit Resources and Operations in the AWS CodeCommit User Guide.',
);
export const invalidResourceArn = plain(
  client.InvalidResourceArnException,
  'The value for the resource ARN is not valid. For more information about resources in AWS CodeCommit, see CodeCommit Resources and Operations in the AWS CodeCommit User Guide.',
);
export const tagsMapRequired = plain(client.TagsMapRequiredException, 'A map of tags is required.');
export const tagKeysListRequired = plain(
  client.TagKeysListRequiredException,
  'A list of tag keys is required. The list cannot be empty or null.',
);
export const invalidTagKeysList = plain(
  client.InvalidTagKeysListException,
  'The list of tags is not valid.',
);
export const invalidTagsMap = plain(
  client.InvalidTagsMapException,
  'The map of tags is not valid.',
);
export const invalidSystemTagUsage = plain(
  client.InvalidSystemTagUsageException,
  'The specified tag is not valid. Key names cannot be prefixed with aws:.',
);
export const tooManyTags = plain(
  client.TooManyTagsException,
  'The maximum number of tags for an AWS CodeCommit resource has been exceeded.',
);

export const triggersListRequired = plain(
  client.RepositoryTriggersListRequiredException,
  'The list of triggers for the repository is required, but was not specified.',
);
export const maximumTriggersExceeded = plain(
  client.MaximumRepositoryTriggersExceededException,
  'The number of triggers allowed for the repository was exceeded.',
);
export const triggerNameRequired = plain(
  client.RepositoryTriggerNameRequiredException,
  'A name for the trigger is required, but was not specified.',
);
export const invalidTriggerName = plain(
  client.InvalidRepositoryTriggerNameException,
  'The name of the trigger is not valid.',
);
export const triggerDestinationArnRequired = plain(
  client.RepositoryTriggerDestinationArnRequiredException,
  'A destination ARN for the target service for the trigger is required, but was not specified.',
);
export const invalidTriggerDestinationArn = plain(
  client.InvalidRepositoryTriggerDestinationArnException,
  'The Amazon Resource Name (ARN) for the trigger is not valid for the specified destination. The most common reason for this error is that the ARN does not meet the requirements for the service type.',
);
export const invalidTriggerRegion = plain(
  client.InvalidRepositoryTriggerRegionException,
  'The AWS Region for the trigger target does not match the AWS Region for the repository. Triggers must be created in the same Amazon Web Services Region as the target for the trigger.',
);
export const invalidTriggerCustomData = plain(
  client.InvalidRepositoryTriggerCustomDataException,
  'The custom data provided for the trigger is not valid.',
);
export const triggerBranchNameListRequired = plain(
  client.RepositoryTriggerBranchNameListRequiredException,
  'At least one branch name is required, but was not specified in the trigger configuration.',
);
export const maximumTriggerBranchesExceeded = plain(
  client.MaximumBranchesExceededException,
  'The number of branches for the trigger was exceeded.',
);
export const invalidTriggerBranchName = plain(
  client.InvalidRepositoryTriggerBranchNameException,
  'One or more branch names specified for the trigger is not valid.',
);
export const triggerEventsListRequired = plain(
  client.RepositoryTriggerEventsListRequiredException,
  'At least one event for the trigger is required, but was not specified.',
);
export const invalidTriggerEvents = plain(
  client.InvalidRepositoryTriggerEventsException,
  'One or more events specified for the trigger is not valid. Check to make sure that all events specified match the requirements for allowed events.',
);
