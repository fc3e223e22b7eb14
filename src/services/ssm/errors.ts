import {
  DoesNotExistException,
  HierarchyLevelLimitExceededException,
  InvalidAllowedPatternException,
  InvalidDocument,
  InvalidFilterKey,
  InvalidFilterOption,
  InvalidFilterValue,
  InvalidKeyId,
  InvalidNextToken,
  InvalidResourceId,
  InvalidResourceType,
  ParameterAlreadyExists,
  ParameterMaxVersionLimitExceeded,
  ParameterNotFound,
  ParameterPatternMismatchException,
  ParameterVersionLabelLimitExceeded,
  ParameterVersionNotFound,
  TargetNotConnected,
  TooManyTagsError,
} from '@aws-sdk/client-ssm';
import { AwsError, exception } from '../../aws/errors.ts';
import { MAX_HIERARCHY_LEVELS, MAX_LABELS, MAX_TAGS } from './limits.ts';

export const validation = (message: string) => new AwsError('ValidationException', message);

/** AWS's answer has no message. */
export const parameterNotFound = () => exception(ParameterNotFound, '');

export const versionNotFound = (name: string, selector: string) =>
  exception(
    ParameterVersionNotFound,
    `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
  );

export const parameterExists = () =>
  exception(
    ParameterAlreadyExists,
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );

export const tooManyLevels = () =>
  exception(
    HierarchyLevelLimitExceededException,
    `Hierarchy can't exceed ${MAX_HIERARCHY_LEVELS} levels. ` +
      'For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.',
  );

export const maxVersions = (name: string, version: number, newVersion: number, labels: string[]) =>
  exception(
    ParameterMaxVersionLimitExceeded,
    `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. ` +
      `Version ${version}, the oldest version, can't be deleted because it has a label associated with it ` +
      `(${labels.join(', ')}). Move the label to another version of the parameter, and try to create version ${newVersion} again.`,
  );

export const tooManyLabels = () =>
  exception(
    ParameterVersionLabelLimitExceeded,
    `A parameter version can have maximum ${MAX_LABELS} labels. Move one or more labels to another version and try again.`,
  );

export const patternMismatch = (pattern: string) =>
  exception(
    ParameterPatternMismatchException,
    `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
  );

export const invalidPattern = (pattern: string) =>
  exception(
    InvalidAllowedPatternException,
    `The allowedPattern is not a valid regular expression: ${pattern}`,
  );

export const invalidKey = (message: string) => exception(InvalidKeyId, message);
export const invalidToken = () => exception(InvalidNextToken, 'The specified token is not valid.');
export const invalidResource = () => exception(InvalidResourceId, 'Invalid Resource Id');
export const invalidResourceType = () => exception(InvalidResourceType, 'Invalid Resource Type');
export const invalidFilterKey = (message: string) => exception(InvalidFilterKey, message);
export const invalidFilterOption = (message: string) => exception(InvalidFilterOption, message);
export const invalidFilterValue = (message: string) => exception(InvalidFilterValue, message);
export const reservedTag = () =>
  validation('aws: prefixed tag key names are not allowed for external use.');
export const tooManyTags = () =>
  exception(TooManyTagsError, `A parameter can have no more than ${MAX_TAGS} tags.`);

export const notConnected = (target: string) =>
  exception(TargetNotConnected, `${target} is not connected.`);
export const invalidDocument = (name: string) =>
  exception(InvalidDocument, `Document with name ${name} does not exist.`);
export const sessionNotFound = (id: string) =>
  exception(DoesNotExistException, `Session ${id} does not exist.`);
