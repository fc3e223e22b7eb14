/** That a subscription is to get a message. */
export interface Delivery {
  subscriptionArn: string;
  messageId: string;
  /** The order of messages within a subscription. */
  place: string;
  /** Within a group one message is delivered after the other. */
  groupKey: string;
  dueAt: Date;
  /** How often it was tried. */
  attempts: number;
  /** Why its target did not take it: it goes to the dead-letter queue from then on, and attempts count anew. */
  dead?: string;
}

/** What came of an attempt. `refused`: that will not change. */
export type Outcome = { kind: 'delivered' } | { kind: 'refused' | 'failed'; reason: string };

interface Terms {
  now: Date;
  /** Milliseconds before retry `n`, from 0; undefined where there is none any more. */
  retryDelay(n: number): number | undefined;
  hasDeadLetterQueue: boolean;
}

/** What is left to do after an attempt: nothing, or the delivery as it is now. */
export function afterAttempt(
  delivery: Delivery,
  outcome: Outcome,
  terms: Terms,
): Delivery | 'done' | 'lost' {
  if (outcome.kind === 'delivered') return 'done';
  const delay = outcome.kind === 'failed' ? terms.retryDelay(delivery.attempts) : undefined;
  if (delay !== undefined) {
    const dueAt = new Date(terms.now.getTime() + delay);
    return { ...delivery, attempts: delivery.attempts + 1, dueAt };
  }
  if (delivery.dead !== undefined || !terms.hasDeadLetterQueue) return 'lost';
  return { ...delivery, attempts: 0, dueAt: terms.now, dead: outcome.reason };
}
