import { isRefusal, statusOf } from '../../../lib/refusal.ts';
import type { Outcome } from '../model/delivery.ts';

/**
 * What an API's error means: what it, its policy or its key refuses stays refused; all else may go another time.
 * @throws the error itself where it is none of an API, but ours
 */
export function outcomeOf(error: unknown): Outcome {
  if (statusOf(error) === undefined && !('$metadata' in (error as object))) throw error;
  const { name, message } = error as Error;
  return { kind: isRefusal(error) ? 'refused' : 'failed', reason: `${name}: ${message}` };
}
