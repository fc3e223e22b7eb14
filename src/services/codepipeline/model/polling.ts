import { limits } from '../limits.ts';
import { type ActionFacts, findActionType, settingsOf } from './action-type.ts';
import type { Pipeline } from './declaration.ts';
import { triggerOf } from './triggers.ts';

/** Does AWS poll for changes of this source action? */
export function isPolled(
  types: readonly ActionFacts[],
  pipeline: Pipeline,
  actionName: string,
): boolean {
  const action = pipeline.stages[0]?.actions.find(({ name }) => name === actionName);
  const type = action && findActionType(types, action.actionTypeId);
  if (!action || !type?.watches?.polled || triggerOf(pipeline, actionName)) return false;
  return type.watches.detects?.(settingsOf(type, action.configuration)) !== false;
}

/**
 * When the polling for changes of a pipeline's sources has ended, since nothing went on in it for so long; undefined while it goes on (CP-A50).
 * @param active when it was changed, or an execution of it went on, last
 */
export function pollingEnd(active: Date, now: Date): Date | undefined {
  const end = new Date(active.getTime() + limits.polledForMs);
  return end <= now ? end : undefined;
}
