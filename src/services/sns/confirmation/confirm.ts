import type { Platform } from '../../../kit/service.ts';
import { invalid } from '../errors.ts';
import type { Subscription } from '../model/subscription.ts';
import { findByToken, updateSubscription } from '../store/subscriptions.ts';
import { tokenHash } from './ask.ts';

interface Confirmation {
  topicArn: string;
  token: string;
  /** By a signed call. */
  authenticated: boolean;
  authenticateOnUnsubscribe: boolean;
}

/** Confirms the subscription that has the token. @throws InvalidParameterException */
export async function confirm(
  ctx: Pick<Platform, 'transaction' | 'clock'>,
  { topicArn, token, authenticated, authenticateOnUnsubscribe }: Confirmation,
): Promise<Subscription> {
  return ctx.transaction(async (tx) => {
    const found = await findByToken(tx, topicArn, tokenHash(token));
    if (!found?.expiresAt || found.expiresAt <= ctx.clock.now()) throw invalid('Token');
    const { tokenHash: _, expiresAt: __, ...rest } = found;
    const confirmed = { ...rest, wasAuthenticated: authenticated, authenticateOnUnsubscribe };
    await updateSubscription(tx, confirmed);
    return confirmed;
  });
}
