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
    /** Of the execution: the order of the list. */
    ordinal: number;
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
  /** Action types that people made. */
  codepipeline_action_type: {
    /** For whom it is the only one of its name: an account, or `*` where it is a third party's. */
    scope: string;
    region: string;
    owner: string;
    category: string;
    provider: string;
    version: string;
    /** Who made it. */
    account_id: string;
    created: number;
    /** Deleted types stay, since their version cannot become another one (CP-C49). */
    deleted: number | null;
    data: string;
    tags: string;
  };
  codepipeline_job: {
    job_id: string;
    action_execution_id: string;
    /** The pipeline's. */
    account_id: string;
    region: string;
    type_key: string;
    /** The value of the type's queryable property. */
    query_value: string | null;
    /** Of the jobs of an action execution: 1, and one more with each continuation token. */
    number: number;
    status: string;
    /** From when on a poll may take it; null once a worker has acknowledged it, or it is over. */
    available_at: number | null;
    /** When a job that is worked on times out, where its type says so. */
    deadline: number | null;
    /** Of the poll that took it last. */
    nonce: string | null;
    data: string;
  };
  codepipeline_webhook: {
    account_id: string;
    region: string;
    name: string;
    /** SHA-256 of the part of its URL that nobody can guess, by which it is found. */
    address_hash: string;
    last_triggered: number | null;
    data: string;
    tags: string;
  };
};
