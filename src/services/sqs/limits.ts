// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
export const MAX_MESSAGE_BYTES = 1_048_576;
export const MAX_BATCH_ENTRIES = 10;
export const MAX_MESSAGES = 10;
export const MAX_ATTRIBUTES = 10;
export const MAX_DELAY_S = 900;
export const MAX_WAIT_S = 20;
/** Also of all the time that one receive may hold a message. */
export const MAX_VISIBILITY_S = 43_200;
export const MAX_IN_FLIGHT = 120_000;
/** In which a FIFO queue takes a message of one deduplication id once, and repeats a receive of one attempt. */
export const DEDUPLICATION_MS = 5 * 60_000;

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
export const MAX_TAGS = 50;
export const MAX_LIST = 1_000;

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
export const MAX_POLICY_BYTES = 8_192;
export const MAX_POLICY_STATEMENTS = 20;
export const MAX_POLICY_ACTIONS = 7;
export const MAX_POLICY_PRINCIPALS = 50;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html */
export const NAME_REST_MS = 60_000;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html */
export const PURGE_REST_MS = 60_000;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export const MAX_MOVES_PER_S = 500;
export const MAX_TASKS_LISTED = 10;
