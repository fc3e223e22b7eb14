import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parseArn } from '../../../aws/arn.ts';
import { invokeFunction } from '../../../kit/delivery/function.ts';
import { queueUrl } from '../../../kit/delivery/queue.ts';
import type { Platform } from '../../../kit/service.ts';
import { bucketArn } from '../model/names.ts';

interface Sent {
  /** The bucket's. */
  accountId: string;
  message: string;
  /** Only a try: a function is not run for it. */
  isTest?: boolean;
}

/** Sends as S3 for the bucket, which the policy of the queue, topic or function lets in. @throws what its API says */
export async function send(
  ctx: Platform,
  destination: string,
  { accountId, message, isTest = false }: Sent,
): Promise<void> {
  const slash = destination.indexOf('/');
  const arn = destination.slice(slash + 1);
  const parsed = parseArn(arn);
  if (!parsed) throw new Error(`A bucket's notifications go to what is no ARN: ${arn}`);
  const { service, region } = parsed;
  const sourceArn = bucketArn(destination.slice(0, slash));
  const actAs = { service: 's3.amazonaws.com', sourceArn, sourceAccount: accountId, region };
  if (service === 'sns') {
    const Subject = 'Amazon S3 Notification';
    const input = { TopicArn: arn, Message: message, Subject };
    await ctx.client(SNSClient, actAs).send(new PublishCommand(input));
  } else if (service === 'lambda') {
    await invokeFunction(ctx, { arn: parsed, actAs, payload: message }, { asks: isTest });
  } else {
    const input = { QueueUrl: queueUrl(ctx, parsed), MessageBody: message };
    await ctx.client(SQSClient, actAs).send(new SendMessageCommand(input));
  }
}
