import {
  DeleteConflictException,
  DuplicateSSHPublicKeyException,
  EntityAlreadyExistsException,
  EntityTemporarilyUnmodifiableException,
  InvalidInputException,
  InvalidPublicKeyException,
  InvalidUserTypeException,
  KeyPairMismatchException,
  LimitExceededException,
  MalformedCertificateException,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
  PasswordPolicyViolationException,
  UnrecognizedPublicKeyEncodingException,
} from '@aws-sdk/client-iam';
import { AwsError, exception } from '../../aws/errors.ts';
import { type Policy, type PolicyKind, parsePolicy } from './model/policy.ts';
import type { Fault } from './model/server-certificate.ts';
import type { IdentityKind } from './store/tables.ts';

export const capitalized = (kind: IdentityKind) =>
  `${kind.charAt(0).toUpperCase()}${kind.slice(1)}` as 'User' | 'Group' | 'Role';

const noSuchEntity = (text: string) => exception(NoSuchEntityException, text);
const limit = (text: string) => exception(LimitExceededException, text);
const conflict = (text: string) => exception(DeleteConflictException, text);

export const noSuchIdentity = (kind: IdentityKind, name: string) =>
  noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
export const identityExists = (kind: IdentityKind, name: string) =>
  exception(EntityAlreadyExistsException, `${capitalized(kind)} with name ${name} already exists.`);
export const noSuchProfile = (name: string) =>
  noSuchEntity(`Instance Profile ${name} cannot be found.`);
export const profileExists = (name: string) =>
  exception(EntityAlreadyExistsException, `Instance Profile ${name} already exists.`);
export const noSuchCertificate = (name: string) =>
  noSuchEntity(`The Server Certificate with name ${name} cannot be found.`);
export const certificateExists = (name: string) =>
  exception(
    EntityAlreadyExistsException,
    `The Server Certificate with name ${name} already exists.`,
  );
export const certificateInUse = (id: string, user: string) =>
  conflict(
    `Certificate: ${id} is currently in use by ${user}. Please remove it first before deleting it from IAM.`,
  );
export function certificateFault(fault: Fault): Error {
  if (fault === 'mismatch')
    return exception(
      KeyPairMismatchException,
      'Public key certificate and private key do not match.',
    );
  const what = {
    body: 'Unable to parse certificate. Please ensure the certificate is in PEM format.',
    key: 'Unable to parse private key. Please ensure the private key is in PEM format and without a passphrase.',
    chain:
      'Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: -1',
  };
  return exception(MalformedCertificateException, what[fault]);
}
export const roleNotInProfile = (role: string, profile: string) =>
  noSuchEntity(`Role ${role} is not in instance profile ${profile}.`);
export const policyExists = (name: string) =>
  exception(
    EntityAlreadyExistsException,
    `A policy called ${name} already exists. Duplicate names are not allowed.`,
  );
export const noSuchPolicy = (arn: string) => noSuchEntity(`Policy ${arn} was not found.`);
export const notAttachable = (arn: string) =>
  noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
export const noSuchBoundary = (arn: string) =>
  noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
export const noSuchVersion = (arn: string, version: string) =>
  noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
export const noSuchInline = (kind: IdentityKind, name: string) =>
  noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);
export const noSuchAccessKey = (id: string) =>
  noSuchEntity(`The Access Key with id ${id} cannot be found.`);
export const noSuchCredential = (id: string) =>
  noSuchEntity(`The Service Specific Credential with id ${id} cannot be found.`);
export const noSuchSshKey = (id: string) =>
  noSuchEntity(`The Public Key with id ${id} cannot be found.`);
export const duplicateSshKey = () =>
  exception(
    DuplicateSSHPublicKeyException,
    'The SSH public key is already associated with the specified IAM user.',
  );
export const invalidPublicKey = () =>
  exception(
    InvalidPublicKeyException,
    'The public key is malformed or otherwise invalid: RSA keys of 2048 bits or more are taken.',
  );
export const unrecognizedEncoding = () =>
  exception(
    UnrecognizedPublicKeyEncodingException,
    'The public key encoding format is unsupported or unrecognized: ssh-rsa and PEM are taken.',
  );
export const noSuchLoginProfile = (user: string) =>
  noSuchEntity(`Login Profile for User ${user} cannot be found.`);
export const loginProfileExists = (user: string) =>
  exception(EntityAlreadyExistsException, `Login Profile for user ${user} already exists.`);
export const passwordPolicyViolation = (text: string) =>
  exception(PasswordPolicyViolationException, text);
export const onlyUsersChange = () =>
  exception(InvalidUserTypeException, 'Only IAM Users can change their own password');
export const wrongPassword = () =>
  new AwsError('AccessDenied', 'The old password was incorrect.', 403);
export const passwordChanges = (user: string) =>
  exception(
    EntityTemporarilyUnmodifiableException,
    `Login Profile for User ${user} is being changed. Try again.`,
  );
export const noPassword = () =>
  new AwsError(
    'ValidationError',
    "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
  );
export const noSuchPasswordPolicy = (accountId: string) =>
  noSuchEntity(`The Password Policy with domain name ${accountId} cannot be found.`);
export const aliasExists = (alias: string) =>
  exception(EntityAlreadyExistsException, `The account alias ${alias} already exists.`);
export const noSuchAlias = (alias: string) =>
  noSuchEntity(`The account alias ${alias} cannot be found.`);
export const notMember = (user: string, group: string) =>
  noSuchEntity(`User ${user} is not in group ${group}.`);

export const quota = (name: string, value: number) =>
  limit(`Cannot exceed quota for ${name}: ${value}`);
export const inlineTooLong = (kind: IdentityKind, name: string, size: number) =>
  limit(`Maximum policy size of ${size} bytes exceeded for ${kind} ${name}`);
export const tooManyVersions = (count: number) =>
  limit(
    `A managed policy can have up to ${count} versions. Before you create a new version, you must delete an existing version.`,
  );

export const mustFirst = (what: string) => conflict(`Cannot delete entity, must ${what} first.`);
export const policyAttached = () => conflict('Cannot delete a policy attached to entities.');
export const policyHasVersions = () =>
  conflict(
    "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
  );
export const defaultVersionStays = () => conflict('Cannot delete the default version of a policy.');

export const invalidInput = (text: string) => exception(InvalidInputException, text);
export const mustNameUser = () =>
  new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials');
export const invalidMarker = () => new AwsError('ValidationError', 'Invalid Marker.');
export const awsPolicyIsFixed = (arn: string) =>
  new AwsError('AccessDenied', `Policy ${arn} is managed by AWS and cannot be changed.`, 403);

/** The policy, if AWS would store it. @throws MalformedPolicyDocumentException */
export function checkPolicy(text: string, kind: PolicyKind): Policy {
  try {
    return parsePolicy(text, kind);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'MalformedPolicy') throw error;
    throw exception(MalformedPolicyDocumentException, error.message);
  }
}
