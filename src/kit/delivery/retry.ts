/** What a target says of tries, in the words of EventBridge and of its Scheduler. */
interface RetryPolicy {
  MaximumRetryAttempts?: number | undefined;
  MaximumEventAgeInSeconds?: number | undefined;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const MAX_ATTEMPTS = 185;
const MAX_AGE_SECONDS = 24 * 3600;
/** So that 185 tries fill the day: the first ones follow each other soon. */
const FIRST_MS = 1000;
const LONGEST_MS = 8 * 60_000;

export type Exhausted = 'MaximumRetryAttempts' | 'MaximumEventAge';

/**
 * When to try again after a try that failed, or why there is none.
 * @param retries that failed, beside the first try
 */
export function nextTry(
  { RetryPolicy: policy = {} }: { RetryPolicy?: RetryPolicy | undefined },
  { retries, startedAt, now }: { retries: number; startedAt: Date; now: Date },
): Date | Exhausted {
  if (retries >= (policy.MaximumRetryAttempts ?? MAX_ATTEMPTS)) return 'MaximumRetryAttempts';
  const next = now.getTime() + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(retries, 20));
  const age = (policy.MaximumEventAgeInSeconds ?? MAX_AGE_SECONDS) * 1000;
  return next > startedAt.getTime() + age ? 'MaximumEventAge' : new Date(next);
}

/** A dead-letter queue that is away is waited for as long as a target, once more. */
const LONGEST_WAIT_MS = 2 * MAX_AGE_SECONDS * 1000;

/** When a dead-letter queue is asked again that could not take something now; undefined where it has been too long. */
export function nextBurial({ startedAt, now }: { startedAt: Date; now: Date }): Date | undefined {
  const isOver = now.getTime() - startedAt.getTime() > LONGEST_WAIT_MS;
  return isOver ? undefined : new Date(now.getTime() + LONGEST_MS);
}

/** The policy with what counts where it says nothing. */
export const withDefaults = (policy: RetryPolicy = {}) => ({
  MaximumEventAgeInSeconds: policy.MaximumEventAgeInSeconds ?? MAX_AGE_SECONDS,
  MaximumRetryAttempts: policy.MaximumRetryAttempts ?? MAX_ATTEMPTS,
});
