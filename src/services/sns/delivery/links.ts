import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Message } from '../model/message.ts';

type Ctx = Pick<Platform, 'vault' | 'config' | 'serverEndpoint'>;

export const CONFIRM = '/_slipway/sns/confirm';
export const UNSUBSCRIBE = '/_slipway/sns/unsubscribe';

const address = (ctx: Ctx, path: string, query: Record<string, string>) =>
  `${publicUrl(ctx)}${path}?${new URLSearchParams(query)}`;

/** The addresses in a message to a subscription. */
export function linksOf(ctx: Ctx, subscriptionArn: string, { topicArn, token = '' }: Message) {
  return {
    subscribe: address(ctx, CONFIRM, { TopicArn: topicArn, Token: token }),
    unsubscribe: address(ctx, UNSUBSCRIBE, {
      SubscriptionArn: subscriptionArn,
      Token: unsubscribeToken(ctx, subscriptionArn),
    }),
  };
}

const contextOf = (subscriptionArn: string) => `sns/unsubscribe/${subscriptionArn}`;

/** Whoever has a message of the subscription can end it; who only knows its ARN, which lists show, cannot. */
function unsubscribeToken({ vault }: Pick<Ctx, 'vault'>, subscriptionArn: string): string {
  return Buffer.from(vault.seal('', contextOf(subscriptionArn)), 'base64').toString('base64url');
}

export function isUnsubscribeToken(
  { vault }: Pick<Ctx, 'vault'>,
  subscriptionArn: string,
  token: string,
): boolean {
  try {
    vault.open(Buffer.from(token, 'base64url').toString('base64'), contextOf(subscriptionArn));
    return true;
  } catch {
    return false;
  }
}
