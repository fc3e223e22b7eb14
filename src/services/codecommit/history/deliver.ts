import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parseArn } from '../../../aws/arn.ts';
import { type Failure, failureOf } from '../../../kit/delivery/failure.ts';
import { invokeFunction } from '../../../kit/delivery/function.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Notice } from '../store/triggers.ts';

/** As whom CodeCommit calls: policies of topics and functions name it. */
const SERVICE = 'codecommit.amazonaws.com';

/** Brings a notice to its topic or function. @returns why it was not taken */
export async function deliver(
  ctx: Pick<Platform, 'client'>,
  {
    destinationArn,
    repositoryArn: sourceArn,
    subject,
    message,
  }: Pick<Notice, 'destinationArn' | 'repositoryArn' | 'subject' | 'message'>,
): Promise<Failure | undefined> {
  const arn = parseArn(destinationArn);
  if (!arn) return { code: 'NO_RESOURCE', message: `${destinationArn} is no ARN`, again: false };
  const actAs = { service: SERVICE, sourceArn, region: arn.region };
  try {
    if (arn.service === 'lambda') await invokeFunction(ctx, { arn, actAs, payload: message });
    else {
      const publish = { TopicArn: destinationArn, Subject: subject, Message: message };
      await ctx.client(SNSClient, actAs).send(new PublishCommand(publish));
    }
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
