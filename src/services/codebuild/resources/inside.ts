import type { RequestFacts } from '../../../aws/context.ts';

/** A policy that counts within the account alone: for what sharing does not let others do, whatever it says. */
export const inside = {
  of: ({ accountId, policy }: { accountId: string; policy?: string }, caller: RequestFacts) =>
    accountId === caller.accountId ? policy : undefined,
};
