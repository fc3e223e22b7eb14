import {
  ConcurrentModificationException,
  DashboardInvalidInputError,
  DashboardNotFoundError,
  type DashboardValidationMessage,
  InvalidFormatFault,
  InvalidNextToken,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  LimitExceededFault,
  MissingRequiredParameterException,
  ResourceNotFound,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, exception } from '../../aws/errors.ts';

export const validation = (message: string) => new AwsError('ValidationError', message);
export const invalidValue = (message: string) => exception(InvalidParameterValueException, message);
export const invalidCombination = (message: string) =>
  exception(InvalidParameterCombinationException, message);
export const missing = (message: string) => exception(MissingRequiredParameterException, message);
export const invalidToken = () => exception(InvalidNextToken, 'Invalid nextToken');
/** Of the lists that declare no InvalidNextToken. */
export const invalidListToken = () => invalidValue('Invalid nextToken');
export const alarmNotFound = (name: string) =>
  exception(ResourceNotFound, `Unknown alarm: ${name}`);
export const invalidStateData = () =>
  exception(InvalidFormatFault, 'StateReasonData is not valid JSON.');
export const resourceNotFound = (type: string, id: string) =>
  exception(ResourceNotFoundException, `Unknown ${type}: ${id}`, {
    ResourceType: type,
    ResourceId: id,
  });
export const tooManyTags = () =>
  exception(LimitExceededFault, 'The maximum number of tags on a resource is 50.');
export const reservedTag = (key: string) =>
  invalidValue(`Tag keys that begin with aws: are reserved: ${key}`);
export const dashboardNotFound = (name: string) =>
  exception(DashboardNotFoundError, `Dashboard ${name} does not exist`);
export const invalidDashboard = (why: string, messages: DashboardValidationMessage[]) =>
  exception(DashboardInvalidInputError, why, { dashboardValidationMessages: messages });
export const concurrent = () =>
  exception(ConcurrentModificationException, 'More than one request changed this resource.');
