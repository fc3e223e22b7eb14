import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Platform } from '../../../kit/service.ts';
import type { Notification } from '../model/message.ts';
import { actFor } from './act.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** Publishes as the service, for the rule: the topic's policy decides. */
export async function tellTopic(
  ctx: Platform,
  topicArn: string,
  notification: Notification,
): Promise<Outcome> {
  const { notificationRuleArn, region } = notification;
  const message = { TopicArn: topicArn, Message: JSON.stringify(notification) };
  try {
    await ctx
      .client(SNSClient, actFor(notificationRuleArn, region))
      .send(new PublishCommand(message));
    return { kind: 'told' };
  } catch (error) {
    return outcomeOf(error);
  }
}
