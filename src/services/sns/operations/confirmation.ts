import { NotFoundException } from '@aws-sdk/client-sns';
import { at } from '../../../kit/resource.ts';
import { confirm } from '../confirmation/confirm.ts';
import { invalid } from '../errors.ts';
import { isPending } from '../model/subscription.ts';
import { ownSubscription } from '../resources/subscription.ts';
import { topic as topicKind } from '../resources/topic.ts';
import { deleteSubscription } from '../store/subscriptions.ts';
import { sns } from './declare.ts';

export const confirmSubscription = sns(
  'confirmSubscription',
  at(topicKind, ({ TopicArn }: { TopicArn: string | undefined }) => TopicArn),
  async (ctx, input, { arn }) => {
    const { Token = '', AuthenticateOnUnsubscribe = 'false' } = input;
    if (!/^(true|false)$/i.test(AuthenticateOnUnsubscribe))
      throw invalid('AuthenticateOnUnsubscribe');
    const confirmed = await confirm(ctx, {
      topicArn: arn,
      token: Token,
      authenticated: true,
      authenticateOnUnsubscribe: /^true$/i.test(AuthenticateOnUnsubscribe),
    });
    if (!confirmed) throw invalid('Token');
    return { SubscriptionArn: confirmed.arn };
  },
);

export const unsubscribe = sns('unsubscribe', {}, async (ctx, input) => {
  await ctx.transaction(async (tx) => {
    const found = await ownSubscription(ctx, tx, input.SubscriptionArn).catch((error) => {
      // Who ends what has ended is not told so.
      if (error instanceof NotFoundException) return undefined;
      throw error;
    });
    if (!found) return;
    if (isPending(found))
      throw invalid('SubscriptionArn Reason: This subscription is pending confirmation');
    await deleteSubscription(tx, found);
  });
  return {};
});
