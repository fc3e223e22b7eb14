import type {
  RuleExecutionDetail,
  RuleState,
  RuleTypeId,
  StageConditionState,
} from '@aws-sdk/client-codepipeline';
import { ownValue } from '../../../lib/own.ts';
import { absoluteUrl, entityPath, executionPath } from '../model/console.ts';
import { type ConditionMember, conditionOf, type Rule, type Stage } from '../model/declaration.ts';
import { maskConfiguration } from '../model/secrets.ts';
import type { ActionRun, StageRun } from '../model/state.ts';
import { ruleTypes } from '../providers/rules/index.ts';

// Conditions and their rules in AWS's shapes (CP-C27).

export interface ConditionSources {
  region: string;
  /** Base URL under which the caller sees the server. */
  endpoint: string;
  /** Executions of actions and rules, by id. */
  actions: Map<string, ActionRun>;
}

/** @param run of the execution that was in the stage last */
export function conditionStates(sources: ConditionSources, stage: Stage, run?: StageRun) {
  return {
    beforeEntryConditionState: conditionState(sources, { stage, member: 'beforeEntry', run }),
    onSuccessConditionState: conditionState(sources, { stage, member: 'onSuccess', run }),
    onFailureConditionState: conditionState(sources, { stage, member: 'onFailure', run }),
  };
}

function conditionState(
  sources: ConditionSources,
  { stage, member, run }: { stage: Stage; member: ConditionMember; run: StageRun | undefined },
): StageConditionState | undefined {
  const declared = conditionOf(stage, member);
  if (!declared) return undefined;
  const state = run?.conditions[member];
  const latest = state && { status: state.status, summary: state.summary };
  return {
    latestExecution: latest,
    conditionStates: [
      {
        latestExecution: state && { ...latest, lastStatusChange: new Date(state.lastChange) },
        ruleStates: declared.rules.map((rule) => {
          const id = state && ownValue(state.rules, rule.name);
          return ruleState(sources, rule, id === undefined ? undefined : sources.actions.get(id));
        }),
      },
    ],
  };
}

function ruleState(
  { region, endpoint }: ConditionSources,
  { name: ruleName, ruleTypeId, configuration, region: own }: Rule,
  run: ActionRun | undefined,
): RuleState {
  const place = { region: own ?? region, configuration };
  const entityUrl = absoluteUrl(endpoint, entityPath(ruleTypes, ruleTypeId, place));
  if (!run) return { ruleName, entityUrl };
  const { progress } = run;
  return {
    ruleName,
    latestExecution: {
      ruleExecutionId: run.actionExecutionId,
      status: run.status,
      summary: progress.summary,
      lastStatusChange: new Date(run.lastUpdate),
      externalExecutionId: progress.externalExecutionId,
      externalExecutionUrl: absoluteUrl(endpoint, executionPath(ruleTypes, run)),
      errorDetails: run.errorDetails,
    },
    entityUrl,
  };
}

export function ruleDetail(run: ActionRun, endpoint: string): RuleExecutionDetail {
  const { input, progress } = run;
  const masked = (configuration: Record<string, string>) =>
    maskConfiguration(ruleTypes, input.actionTypeId, configuration);
  return {
    pipelineExecutionId: run.executionId,
    ruleExecutionId: run.actionExecutionId,
    pipelineVersion: run.pipelineVersion,
    stageName: run.stageName,
    ruleName: run.actionName,
    startTime: new Date(run.startTime),
    lastUpdateTime: new Date(run.lastUpdate),
    status: run.status,
    input: {
      ruleTypeId: input.actionTypeId as RuleTypeId,
      configuration: masked(input.configuration),
      resolvedConfiguration: masked(input.resolvedConfiguration),
      roleArn: input.roleArn,
      region: input.region,
      inputArtifacts: input.inputArtifacts.map(({ name, bucket, key }) => ({
        name,
        s3location: { bucket, key },
      })),
    },
    output: {
      executionResult: {
        externalExecutionId: progress.externalExecutionId,
        externalExecutionSummary: progress.summary,
        externalExecutionUrl: absoluteUrl(endpoint, executionPath(ruleTypes, run)),
        errorDetails: run.errorDetails,
      },
    },
  };
}
