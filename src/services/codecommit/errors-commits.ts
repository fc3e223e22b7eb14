import * as client from '@aws-sdk/client-codecommit';
import { plain } from './errors.ts';

/** Exceptions of the operations that make commits, and of tags; the others are in errors.ts. */

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
