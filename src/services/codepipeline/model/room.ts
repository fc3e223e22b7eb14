import { ConcurrentPipelineExecutionsLimitExceededException } from '@aws-sdk/client-codepipeline';
import { exception } from '../../../aws/errors.ts';
import type { ExecutionMode } from './declaration.ts';
import type { Draft } from './draft.ts';
import { policyOf } from './mode.ts';

/** One more is to be alive. @throws ConcurrentPipelineExecutionsLimitExceededException (CP-C5, CP-C6) */
export function requireRoom(draft: Draft, mode: ExecutionMode): void {
  const { limit } = policyOf({ mode });
  if (limit === undefined || draft.live().filter((e) => e.mode === mode).length < limit) return;
  throw exception(
    ConcurrentPipelineExecutionsLimitExceededException,
    `The pipeline '${draft.pipeline.name}' has reached the limit of ${limit} concurrent executions in ${mode} mode`,
  );
}
