/** What was published, and what is sent about subscriptions. */
export interface Message {
  id: string;
  topicArn: string;
  type: 'Notification' | 'SubscriptionConfirmation';
  timestamp: Date;
  subject?: string;
  message: string;
  /** What single protocols get in the place of `message` (MessageStructure json). */
  byProtocol?: Record<string, string>;
  attributes?: Record<string, MessageAttribute>;
  groupId?: string;
  deduplicationId?: string;
  sequenceNumber?: string;
  /** Of a subscription that waits for it. */
  token?: string;
}

/** An attribute: binary ones in base64. */
export interface MessageAttribute {
  type: string;
  value: string;
}

export const isBinary = ({ type }: MessageAttribute) =>
  type === 'Binary' || type.startsWith('Binary.');
