import {
  DecryptionFailure,
  EncryptionFailure,
  InvalidNextTokenException,
  InvalidParameterException,
  InvalidRequestException,
  MalformedPolicyDocumentException,
  PublicPolicyException,
  ResourceExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import { AwsError, exception } from '../../aws/errors.ts';

export const secretNotFound = () =>
  exception(ResourceNotFoundException, "Secrets Manager can't find the specified secret.");

export const valueNotFound = (by: { VersionId: string } | { VersionStage: string }) =>
  exception(
    ResourceNotFoundException,
    "Secrets Manager can't find the specified secret value for " +
      ('VersionId' in by ? `VersionId: ${by.VersionId}` : `staging label: ${by.VersionStage}`),
  );

export const secretExists = (name: string) =>
  exception(
    ResourceExistsException,
    `The operation failed because the secret ${name} already exists.`,
  );

export const tokenInUse = (token: string, arn: string) =>
  exception(
    ResourceExistsException,
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

export const nameAwaitsDeletion = () =>
  exception(
    InvalidRequestException,
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  );

export const markedForDeletion = () =>
  exception(
    InvalidRequestException,
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

export const invalidRequest = (message: string) => exception(InvalidRequestException, message);
export const invalidParameter = (message: string) => exception(InvalidParameterException, message);
export const invalidToken = () =>
  exception(InvalidNextTokenException, 'The NextToken value is invalid.');
export const invalidName = () =>
  new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );

export const malformedPolicy = (why: string) =>
  exception(
    MalformedPolicyDocumentException,
    `This resource policy contains a syntax error: ${why}`,
  );
/** What both ways to ask for it say of a policy that lets everybody in. */
export const PUBLIC =
  'This resource policy grants broad access to the secret: it lets in principals of any account.';
export const publicPolicy = () => exception(PublicPolicyException, PUBLIC);

export const noAccessToKms = () =>
  new AwsError('AccessDeniedException', 'Access to KMS is not allowed');
export const encryptionFailure = (reason: string) =>
  exception(
    EncryptionFailure,
    `Secrets Manager can't encrypt the protected secret text using the provided KMS key: ${reason}`,
  );
export const decryptionFailure = (reason: string) =>
  exception(
    DecryptionFailure,
    `Secrets Manager can't decrypt the protected secret text using the provided KMS key: ${reason}`,
  );
