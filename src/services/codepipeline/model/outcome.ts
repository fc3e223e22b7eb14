import { setOwn } from '../../../lib/own.ts';
import { limits } from '../limits.ts';
import type { Draft } from './draft.ts';
import type { ActionProgress, ActionRun, ExecutionState, SourceRevision } from './state.ts';

/** Failure codes of CodePipeline's own (FailureType); others are the codes that services answered. */
export type FailureCode =
  | 'JobFailed'
  | 'ConfigurationError'
  | 'PermissionError'
  | 'RevisionOutOfSync'
  | 'RevisionUnavailable'
  | 'SystemUnavailable';

/** What a provider says of its work. */
export type Outcome =
  | { state: 'running'; progress: ActionProgress }
  | {
      state: 'succeeded';
      progress?: ActionProgress;
      outputVariables?: Record<string, string>;
      revision?: Omit<SourceRevision, 'name' | 'actionName'>;
    }
  | { state: 'failed'; progress?: ActionProgress; code: string; message: string };

/**
 * Takes a provider's word for an action. One that has ended already (stopped, abandoned, timed out) stays as it is.
 * @returns whether the action was still running
 */
export function report(
  draft: Draft,
  actionExecutionId: string,
  outcome: Outcome,
  updatedBy?: string,
): boolean {
  const run = draft.snapshot.actions.find((a) => a.actionExecutionId === actionExecutionId);
  const execution = run && draft.execution(run.executionId);
  if (!execution || run.status !== 'InProgress') return false;
  run.progress = { ...run.progress, ...outcome.progress };
  if (updatedBy !== undefined) run.updatedBy = updatedBy;
  if (outcome.state === 'running') draft.setAction(run, 'InProgress');
  else if (outcome.state === 'failed') fail(draft, run, outcome.code, outcome.message);
  else succeed(draft, execution, run, outcome);
  return true;
}

function fail(draft: Draft, run: ActionRun, code: string, message: string): void {
  run.errorDetails = { code, message };
  draft.setAction(run, 'Failed');
}

function succeed(
  draft: Draft,
  execution: ExecutionState,
  run: ActionRun,
  outcome: Extract<Outcome, { state: 'succeeded' }>,
): void {
  const variables = outcome.outputVariables ?? {};
  if (Buffer.byteLength(JSON.stringify(variables)) > limits.outputVariableBytes) {
    fail(
      draft,
      run,
      'OutputVariablesSizeExceeded',
      `The output variables of the action exceed ${limits.outputVariableBytes} bytes`,
    );
    return;
  }
  run.outputVariables = variables;
  const { namespace } = run.input;
  if (namespace !== undefined) setOwn(execution.outputVariables, namespace, variables);
  for (const artifact of run.outputArtifacts) {
    setOwn(execution.artifacts, artifact.name, {
      ...artifact,
      ...(outcome.revision && { revisionId: outcome.revision.revisionId }),
    });
  }
  if (outcome.revision) keepRevision(execution, run, outcome.revision);
  draft.setAction(run, 'Succeeded');
  draft.touchExecution(execution);
}

function keepRevision(
  execution: ExecutionState,
  run: ActionRun,
  revision: Omit<SourceRevision, 'name' | 'actionName'>,
): void {
  run.revision = revision;
  // What other actions have worked on is no source of the execution.
  if (run.input.actionTypeId.category !== 'Source') return;
  const name = run.outputArtifacts[0]?.name ?? run.actionName;
  execution.revisions = [
    ...execution.revisions.filter((r) => r.actionName !== run.actionName),
    { name, actionName: run.actionName, ...revision },
  ];
}
