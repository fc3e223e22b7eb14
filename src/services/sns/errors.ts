import {
  AuthorizationErrorException,
  BatchEntryIdsNotDistinctException,
  BatchRequestTooLongException,
  EmptyBatchRequestException,
  InvalidBatchEntryIdException,
  InvalidParameterException,
  InvalidParameterValueException,
  NotFoundException,
  ResourceNotFoundException,
  SubscriptionLimitExceededException,
  TagLimitExceededException,
  TooManyEntriesInBatchRequestException,
  TopicLimitExceededException,
} from '@aws-sdk/client-sns';
import { exception } from '../../aws/errors.ts';
import { MAX_ENTRY_ID } from './limits.ts';

/** @param what such as `TopicArn`, or `Attributes Reason: …` */
export const invalid = (what: string) =>
  exception(InvalidParameterException, `Invalid parameter: ${what}`);

export const invalidArn = (parameter: string, named: string) => {
  const parts = named.split(':').length;
  if (named === '') return invalid(`${parameter} Reason: no value for required parameter`);
  return invalid(
    parts < 6
      ? `${parameter} Reason: An ARN must have at least 6 elements, not ${parts}`
      : parameter,
  );
};

export const invalidValue = (message: string) => exception(InvalidParameterValueException, message);

export const topicNotFound = () => exception(NotFoundException, 'Topic does not exist');
export const subscriptionNotFound = () =>
  exception(NotFoundException, 'Subscription does not exist');
export const resourceNotFound = () =>
  exception(ResourceNotFoundException, 'Resource does not exist');

export const notYours = () =>
  exception(AuthorizationErrorException, 'You are not authorized to access this subscription');

export const tooManyTopics = () =>
  exception(
    TopicLimitExceededException,
    'The account already has the most topics that it may have',
  );
export const tooManySubscriptions = () =>
  exception(
    SubscriptionLimitExceededException,
    'The topic already has the most subscriptions that it may have',
  );
export const tooManyTags = () =>
  exception(
    TagLimitExceededException,
    'Could not complete request: tag quota of per resource exceeded',
  );

export const emptyBatch = () =>
  exception(EmptyBatchRequestException, "The batch request doesn't contain any entries.");
export const tooManyEntries = () =>
  exception(
    TooManyEntriesInBatchRequestException,
    'The batch request contains more entries than permissible.',
  );
export const idsNotDistinct = () =>
  exception(
    BatchEntryIdsNotDistinctException,
    'Two or more batch entries in the request have the same Id.',
  );
export const invalidEntryId = (id: string) =>
  exception(
    InvalidBatchEntryIdException,
    `The Id of a batch entry in the batch request ${id.length > MAX_ENTRY_ID ? 'is too long' : 'contains an impermissible character'}: ${id}`,
  );
export const batchTooLong = () =>
  exception(
    BatchRequestTooLongException,
    'The length of all the messages put together is more than the limit.',
  );
