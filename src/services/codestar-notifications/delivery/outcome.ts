import { isRefusal } from '../../../lib/refusal.ts';
import { OutboundFailed, OutboundRefused } from '../../../network/outbound.ts';

/** What became of telling a target. */
export type Outcome =
  | { kind: 'told' }
  /** Another try may help. */
  | { kind: 'failed'; reason: string }
  /** What rights, an absent topic or a wrong address cause is not tried again. */
  | { kind: 'refused'; reason: string };

/** @throws the error itself where it is none of an API or of a webhook, but ours */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof OutboundRefused) return { kind: 'refused', reason: error.message };
  if (error instanceof OutboundFailed) return { kind: 'failed', reason: error.message };
  const { name, message } = error as Error;
  if (!('$metadata' in (error as object))) throw error;
  return { kind: isRefusal(error) ? 'refused' : 'failed', reason: `${name}: ${message}` };
}
