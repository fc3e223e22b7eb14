import { expect, test } from 'vitest';
import {
  DEFAULT_RETRIES,
  mailRetryDelay,
  policyOf,
  type RetryPolicy,
  readSubscriptionPolicy,
  readTopicPolicy,
  retryDelay,
  serviceRetryDelay,
} from './delivery-policy.ts';

const delays = (of: (n: number) => number | undefined, most = 200) => {
  const all: number[] = [];
  for (let n = 0; n < most; n++) {
    const delay = of(n);
    if (delay === undefined) break;
    all.push(Math.round(delay / 1000));
  }
  return all;
};
const policy = (more: Partial<RetryPolicy>) => {
  const merged = { ...DEFAULT_RETRIES, ...more };
  return delays((n) => retryDelay(merged, n));
};

test('webhooks are tried three times more, twenty seconds apart', () => {
  expect(policy({})).toEqual([20, 20, 20]);
});

test('phases come one after the other: at once, the shortest, rising, the longest', () => {
  const phases = { numNoDelayRetries: 3, numMinDelayRetries: 2, numMaxDelayRetries: 2 };
  const limits = { minDelayTarget: 10, maxDelayTarget: 30, numRetries: 10 };
  expect(policy({ ...phases, ...limits })).toEqual([0, 0, 0, 10, 10, 10, 20, 30, 30, 30]);
});

test.each(['linear', 'arithmetic', 'geometric', 'exponential'] as const)(
  '%s rises from the shortest delay to the longest',
  (backoffFunction) => {
    const rising = policy({
      minDelayTarget: 1,
      maxDelayTarget: 60,
      numRetries: 10,
      backoffFunction,
    });
    expect(rising[0]).toBe(1);
    expect(rising.at(-1)).toBe(60);
    expect([...rising].sort((a, b) => a - b)).toEqual(rising);
  },
);

// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
test('queues are tried 100,015 times, over 23 days', () => {
  expect(delays(serviceRetryDelay, 15)).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5, 7, 10, 14, 20]);
  expect(serviceRetryDelay(100_014)).toBe(20_000);
  expect(serviceRetryDelay(100_015)).toBeUndefined();
});

test('mailboxes are tried fifty times, over six hours', () => {
  const all = delays(mailRetryDelay);
  expect(all).toHaveLength(50);
  expect(all.slice(0, 3)).toEqual([10, 10, 10]);
  expect(all.at(-1)).toBe(600);
});

const retries = (more: object) => JSON.stringify({ healthyRetryPolicy: more });

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['an unknown member', '{"colour":{}}'],
  ['no delay', retries({ minDelayTarget: 0 })],
  ['the longest below the shortest', retries({ minDelayTarget: 30, maxDelayTarget: 20 })],
  ['too many retries', retries({ numRetries: 101 })],
  ['half a retry', retries({ numRetries: 1.5 })],
  ['phases beyond all', retries({ numRetries: 3, numNoDelayRetries: 2, numMinDelayRetries: 2 })],
  ['no such function', retries({ backoffFunction: 'random' })],
  ['more than an hour', retries({ numRetries: 100, minDelayTarget: 60, maxDelayTarget: 60 })],
  ['a content type that is none', '{"requestPolicy":{"headerContentType":"a\\r\\nb: c"}}'],
  ['no messages at all', '{"throttlePolicy":{"maxReceivesPerSecond":0}}'],
])('a policy with %s is refused', (_, text) => {
  expect(() => readSubscriptionPolicy(text)).toThrow(/^Invalid parameter: DeliveryPolicy: /);
});

test('what a subscription says goes before what its topic does, where the topic lets it', () => {
  const topic = (more: object) =>
    JSON.stringify({
      http: {
        defaultHealthyRetryPolicy: { numRetries: 5 },
        defaultThrottlePolicy: { maxReceivesPerSecond: 7 },
        ...more,
      },
    });
  const own = retries({ numRetries: 1 });
  expect(policyOf(topic({}), undefined)).toMatchObject({ retries: { numRetries: 5 } });
  expect(policyOf(topic({}), own)).toMatchObject({
    retries: { numRetries: 1 },
    maxReceivesPerSecond: 7,
  });
  const closed = topic({ disableSubscriptionOverrides: true });
  expect(policyOf(closed, own)).toMatchObject({ retries: { numRetries: 5 } });
  expect(readTopicPolicy(closed).overrides).toBe(false);
});
