import type { AwsEvent } from '../../../engine/events.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { chatMessageOf, webhookBody } from '../model/chat-message.ts';
import { isApprovalNeeded } from '../model/details.ts';
import type { Notification } from '../model/message.ts';
import type { NotificationTarget } from '../model/rule.ts';
import { approvalToken } from './details.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** Posts into the channel by the webhook that the configuration has for the chat client. */
export async function tellChat(
  ctx: Platform,
  { address, type }: NotificationTarget,
  event: AwsEvent,
  notification: Notification,
): Promise<Outcome> {
  const url = ownValue(ctx.config.chatWebhooks, address);
  if (url === undefined || type === 'SNS')
    return { kind: 'refused', reason: 'no webhook is configured for it (SLIPWAY_CHAT_WEBHOOKS)' };
  const approval = isApprovalNeeded(event)
    ? await approvalToken(ctx, notification.notificationRuleArn, event)
    : undefined;
  const message = chatMessageOf(notification, { endpoint: publicUrl(ctx), approval });
  try {
    const { status } = await ctx.outbound.send({
      ...{ method: 'POST', url },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(webhookBody(type, message)),
    });
    return outcomeOfStatus(status);
  } catch (error) {
    return outcomeOf(error);
  }
}

/** What the request is to blame for is final, but for "too many". */
function outcomeOfStatus(status: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'told' };
  const reason = `the webhook answered with ${status}`;
  return { kind: status >= 500 || status === 429 ? 'failed' : 'refused', reason };
}
