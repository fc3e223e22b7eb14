import * as client from '@aws-sdk/client-codecommit';
import { plain } from '../errors.ts';

/** The exceptions of pull requests, comments and approval rules, with AWS's texts. */

export const actorDoesNotExist = plain(
  client.ActorDoesNotExistException,
  'The specified Amazon Resource Name (ARN) does not exist in the Amazon Web Services account.',
);
export const approvalRuleContentRequired = plain(
  client.ApprovalRuleContentRequiredException,
  'The content for the approval rule is empty. You must provide some content for an approval rule. The content cannot be null.',
);
export const approvalRuleDoesNotExist = plain(
  client.ApprovalRuleDoesNotExistException,
  'The specified approval rule does not exist.',
);
export const approvalRuleNameAlreadyExists = plain(
  client.ApprovalRuleNameAlreadyExistsException,
  'An approval rule with that name already exists. Approval rule names must be unique within the scope of a pull request.',
);
export const approvalRuleNameRequired = plain(
  client.ApprovalRuleNameRequiredException,
  'An approval rule name is required, but was not specified.',
);
export const approvalRuleTemplateContentRequired = plain(
  client.ApprovalRuleTemplateContentRequiredException,
  'The content for the approval rule template is empty. You must provide some content for an approval rule template. The content cannot be null.',
);
export const approvalRuleTemplateDoesNotExist = plain(
  client.ApprovalRuleTemplateDoesNotExistException,
  'The specified approval rule template does not exist. Verify that the name is correct and that you are signed in to the Amazon Web Services Region where the template was created, and then try again.',
);
export const approvalRuleTemplateInUse = plain(
  client.ApprovalRuleTemplateInUseException,
  'The approval rule template is associated with one or more repositories. You cannot delete a template that is associated with a repository. Remove all associations, and then try again.',
);
export const approvalRuleTemplateNameAlreadyExists = plain(
  client.ApprovalRuleTemplateNameAlreadyExistsException,
  'You cannot create an approval rule template with that name because a template with that name already exists in this Amazon Web Services Region for your Amazon Web Services account. Approval rule template names must be unique.',
);
export const approvalRuleTemplateNameRequired = plain(
  client.ApprovalRuleTemplateNameRequiredException,
  'An approval rule template name is required, but was not specified.',
);
export const approvalStateRequired = plain(
  client.ApprovalStateRequiredException,
  'An approval state is required, but was not specified.',
);
export const authorDoesNotExist = plain(
  client.AuthorDoesNotExistException,
  'The specified Amazon Resource Name (ARN) does not exist in the Amazon Web Services account.',
);
export const beforeCommitIdAndAfterCommitIdAreSame = plain(
  client.BeforeCommitIdAndAfterCommitIdAreSameException,
  'The before commit ID and the after commit ID are the same, which is not valid. The before commit ID and the after commit ID must be different commit IDs.',
);
export const cannotDeleteApprovalRuleFromTemplate = plain(
  client.CannotDeleteApprovalRuleFromTemplateException,
  'The approval rule cannot be deleted from the pull request because it was created by an approval rule template and applied to the pull request automatically.',
);
export const cannotModifyApprovalRuleFromTemplate = plain(
  client.CannotModifyApprovalRuleFromTemplateException,
  'The approval rule cannot be modified for the pull request because it was created by an approval rule template and applied to the pull request automatically.',
);
export const commentContentRequired = plain(
  client.CommentContentRequiredException,
  'The comment is empty. You must provide some content for a comment. The content cannot be null.',
);
export const commentContentSizeLimitExceeded = plain(
  client.CommentContentSizeLimitExceededException,
  'The comment is too large. Comments are limited to 10,240 characters.',
);
export const commentDeleted = plain(
  client.CommentDeletedException,
  'This comment has already been deleted. You cannot edit or delete a deleted comment.',
);
export const commentDoesNotExist = plain(
  client.CommentDoesNotExistException,
  'No comment exists with the provided ID. Verify that you have used the correct ID, and then try again.',
);
export const commentIdRequired = plain(
  client.CommentIdRequiredException,
  'The comment ID is missing or null. A comment ID is required.',
);
export const commentNotCreatedByCaller = plain(
  client.CommentNotCreatedByCallerException,
  'You cannot modify or delete this comment. Only comment authors can modify or delete their comments.',
);
export const idempotencyParameterMismatch = plain(
  client.IdempotencyParameterMismatchException,
  'The client request token is not valid. Either the token is not in a valid format, or the token has been used in a previous request and cannot be reused.',
);
export const invalidActorArn = plain(
  client.InvalidActorArnException,
  'The Amazon Resource Name (ARN) is not valid. Make sure that you have provided the full ARN for the user who initiated the change for the pull request, and then try again.',
);
export const invalidApprovalRuleContent = plain(
  client.InvalidApprovalRuleContentException,
  'The content for the approval rule is not valid.',
);
export const invalidApprovalRuleName = plain(
  client.InvalidApprovalRuleNameException,
  'The name for the approval rule is not valid.',
);
export const invalidApprovalRuleTemplateContent = plain(
  client.InvalidApprovalRuleTemplateContentException,
  'The content of the approval rule template is not valid.',
);
export const invalidApprovalRuleTemplateDescription = plain(
  client.InvalidApprovalRuleTemplateDescriptionException,
  'The description for the approval rule template is not valid because it exceeds the maximum characters allowed for a description. For more information about limits in CodeCommit, see Quotas in the CodeCommit User Guide.',
);
export const invalidApprovalRuleTemplateName = plain(
  client.InvalidApprovalRuleTemplateNameException,
  'The name of the approval rule template is not valid. Template names must be between 1 and 100 valid characters in length. For more information about limits in CodeCommit, see Quotas in the CodeCommit User Guide.',
);
export const invalidApprovalState = plain(
  client.InvalidApprovalStateException,
  'The state for the approval is not valid. Valid values include APPROVE and REVOKE.',
);
export const invalidAuthorArn = plain(
  client.InvalidAuthorArnException,
  'The Amazon Resource Name (ARN) is not valid. Make sure that you have provided the full ARN for the author of the pull request, and then try again.',
);
export const invalidClientRequestToken = plain(
  client.InvalidClientRequestTokenException,
  'The client request token is not valid.',
);
export const invalidCommentId = plain(
  client.InvalidCommentIdException,
  'The comment ID is not in a valid format. Make sure that you have provided the full comment ID.',
);
export const invalidDescription = plain(
  client.InvalidDescriptionException,
  'The pull request description is not valid. Descriptions cannot be more than 1,000 characters.',
);
export const invalidFileLocation = plain(
  client.InvalidFileLocationException,
  'The location of the file is not valid. Make sure that you include the file name and extension.',
);
export const invalidFilePosition = plain(
  client.InvalidFilePositionException,
  'The position is not valid. Make sure that the line number exists in the version of the file you want to comment on.',
);
export const invalidOverrideStatus = plain(
  client.InvalidOverrideStatusException,
  'The override status is not valid. Valid statuses are OVERRIDE and REVOKE.',
);
export const invalidPullRequestEventType = plain(
  client.InvalidPullRequestEventTypeException,
  'The pull request event type is not valid.',
);
export const invalidPullRequestId = plain(
  client.InvalidPullRequestIdException,
  'The pull request ID is not valid. Make sure that you have provided the full ID and that the pull request is in the specified repository, and then try again.',
);
export const invalidPullRequestStatus = plain(
  client.InvalidPullRequestStatusException,
  'The pull request status is not valid. The only valid values are OPEN and CLOSED.',
);
export const invalidPullRequestStatusUpdate = plain(
  client.InvalidPullRequestStatusUpdateException,
  'The pull request status update is not valid. The only valid update is from OPEN to CLOSED.',
);
export const invalidReactionUserArn = plain(
  client.InvalidReactionUserArnException,
  'The Amazon Resource Name (ARN) of the user or identity is not valid.',
);
export const invalidReactionValue = plain(
  client.InvalidReactionValueException,
  'The value of the reaction is not valid. For more information, see the CodeCommit User Guide.',
);
export const invalidReferenceName = plain(
  client.InvalidReferenceNameException,
  'The specified reference name format is not valid. Reference names must conform to the Git references format (for example, refs/heads/main). For more information, see Git Internals - Git References or consult your Git documentation.',
);
export const invalidRelativeFileVersionEnum = plain(
  client.InvalidRelativeFileVersionEnumException,
  'Either the enum is not in a valid format, or the specified file version enum is not valid in respect to the current file version.',
);
export const invalidRevisionId = plain(
  client.InvalidRevisionIdException,
  'The revision ID is not valid. Use GetPullRequest to determine the value.',
);
export const invalidRuleContentSha256 = plain(
  client.InvalidRuleContentSha256Exception,
  'The SHA-256 hash signature for the rule content is not valid.',
);
export const invalidTargets = plain(
  client.InvalidTargetsException,
  'The targets for the pull request is not valid or not in a valid format. Targets are a list of target objects. Each target object must contain the full values for the repository name, source branch, and destination branch for a pull request.',
);
export const invalidTitle = plain(
  client.InvalidTitleException,
  'The title of the pull request is not valid. Pull request titles cannot exceed 100 characters in length.',
);
export const maximumNumberOfApprovalsExceeded = plain(
  client.MaximumNumberOfApprovalsExceededException,
  'The number of approvals required for the approval rule exceeds the maximum number allowed.',
);
export const maximumOpenPullRequestsExceeded = plain(
  client.MaximumOpenPullRequestsExceededException,
  'You cannot create the pull request because the repository has too many open pull requests. The maximum number of open pull requests for a repository is 1,000. Close one or more open pull requests, and then try again.',
);
export const maximumRuleTemplatesAssociatedWithRepository = plain(
  client.MaximumRuleTemplatesAssociatedWithRepositoryException,
  'The maximum number of approval rule templates for a repository has been exceeded. You cannot associate more than 25 approval rule templates with a repository.',
);
export const multipleRepositoriesInPullRequest = plain(
  client.MultipleRepositoriesInPullRequestException,
  'You cannot include more than one repository in a pull request. Make sure you have specified only one repository name in your request, and then try again.',
);
export const numberOfRuleTemplatesExceeded = plain(
  client.NumberOfRuleTemplatesExceededException,
  'The maximum number of approval rule templates has been exceeded for this Amazon Web Services Region.',
);
export const numberOfRulesExceeded = plain(
  client.NumberOfRulesExceededException,
  'The approval rule cannot be added. The pull request has the maximum number of approval rules associated with it.',
);
export const overrideAlreadySet = plain(
  client.OverrideAlreadySetException,
  'The pull request has already had its approval rules set to override.',
);
export const overrideStatusRequired = plain(
  client.OverrideStatusRequiredException,
  'An override status is required, but no value was provided. Valid values include OVERRIDE and REVOKE.',
);
export const pullRequestAlreadyClosed = plain(
  client.PullRequestAlreadyClosedException,
  'The pull request status cannot be updated because it is already closed.',
);
export const pullRequestApprovalRulesNotSatisfied = plain(
  client.PullRequestApprovalRulesNotSatisfiedException,
  'The pull request cannot be merged because one or more approval rules applied to the pull request have conditions that have not been met.',
);
export const pullRequestCannotBeApprovedByAuthor = plain(
  client.PullRequestCannotBeApprovedByAuthorException,
  'The approval cannot be applied because the user approving the pull request matches the user who created the pull request. You cannot approve a pull request that you created.',
);
export const pullRequestDoesNotExist = plain(
  client.PullRequestDoesNotExistException,
  'The pull request ID could not be found. Make sure that you have specified the correct repository name and pull request ID, and then try again.',
);
export const pullRequestIdRequired = plain(
  client.PullRequestIdRequiredException,
  'A pull request ID is required, but none was provided.',
);
export const pullRequestStatusRequired = plain(
  client.PullRequestStatusRequiredException,
  'A pull request status is required, but none was provided.',
);
export const reactionValueRequired = plain(
  client.ReactionValueRequiredException,
  'A reaction value is required.',
);
export const referenceDoesNotExist = plain(
  client.ReferenceDoesNotExistException,
  'The specified reference does not exist. You must provide a full commit ID.',
);
export const referenceNameRequired = plain(
  client.ReferenceNameRequiredException,
  'A reference name is required, but none was provided.',
);
export const referenceTypeNotSupported = plain(
  client.ReferenceTypeNotSupportedException,
  'The specified reference is not a supported type.',
);
export const repositoryNotAssociatedWithPullRequest = plain(
  client.RepositoryNotAssociatedWithPullRequestException,
  'The repository does not contain any pull requests with that pull request ID. Use GetPullRequest to verify the correct repository name for the pull request ID.',
);
export const revisionIdRequired = plain(
  client.RevisionIdRequiredException,
  'A revision ID is required, but was not provided.',
);
export const revisionNotCurrent = plain(
  client.RevisionNotCurrentException,
  'The revision ID provided in the request does not match the current revision ID. Use GetPullRequest to retrieve the current revision ID.',
);
export const sourceAndDestinationAreSame = plain(
  client.SourceAndDestinationAreSameException,
  'The source branch and destination branch for the pull request are the same. You must specify different branches for the source and destination.',
);
export const targetsRequired = plain(
  client.TargetsRequiredException,
  'An array of target objects is required. It cannot be empty or null.',
);
export const tipOfSourceReferenceIsDifferent = plain(
  client.TipOfSourceReferenceIsDifferentException,
  'The tip of the source branch in the destination repository does not match the tip of the source branch specified in your request. The pull request might have been updated. Make sure that you have the latest changes.',
);
export const titleRequired = plain(
  client.TitleRequiredException,
  'A pull request title is required. It cannot be empty or null.',
);
