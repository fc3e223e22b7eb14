import type { QuotaCatalogue } from '../../kit/quotas.ts';

// https://docs.aws.amazon.com/general/latest/gr/sns.html
export const TOPICS = {
  code: 'L-61103206',
  name: 'Topics per Account',
  value: 100_000,
};

export const quotas: QuotaCatalogue = {
  serviceName: 'Amazon Simple Notification Service (Amazon SNS)',
  quotas: [TOPICS],
};

export const MAX_SUBSCRIPTIONS_PER_FIFO_TOPIC = 100;
export const MAX_TAGS = 50;
/** Of each list; callers cannot ask for others. */
export const PAGE = 100;

/** Message, attributes and all, of a call. */
export const MAX_MESSAGE_BYTES = 262_144;
export const MAX_BATCH_ENTRIES = 10;
export const MAX_SUBJECT_CHARACTERS = 100;
export const MAX_ENDPOINT_CHARACTERS = 2048;
export const MAX_POLICY_BYTES = 30_720;
export const MAX_DISPLAY_NAME_CHARACTERS = 100;

/** SQS takes no more attributes of a message: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
export const MAX_RAW_ATTRIBUTES = 10;

/** How long an identical message to a FIFO topic is the same one: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html */
export const DEDUPLICATION_MS = 5 * 60_000;

/** How long a subscription waits for its confirmation: https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html */
export const CONFIRMATION_MS = 2 * 24 * 3_600_000;

// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
/** A target that has not answered by then has not got the message. */
export const ANSWER_MS = 15_000;
/** Characters of the id of an entry of a batch. */
export const MAX_ENTRY_ID = 80;
/** Bytes of the name of a message's attribute. */
export const MAX_ATTRIBUTE_NAME = 256;
