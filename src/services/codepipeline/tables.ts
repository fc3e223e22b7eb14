/** Columns of CodePipeline's tables. Times are epoch milliseconds, `data` and `declaration` are JSON. */
export type CodePipelineTables = {
  codepipeline_pipeline: {
    account_id: string;
    region: string;
    name: string;
    /** New for each pipeline, also for one created again under an old name: the key of all else. */
    pipeline_id: string;
    arn: string;
    version: number;
    created: number;
    updated: number;
    next_ordinal: number;
    pipeline_type: string;
    execution_mode: string;
    tags: string;
  };
  codepipeline_version: {
    pipeline_id: string;
    version: number;
    updated: number;
    declaration: string;
  };
  /** Source actions that start the pipeline when their source changes. */
  codepipeline_source: {
    pipeline_id: string;
    action_name: string;
    account_id: string;
    region: string;
    provider: string;
    /** Repository or bucket. */
    resource: string;
    /** Branch or key. */
    item: string;
  };
  codepipeline_stage: { pipeline_id: string; stage_name: string; data: string };
  codepipeline_execution: {
    pipeline_id: string;
    execution_id: string;
    account_id: string;
    region: string;
    ordinal: number;
    status: string;
    /** clientRequestToken of StartPipelineExecution, or the id of the event that started it. */
    request_token: string | null;
    data: string;
  };
  /** For ListPipelineExecutions' filter; the rest of a stage's run is in its execution's data. */
  codepipeline_stage_run: {
    pipeline_id: string;
    execution_id: string;
    stage_name: string;
    status: string;
  };
  /** Revisions that source actions have worked with, for PutActionRevision. */
  codepipeline_revision: { pipeline_id: string; action_name: string; revision_id: string };
  codepipeline_action: {
    action_execution_id: string;
    account_id: string;
    region: string;
    pipeline_id: string;
    execution_id: string;
    stage_name: string;
    action_name: string;
    ordinal: number;
    start_time: number;
    status: string;
    /** `action`, or `rule` of a condition. */
    kind: string;
    provider: string;
    external_id: string | null;
    data: string;
  };
};
