import {
  AlreadyExistsException,
  DisabledException,
  DryRunOperationException,
  IncorrectKeyException,
  InvalidAliasNameException,
  InvalidArnException,
  InvalidCiphertextException,
  InvalidGrantTokenException,
  InvalidMarkerException,
  KMSInvalidStateException,
  LimitExceededException,
  MalformedPolicyDocumentException,
  NotFoundException,
  TagException,
} from '@aws-sdk/client-kms';
import { AwsError, exception } from '../../aws/errors.ts';

export const noSuchKey = (keyArn: string) =>
  exception(NotFoundException, `Key '${keyArn}' does not exist`);
export const noSuchAlias = (aliasArn: string) =>
  exception(NotFoundException, `Alias ${aliasArn} is not found.`);
export const invalidKeyId = (keyId: string) =>
  exception(NotFoundException, `Invalid keyId '${keyId}'`);
export const wrongRegion = (region: string) =>
  exception(NotFoundException, `Invalid arn ${region}`);
export const keyDisabled = (keyArn: string) =>
  exception(DisabledException, `${keyArn} is disabled.`);
export const keyPendingDeletion = (keyArn: string) =>
  exception(KMSInvalidStateException, `${keyArn} is pending deletion.`);
export const keyNotPendingDeletion = (keyArn: string) =>
  exception(KMSInvalidStateException, `${keyArn} is not pending deletion.`);
export const aliasExists = (aliasArn: string) =>
  exception(AlreadyExistsException, `An alias with the name ${aliasArn} already exists`);
export const reservedAlias = () =>
  exception(InvalidAliasNameException, 'Alias must not use the prefix alias/aws/');
/** AWS sends no message: what is wrong with a ciphertext is not the caller's to know. */
export const invalidCiphertext = () => exception(InvalidCiphertextException, '');
export const incorrectKey = () =>
  exception(
    IncorrectKeyException,
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );
export const dryRun = () =>
  exception(
    DryRunOperationException,
    'The request would have succeeded, but the DryRun option is set.',
  );
export const invalidMarker = () => exception(InvalidMarkerException, 'Invalid marker');
export const malformedPolicy = (why: string) => exception(MalformedPolicyDocumentException, why);
export const invalidTag = (why: string) => exception(TagException, why);
export const tooManyTags = () =>
  exception(
    LimitExceededException,
    'The request was rejected because it would exceed the limit of 50 tags per key.',
  );
export const invalidGrantToken = () =>
  exception(InvalidGrantTokenException, 'The grant token is not valid.');
export const noSuchGrant = (grantId: string) =>
  exception(NotFoundException, `Grant ID ${grantId} not found`);
export const invalidPrincipal = (principal: string) =>
  exception(InvalidArnException, `An ARN in the request is not valid: ${principal}`);
export const validation = (message: string) => new AwsError('ValidationException', message);
export const accessDenied = (principalArn: string, action: string, resource: string) =>
  new AwsError(
    'AccessDeniedException',
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  );
