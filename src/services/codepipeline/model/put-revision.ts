import { actionNotFound, invalid, stageNotFound } from '../errors.ts';
import { start } from './commands.ts';
import { findStage } from './declaration.ts';
import type { Draft } from './draft.ts';
import type { SourceOverride } from './state.ts';

export interface RevisionRequest {
  executionId: string;
  stageName: string;
  actionName: string;
  revisionId: string;
  by: string;
}

/** What revisionId is to a source action: the first of these that its type has. */
const KINDS: readonly SourceOverride['revisionType'][] = [
  'COMMIT_ID',
  'S3_OBJECT_VERSION_ID',
  'IMAGE_DIGEST',
];

/**
 * Starts an execution with a revision that somebody tells of (CP-C11).
 * @throws StageNotFound-, ActionNotFound-, Validation-, ConcurrentPipelineExecutionsLimitExceededException
 */
export function putRevision(draft: Draft, request: RevisionRequest): void {
  const { pipeline } = draft;
  const stage = findStage(pipeline, request.stageName);
  if (!stage) throw stageNotFound(pipeline.name, request.stageName);
  const action = stage.actions.find(({ name }) => name === request.actionName);
  if (!action) throw actionNotFound(stage.name, request.actionName);
  if (action.actionTypeId.category !== 'Source')
    throw invalid(`The action '${action.name}' of stage '${stage.name}' is not a source action`);
  const known = draft.actionType(action.actionTypeId)?.revisions ?? {};
  const revisionType = KINDS.find((kind) => known[kind]);
  start(draft, {
    executionId: request.executionId,
    trigger: { triggerType: 'PutActionRevision', triggerDetail: request.by },
    ...(revisionType && {
      sourceOverrides: [
        { actionName: action.name, revisionType, revisionValue: request.revisionId },
      ],
    }),
  });
}
