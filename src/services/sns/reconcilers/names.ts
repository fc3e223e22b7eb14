import type { Lane } from '../model/subscription.ts';

/** Reconcilers that deliver, by lane (key: a subscription's ARN). */
export const LANES: Record<Lane, string> = {
  inner: 'sns/deliver',
  outer: 'sns/deliver-outside',
  waiting: 'sns/deliver-again',
};

/** Name of the reconciler that takes away what nobody has confirmed (key: a subscription's ARN). */
export const EXPIRE = 'sns/expire';
