import type { GetPipelineStateOutput } from '@aws-sdk/client-codepipeline';

/** What there is to say of pipelines at a glance. Pure. */

export interface Waiting {
  pipeline: string;
  stage: string;
  action: string;
  token: string;
  since: Date | undefined;
}

export interface Running {
  pipeline: string;
  execution: string;
  /** Stages that it is in. */
  stages: string[];
}

export interface Failed {
  pipeline: string;
  execution: string;
  stage: string;
  message: string | undefined;
  at: Date | undefined;
}

export interface Standing {
  waiting: Waiting[];
  running: Running[];
  failed: Failed[];
}

/** Of each pipeline what waits for an approval, what runs, and where its last run of a stage failed. */
export function standingOf(states: readonly GetPipelineStateOutput[]): Standing {
  const standing: Standing = { waiting: [], running: [], failed: [] };
  for (const { pipelineName: pipeline = '', stageStates = [] } of states) {
    const runs = new Map<string, string[]>();
    for (const { stageName: stage = '', latestExecution, actionStates = [] } of stageStates) {
      const execution = latestExecution?.pipelineExecutionId ?? '';
      if (latestExecution?.status === 'InProgress')
        runs.set(execution, [...(runs.get(execution) ?? []), stage]);
      const failed = actionStates.find(
        (action) => action.latestExecution?.status === 'Failed',
      )?.latestExecution;
      if (latestExecution?.status === 'Failed')
        standing.failed.push({
          ...{ pipeline, execution, stage },
          message: failed?.errorDetails?.message ?? failed?.summary,
          at: failed?.lastStatusChange,
        });
      for (const { actionName: action = '', latestExecution: of } of actionStates)
        if (of?.token !== undefined && of.status === 'InProgress')
          standing.waiting.push({
            ...{ pipeline, stage, action, token: of.token, since: of.lastStatusChange },
          });
    }
    for (const [execution, stages] of runs) standing.running.push({ pipeline, execution, stages });
  }
  standing.failed.sort((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0));
  return standing;
}
