import type { ApiFacts } from '../../aws/api.ts';
import { json10 } from '../../aws/protocols/json.ts';
import { sqsQuery } from './wire/query.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html */
const DATA_EVENTS = [
  ...['ChangeMessageVisibility', 'ChangeMessageVisibilityBatch', 'DeleteMessage'],
  ...['DeleteMessageBatch', 'GetQueueAttributes', 'GetQueueUrl', 'ListDeadLetterSourceQueues'],
  ...['ListQueueTags', 'ListQueues', 'ReceiveMessage', 'SendMessage', 'SendMessageBatch'],
];

/** What the client package does not tell of the API. */
export const facts: ApiFacts = {
  protocols: [json10, sqsQuery],
  xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
  // It has codes of its own for nearly every member: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
  validation: 'self',
  record: {
    data: DATA_EVENTS,
    secrets: [
      ...['SendMessageRequest.MessageBody', 'SendMessageBatchRequestEntry.MessageBody'],
      ...['Message.Body', 'MessageAttributeValue.StringValue', 'MessageAttributeValue.BinaryValue'],
    ],
  },
};
