import {
  MalformedPolicyDocumentException,
  PackedPolicyTooLargeException,
} from '@aws-sdk/client-sts';
import { AwsError, exception } from '../../aws/errors.ts';
import type { Principal } from '../../aws/principal.ts';

/** AWS tells a missing role from one that trusts nobody to no one. */
export function denied(caller: Principal, action: string, roleArn: string): AwsError {
  const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`;
  return new AwsError('AccessDenied', message, 403);
}

export const validationError = (text: string) => new AwsError('ValidationError', text);
const invalidParameter = (text: string) => new AwsError('InvalidParameterValue', text);

export const duplicateTags = () =>
  invalidParameter('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
export const reservedTag = () =>
  invalidParameter("Tag keys that start with 'aws:' are reserved for system use.");
export const transitiveTagIsNone = () =>
  invalidParameter('The specified transitive tag key must be included in the requested tags.');
export const transitiveTagStays = () =>
  invalidParameter(
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  );
export const sourceIdentityStays = () =>
  validationError('The source identity of the calling session cannot be changed.');
export const malformedPolicy = (text: string) => exception(MalformedPolicyDocumentException, text);
export const policyTooLarge = (percent: number) =>
  exception(
    PackedPolicyTooLargeException,
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
export const tagsTooLarge = (percent: number) =>
  exception(
    PackedPolicyTooLargeException,
    `Packed size of session tags consumes ${percent}% of allotted space.`,
  );
export const noSessionPolicy = (arn: string) =>
  validationError(`${arn} is not the ARN of a managed policy of AWS or of the session's account.`);
export const tooManyPolicies = (most: number) =>
  validationError(`A session can have up to ${most} managed policies.`);
