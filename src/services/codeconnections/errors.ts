import {
  InvalidInputException,
  LimitExceededException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  ResourceUnavailableException,
} from '@aws-sdk/client-codestar-connections';
import { AwsError, exception } from '../../aws/errors.ts';

// AWS publishes codes, and none of the sentences.

export const notFound = (Message: string) =>
  exception(ResourceNotFoundException, Message, { Message });
export const invalidInput = (Message: string) =>
  exception(InvalidInputException, Message, { Message });
export const limitExceeded = (Message: string) =>
  exception(LimitExceededException, Message, { Message });
export const unavailable = (Message: string) =>
  exception(ResourceUnavailableException, Message, { Message });
export const alreadyExists = (Message: string) =>
  exception(ResourceAlreadyExistsException, Message, { Message });

/** Of operations that declare no error for their input. */
export const invalid = (message: string) => new AwsError('ValidationException', message);
export const invalidToken = () => invalid('The NextToken is not valid.');
export const connectionNotFound = (arn: string) => notFound(`Connection ${arn} not found`);
export const hostNotFound = (arn: string) => notFound(`Host ${arn} not found`);
export const linkNotFound = (id: string) => notFound(`Repository link ${id} not found`);
