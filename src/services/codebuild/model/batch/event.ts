import type { BuildBatch } from '@aws-sdk/client-codebuild';
import type { NewEvent } from '../../../../engine/events.ts';
import type { Owner } from '../../store/tables.ts';

/** For who waits for a batch inside: AWS publishes no event of batches, so it goes to nobody else. */
export function batchEndEvent({ accountId, region }: Owner, batch: BuildBatch): NewEvent {
  return {
    'detail-type': 'CodeBuild Build Batch State Change',
    source: 'aws.codebuild',
    account: accountId,
    region,
    resources: [batch.arn ?? ''],
    detail: {
      'build-batch-status': batch.buildBatchStatus,
      'project-name': batch.projectName,
      'build-batch-id': batch.arn,
    },
  };
}
