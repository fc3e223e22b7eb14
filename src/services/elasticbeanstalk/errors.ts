import {
  InsufficientPrivilegesException,
  OperationInProgressException,
  ResourceNotFoundException,
  ResourceTypeNotSupportedException,
  SourceBundleDeletionException,
  TooManyApplicationsException,
  TooManyApplicationVersionsException,
  TooManyConfigurationTemplatesException,
  TooManyEnvironmentsException,
  TooManyTagsException,
} from '@aws-sdk/client-elastic-beanstalk';
import { AwsError, exception } from '../../aws/errors.ts';

export const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
export const combination = (message: string) =>
  new AwsError('InvalidParameterCombination', message);
export const missing = (name: string) =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}.`);

export const noApplication = (name: string) => invalid(`No Application named '${name}' found.`);
export const applicationExists = (name: string) => invalid(`Application ${name} already exists.`);
export const noVersion = (name: string) => invalid(`No Application Version named '${name}' found.`);
export const versionExists = (name: string) =>
  invalid(`Application Version ${name} already exists.`);
export const noTemplate = (name: string) =>
  invalid(`No Configuration Template named '${name}' found.`);
export const templateExists = (name: string) =>
  invalid(`Configuration Template ${name} already exists.`);
export const noEnvironment = (by: 'EnvironmentName' | 'EnvironmentId', value: string) =>
  invalid(`No Environment found for ${by} = '${value}'.`);
export const environmentExists = (name: string) => invalid(`Environment ${name} already exists.`);
export const notReady = (name: string) =>
  invalid(`Environment named ${name} is in an invalid state for this operation. Must be Ready.`);
export const nameTaken = (prefix: string) => invalid(`DNS name (${prefix}) is not available.`);

export const inProgress = (message: string) => exception(OperationInProgressException, message);
export const noBundle = (bucket: string, key: string, why: string) =>
  invalid(`Unable to download from S3 location (Bucket: ${bucket}  Key: ${key}). Reason: ${why}`);
export const bundleStays = (message: string) => exception(SourceBundleDeletionException, message);
export const insufficient = (message: string) =>
  exception(InsufficientPrivilegesException, message);

export const tooManyApplications = (most: number) =>
  exception(TooManyApplicationsException, `You cannot have more than ${most} Applications.`);
export const tooManyVersions = (most: number) =>
  exception(
    TooManyApplicationVersionsException,
    `You cannot have more than ${most} Application Versions. Either remove some Application Versions or request a limit increase.`,
  );
export const tooManyEnvironments = (most: number) =>
  exception(TooManyEnvironmentsException, `You cannot have more than ${most} Environments.`);
export const tooManyTemplates = (most: number) =>
  exception(
    TooManyConfigurationTemplatesException,
    `You cannot have more than ${most} Configuration Templates.`,
  );
export const tooManyTags = () => exception(TooManyTagsException, 'A resource has 50 tags at most.');
export const noResource = (arn: string) =>
  exception(ResourceNotFoundException, `Resource not found: ${arn}`);
export const noTags = (arn: string) =>
  exception(ResourceTypeNotSupportedException, `Resource type of ${arn} is not supported.`);
