import { expect, test } from 'vitest';
import { withAttributes } from './attributes.ts';

// Answers of AWS.
test.each([
  [false, true, { FifoQueue: 'false' }, 'Unknown Attribute FifoQueue.'],
  [
    false,
    true,
    { ContentBasedDeduplication: 'true' },
    'Unknown Attribute ContentBasedDeduplication.',
  ],
  [
    ...([false, true, { DeduplicationScope: 'queue' }] as const),
    'You can specify the DeduplicationScope only when FifoQueue is set to true.',
  ],
  [
    ...([true, false, { FifoQueue: 'false' }] as const),
    'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
  ],
])('of a queue (ordered: %s, new: %s) refuses %j', (fifo, isNew, given, message) => {
  expect(() => withAttributes({}, given, { fifo, isNew })).toThrow(message);
});
