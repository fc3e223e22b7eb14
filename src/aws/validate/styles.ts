import { ownValue } from '../../lib/own.ts';
import type { Protocol } from '../api.ts';

/** `self`: the service validates in its operations, with errors of its own. */
type ValidationStyle = { code: string } | 'self';

/**
 * Services that do not answer input that fails its contract under the code that is usual for their protocol.
 * AWS's services either let their framework check the model (`N validation errors detected: …`) or look
 * themselves, member by member, and name the member in the error code.
 */
const EXCEPTIONS: Record<string, ValidationStyle> = {
  // https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html#API_CreateProject_Errors
  codebuild: { code: 'InvalidInputException' },
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html#API_CreateLogGroup_Errors
  logs: { code: 'InvalidParameterException' },
  // `RepositoryNameRequiredException`, `InvalidRepositoryNameException` …: one pair of errors a member (reference codecommit.md)
  codecommit: 'self',
  // `ApplicationNameRequiredException`, `InvalidApplicationNameException` … (reference codedeploy.md)
  codedeploy: 'self',
  // `InvalidBucketName`, `MalformedXML` …: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  s3: 'self',
};

/** JSON services say ValidationException (reference CP-A42), Query services ValidationError (IAM and STS, CommonErrors). */
export function validationStyle(api: { name: string; protocol: Protocol }): ValidationStyle {
  const usual = { code: api.protocol === 'query' ? 'ValidationError' : 'ValidationException' };
  return ownValue(EXCEPTIONS, api.name) ?? usual;
}
