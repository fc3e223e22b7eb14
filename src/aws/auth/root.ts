import type { Principal } from '../principal.ts';

/** The account itself, which may do everything in it. */
export function rootPrincipal(accountId: string): Principal & { type: 'root' } {
  return { type: 'root', accountId, arn: `arn:aws:iam::${accountId}:root`, userId: accountId };
}
