import type { Platform } from '../../../kit/service.ts';
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

/** Confirms the subscription that has the token. @returns undefined where there is none, or not any more */
export async function confirm(
  ctx: Pick<Platform, 'transaction' | 'clock'>,
  { topicArn, token, authenticated, authenticateOnUnsubscribe }: Confirmation,
): Promise<Subscription | undefined> {
  return ctx.transaction(async (tx) => {
    const found = await findByToken(tx, topicArn, tokenHash(token));
    // A link is followed twice, by a program that looks at mails and by who reads them.
    if (!found?.expiresAt) return found;
    if (found.expiresAt <= ctx.clock.now()) return undefined;
    const { expiresAt: _, ...rest } = found;
    const confirmed = { ...rest, wasAuthenticated: authenticated, authenticateOnUnsubscribe };
    await updateSubscription(tx, confirmed);
    return confirmed;
  });
}
