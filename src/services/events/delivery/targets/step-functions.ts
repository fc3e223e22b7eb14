import { formatArn } from '../../../../aws/arn.ts';
import { isAwsError } from '../../../../aws/errors.ts';
import type { TargetKind } from './target.ts';

export const stepFunctions: TargetKind = {
  name: 'Step Functions state machines',
  isOf: ({ service, resource }) => service === 'states' && resource.startsWith('stateMachine:'),
  needsRole: true,
  async send(ctx, { delivery, arn, input, actAs }) {
    const { SFNClient, StartExecutionCommand } = await import('@aws-sdk/client-sfn');
    const start = new StartExecutionCommand({
      ...{ stateMachineArn: formatArn(arn), input },
      // However often it is tried, it starts once.
      name: `${delivery.event.id}_${delivery.id}`,
    });
    await ctx
      .client(SFNClient, actAs)
      .send(start)
      .catch((error) => {
        if (!isAwsError(error, 'ExecutionAlreadyExists')) throw error;
      });
  },
};
