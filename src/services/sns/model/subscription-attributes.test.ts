import { expect, test } from 'vitest';
import { readSubscriptionAttributes } from './subscription-attributes.ts';

const queue = 'arn:aws:sqs:us-east-1:111111111111:q';
const redrive = (arn: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn }) });

// Answers of AWS.
test.each([
  [
    { RawMessageDelivery: '' },
    'Invalid parameter: RawMessageDelivery: Invalid value []. Must be true or false.',
  ],
  [
    { FilterPolicy: '{"a":{"b":["c"]}}' },
    'Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy',
  ],
  [
    redrive(queue),
    'Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.',
  ],
])('refuses %j', (given, message) => {
  const subscription = { protocol: 'sqs' as const, endpoint: `${queue}.fifo` };
  expect(() => readSubscriptionAttributes(subscription, given)).toThrow(message);
});

test('takes dead letters of an ordered queue into an ordered one', () => {
  const subscription = { protocol: 'sqs' as const, endpoint: `${queue}.fifo` };
  const given = redrive(`${queue}.fifo`);
  expect(readSubscriptionAttributes(subscription, given)).toEqual(given);
});
