import {
  BatchEntryIdsNotDistinct,
  BatchRequestTooLong,
  EmptyBatchRequest,
  InvalidAddress,
  InvalidAttributeName,
  InvalidAttributeValue,
  InvalidBatchEntryId,
  InvalidMessageContents,
  MessageNotInflight,
  OverLimit,
  PurgeQueueInProgress,
  QueueDeletedRecently,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiptHandleIsInvalid,
  ResourceNotFoundException,
  TooManyEntriesInBatchRequest,
  UnsupportedOperation,
} from '@aws-sdk/client-sqs';
import type { StaticErrorSchema } from '@smithy/types';
import { exception } from '../../aws/errors.ts';
import { ownValue } from '../../lib/own.ts';
import { MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES } from './limits.ts';

/** Errors that are in no model: what JSON calls them, and what Query does. */
const COMMON: Record<string, string> = {
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
};

class CommonError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const ERROR = -3 as const;

/** Their schemas, beside those of the client package. */
export const commonErrors: Record<string, StaticErrorSchema> = Object.fromEntries(
  Object.entries(COMMON).map(([name, queryCode]) => [
    name,
    [
      ERROR,
      'com.amazonaws.sqs',
      name,
      { error: 'client', httpError: 400, awsQueryError: [queryCode, 400] } as never,
      ['message'],
      [0],
    ],
  ]),
);

/** The code by which the answer to a batch tells what is wrong with an entry. */
export const entryCode = ({ name }: Error): string => ownValue(COMMON, name) ?? name;

export const invalidValue = (message: string) =>
  new CommonError('InvalidParameterValueException', message);

export const invalidParameter = (value: unknown, parameter: string, reason: string) =>
  invalidValue(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const missingParameter = (name: string) =>
  new CommonError(
    'MissingRequiredParameterException',
    `The request must contain the parameter ${name}.`,
  );

export const queueNotFound = () =>
  exception(QueueDoesNotExist, 'The specified queue does not exist.');

export const invalidAddress = (url: string) =>
  exception(InvalidAddress, `The address ${url} is not valid for this endpoint.`);

export const queueExists = (attribute: string) =>
  exception(
    QueueNameExists,
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );

export const deletedRecently = () =>
  exception(
    QueueDeletedRecently,
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  );

export const unknownAttribute = (name: string) =>
  exception(InvalidAttributeName, `Unknown Attribute ${name}.`);

/** What only FIFO queues have, of a standard one. */
export const fifoAttribute = (name: string) =>
  exception(
    InvalidAttributeName,
    `You can specify the ${name} only when FifoQueue is set to true.`,
  );

export const invalidAttribute = (name: string, reason = '') =>
  exception(InvalidAttributeValue, `Invalid value for the parameter ${name}.${reason}`);

export const purgeInProgress = (name: string) =>
  exception(
    PurgeQueueInProgress,
    `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
  );

export const invalidContents = () =>
  exception(
    InvalidMessageContents,
    'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  );

export const messageTooLong = (most: number) =>
  invalidValue(
    `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
  );

export const batchTooLong = (bytes: number) =>
  exception(
    BatchRequestTooLong,
    `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`,
  );

export const emptyBatch = (entry: string) =>
  exception(EmptyBatchRequest, `There should be at least one ${entry} in the request.`);

export const tooManyEntries = (count: number) =>
  exception(
    TooManyEntriesInBatchRequest,
    `Maximum number of entries per request are ${MAX_BATCH_ENTRIES}. You have sent ${count}.`,
  );

export const entriesNotDistinct = (id: string) =>
  exception(BatchEntryIdsNotDistinct, `Id ${id} repeated.`);

export const invalidEntryId = () =>
  exception(
    InvalidBatchEntryId,
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );

export const invalidReceipt = (handle: string) =>
  exception(
    ReceiptHandleIsInvalid,
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );

export const receiptExpired = (handle: string) =>
  invalidParameter(handle, 'ReceiptHandle', 'The receipt handle has expired.');

export const notInFlight = () =>
  exception(
    MessageNotInflight,
    'The specified message is not in flight: it is available, was received again or is deleted.',
  );

export const tooManyInFlight = () =>
  exception(
    OverLimit,
    'The action that you requested would violate a limit: too many messages are in flight.',
  );

export const overLimit = (message: string) => exception(OverLimit, message);

export const resourceNotFound = () =>
  exception(
    ResourceNotFoundException,
    "The resource that you specified for the SourceArn parameter doesn't exist.",
  );

export const destinationNotFound = () =>
  exception(
    ResourceNotFoundException,
    "The resource that you specified for the DestinationArn parameter doesn't exist.",
  );

export const taskNotFound = () => exception(ResourceNotFoundException, 'Task does not exist.');

export const notNow = (message: string) => exception(UnsupportedOperation, message);
