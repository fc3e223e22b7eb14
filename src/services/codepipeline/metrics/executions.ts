import { countEvents, measures } from '../../../kit/service-metrics.ts';
import { findExecution } from '../store/history.ts';
import { findPipeline } from '../store/pipelines.ts';

/** `AWS/CodePipeline`: https://docs.aws.amazon.com/codepipeline/latest/userguide/metrics-dimensions.html */
export const executionMetrics = countEvents({
  service: 'codepipeline',
  namespace: 'AWS/CodePipeline',
  pattern: {
    'detail-type': ['CodePipeline Pipeline Execution State Change'],
    detail: { state: ['SUCCEEDED', 'FAILED'] },
  },
  async measure(event, { db }) {
    const {
      pipeline: name = '',
      state,
      'execution-id': id = '',
    } = event.detail as Record<string, string | undefined>;
    const of = { PipelineName: name };
    const pipeline = await findPipeline(db, {
      accountId: event.account,
      region: event.region,
      name,
    });
    const execution = pipeline && (await findExecution(db, pipeline.pipelineId, id));
    const seconds = execution && Math.max(0, (execution.lastUpdate - execution.startTime) / 1000);
    return [
      ...measures(event, 'FailedPipelineExecutions', state === 'FAILED' ? 1 : 0, 'Count', of),
      ...(seconds === undefined ? [] : measures(event, 'PipelineDuration', seconds, 'Seconds', of)),
    ];
  },
});
