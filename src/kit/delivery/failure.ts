import { statusOf } from '../../lib/refusal.ts';

/** Why a target did not get an event, in the words of a dead-letter queue's attributes. */
export interface Failure {
  code: string;
  message: string;
  /** Another try may help. */
  again: boolean;
}

/** A target that says no, other than by an error of its API. */
export class DeliveryFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const NO_RESOURCE =
  /NotFound|DoesNotExist|NonExistent|NoSuch|UnknownResource|ResourceNotFoundException/;
const THROTTLED = /Throttl|TooManyRequests|LimitExceeded|SlowDown/;

/**
 * What an API's error means for a delivery: what the rights or the target's absence cause is not tried again.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-error-codes
 * @throws the error itself where it is none of an API, but ours
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof DeliveryFailed) return error.failure;
  const { name, message } = error as Error;
  // An API's client that got no answer has no status.
  const status = statusOf(error) ?? ('$metadata' in (error as object) ? 500 : undefined);
  if (status === undefined) throw error;
  const failed = (code: string, again: boolean) => ({
    code,
    message: `${name}: ${message}`,
    again,
  });
  if (THROTTLED.test(name)) return failed('THROTTLING', true);
  // What nobody here can do, such as a service that is not served: no other try mends that.
  if (status === 501) return failed('SDK_CLIENT_ERROR', false);
  if (status >= 500) return failed('INTERNAL_ERROR', true);
  if (/AccessDenied|Unauthorized|AuthorizationError/.test(name))
    return failed('NO_PERMISSIONS', false);
  if (NO_RESOURCE.test(name)) return failed('NO_RESOURCE', false);
  return failed('SDK_CLIENT_ERROR', false);
}
