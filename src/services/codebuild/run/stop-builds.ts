import type { Platform } from '../../../kit/service.ts';
import { buildIdOf } from '../model/batch/groups.ts';
import type { BatchFacts } from '../model/batch/record.ts';
import { requestStop } from '../model/commands.ts';
import { settle } from '../reconcilers/build.ts';
import { buildKey } from '../reconcilers/names.ts';

/**
 * Stops those of a batch's builds that are told to end. Nobody is asked whether it may: who stops a batch, and a batch that
 * ends, must not leave builds behind.
 */
export async function stopBuilds(platform: Platform, facts: BatchFacts): Promise<void> {
  for (const { task, attempt, state, stopping } of facts.run.groups) {
    if (state !== 'running' || !stopping) continue;
    const key = buildKey(facts, buildIdOf(facts.id, task.identifier, attempt));
    await platform.transaction((tx) => settle(platform, tx, key, requestStop));
  }
}
