import { formatArn } from '../../../../aws/arn.ts';
import type { TargetKind } from './target.ts';

export const sns: TargetKind = {
  name: 'SNS topics',
  isOf: ({ service }) => service === 'sns',
  async send(ctx, { target, arn, input, actAs }) {
    const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
    const group = target.SqsParameters?.MessageGroupId;
    const message = {
      ...{ TopicArn: formatArn(arn), Message: input },
      ...(group !== undefined && { MessageGroupId: group }),
    };
    await ctx.client(SNSClient, actAs).send(new PublishCommand(message));
  },
};
