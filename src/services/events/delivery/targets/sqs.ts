import { queueUrl } from '../../../../kit/delivery/queue.ts';
import type { TargetKind } from './target.ts';

export const sqs: TargetKind = {
  name: 'SQS queues',
  isOf: ({ service }) => service === 'sqs',
  async send(ctx, { target, arn, input, actAs }) {
    const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
    const group = target.SqsParameters?.MessageGroupId;
    const message = {
      ...{ QueueUrl: queueUrl(ctx, arn), MessageBody: input },
      ...(group !== undefined && { MessageGroupId: group }),
    };
    await ctx.client(SQSClient, actAs).send(new SendMessageCommand(message));
  },
};
