/** A subscription, as it is stored. */
export interface Subscription {
  arn: string;
  topicArn: string;
  /** Whose it is: who has subscribed, which may be another account than the topic's. */
  accountId: string;
  region: string;
  protocol: Protocol;
  endpoint: string;
  /** Of the token that confirms it, or has; undefined where none was needed. */
  tokenHash?: string;
  /** When it goes unless it is confirmed; undefined once it is. */
  expiresAt?: Date;
  lane: Lane;
  /** Confirmed by a signed call, or by nobody because none was needed. */
  wasAuthenticated: boolean;
  /** Only a signed call ends it. */
  authenticateOnUnsubscribe: boolean;
  /** Who has subscribed. */
  principal: string;
  attributes: SubscriptionAttributes;
}

/** Values as callers give and get them. */
export interface SubscriptionAttributes {
  RawMessageDelivery?: string;
  FilterPolicy?: string;
  FilterPolicyScope?: string;
  DeliveryPolicy?: string;
  RedrivePolicy?: string;
  /** Under which a Firehose stream gets its records. */
  SubscriptionRoleArn?: string;
}

export const PROTOCOLS = [
  ...(['http', 'https', 'email', 'email-json', 'sqs', 'lambda', 'firehose'] as const),
] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * Which reconciler delivers to it: those that answer, those that answer from outside, and those that have let a
 * delivery wait, so that whoever is slow or down takes nobody else's place.
 */
export type Lane = 'inner' | 'outer' | 'waiting';

export const laneOf = (protocol: Protocol): Lane => (protocol === 'sqs' ? 'inner' : 'outer');

export const isPending = ({ expiresAt }: Pick<Subscription, 'expiresAt'>) =>
  expiresAt !== undefined;
