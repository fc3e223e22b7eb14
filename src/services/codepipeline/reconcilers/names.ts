/** The machine of a pipeline; its keys are pipelines' ids. */
export const PIPELINE_RECONCILER = 'codepipeline/pipeline';
/** Does one action execution's work; its keys are action executions' ids. */
export const ACTION_RECONCILER = 'codepipeline/action';
/** Ends jobs of workers whose time is up; its keys are jobs' ids. */
export const JOB_RECONCILER = 'codepipeline/job';
