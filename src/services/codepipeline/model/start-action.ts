import { ownValue, setOwn } from '../../../lib/own.ts';
import {
  type Action,
  actionOf,
  artifactStoreOf,
  type ConditionMember,
  type Rule,
} from './declaration.ts';
import type { Draft } from './draft.ts';

import { actionExecutionId, artifactKey, uuidOf } from './ids.ts';
import { policyOf } from './mode.ts';
import { ownInput } from './own-input.ts';
import type { StageAt } from './stage-at.ts';

import type { ActionInput, ActionRun, Artifact, ExecutionState } from './state.ts';
import { resolveConfiguration } from './variables.ts';

/** For an action of a type that is not there any more. */
const TIMEOUT_MINUTES = 60;

/**
 * Begins a run of an action: ids, inputs and places of its outputs are fixed here, and the provider's work
 * is started once they are committed. An action whose variables cannot be resolved fails at once (CP-C32).
 */
export function startAction(at: StageAt, action: Action): void {
  const { draft, execution, stage } = at;
  const earlier = draft.snapshot.actions.filter(
    (a) =>
      a.executionId === execution.executionId &&
      a.stageName === stage.name &&
      a.actionName === action.name &&
      !a.rule,
  );
  const attempt = 1 + earlier.reduce((most, a) => Math.max(most, a.attempt), 0);
  const id = actionExecutionId(execution.executionId, stage.name, action.name, attempt);
  begin(at, action, { id, attempt, round: at.run.round });
  if (!policyOf(execution).showsInState) return;
  const state = draft.stageState(stage.name);
  setOwn(state.latestActions, action.name, id);
  draft.touchStage(state);
}

/** The same for a rule of a condition. @returns the id of its execution */
export function startRule(
  at: StageAt,
  { member, rule, evaluation }: { member: ConditionMember; rule: Rule; evaluation: number },
): string {
  const { execution, stage } = at;
  const id = uuidOf('rule', execution.executionId, stage.name, member, rule.name, evaluation);
  begin(at, actionOf(rule), { id, attempt: evaluation, round: evaluation, rule: { member } });
  return id;
}

function begin(
  { draft, execution, stage }: StageAt,
  action: Action,
  {
    id: actionExecutionId,
    ...numbers
  }: { id: string } & Pick<ActionRun, 'attempt' | 'round' | 'rule'>,
): void {
  const variables = variablesOf(execution);
  const resolution = resolveConfiguration(action.configuration, variables);
  const own = ownInput(action, variables);
  const minutes = minutesOf(draft, action, resolution.ok ? resolution.configuration : {});
  const run: ActionRun = {
    pipelineVersion: execution.version,
    actionExecutionId,
    executionId: execution.executionId,
    stageName: stage.name,
    actionName: action.name,
    ordinal: draft.nextOrdinal(),
    ...numbers,
    status: 'InProgress',
    startTime: draft.now,
    lastUpdate: draft.now,
    deadline: draft.now + minutes * 60_000,
    input: {
      ...inputOf(draft, execution, action, resolution.ok ? resolution.configuration : {}),
      ...(own.ok && own.own && { own: own.own }),
    },
    outputArtifacts: outputsOf(draft, execution, action, actionExecutionId),
    progress: {},
  };
  draft.addAction(run);
  const failed = [resolution, own].find((one) => !one.ok);
  if (!failed || failed.ok) {
    draft.startWork(run);
    return;
  }
  run.errorDetails = {
    code: 'ConfigurationError',
    message: `The variable reference '${failed.unresolved}' in the configuration of ${run.rule ? 'rule' : 'action'} '${action.name}' cannot be resolved`,
  };
  draft.setAction(run, 'Failed');
}

function minutesOf(draft: Draft, action: Action, configuration: Record<string, string>): number {
  const { timeoutMinutes = TIMEOUT_MINUTES, timeoutKey = '' } =
    draft.actionType(action.actionTypeId) ?? {};
  const asked = Number(ownValue(configuration, timeoutKey));
  return action.timeoutInMinutes ?? (asked > 0 ? Math.min(asked, timeoutMinutes) : timeoutMinutes);
}

function variablesOf(execution: ExecutionState) {
  return {
    ...execution.outputVariables,
    codepipeline: { PipelineExecutionId: execution.executionId },
    variables: execution.variables,
  };
}

function inputOf(
  draft: Draft,
  execution: ExecutionState,
  action: Action,
  resolvedConfiguration: Record<string, string>,
): ActionInput {
  const region = action.region ?? draft.snapshot.pipeline.region;
  const bucket = artifactStoreOf(draft.pipelineOf(execution), region)?.location;
  return {
    actionTypeId: action.actionTypeId,
    configuration: action.configuration,
    resolvedConfiguration,
    ...(action.roleArn !== undefined && { roleArn: action.roleArn }),
    region,
    inputArtifacts: action.inputArtifacts
      .map(({ name }) => ownValue(execution.artifacts, name))
      .filter((artifact): artifact is Artifact => artifact !== undefined)
      .map((artifact) => inStore(artifact, bucket)),
    ...(action.namespace !== undefined && { namespace: action.namespace }),
    sourceOverrides: execution.sourceOverrides.filter((o) => o.actionName === action.name),
  };
}

/** An artifact in the store of the action's region: a copy of it, where an action of another region made it (CP-C36). */
function inStore(artifact: Artifact, bucket = artifact.bucket): Artifact {
  if (bucket === artifact.bucket) return artifact;
  return { ...artifact, bucket, copyOf: artifact.bucket };
}

function outputsOf(
  draft: Draft,
  execution: ExecutionState,
  action: Action,
  id: string,
): ActionRun['outputArtifacts'] {
  const { pipeline } = draft.snapshot;
  const region = action.region ?? pipeline.region;
  const bucket = artifactStoreOf(draft.pipelineOf(execution), region)?.location ?? '';
  return action.outputArtifacts.map(({ name }) => ({
    name,
    bucket,
    key: artifactKey(pipeline.name, name, id),
  }));
}
