import { tagConditions } from '../../../kit/tags.ts';
import { sessionTerms } from '../model/terms.ts';
import { checkPolicy, issue, lastingCaller, packed, userSeconds } from './credentials.ts';
import { sts } from './declare.ts';

const arnOf = (accountId: string, name = '') => `arn:aws:sts::${accountId}:federated-user/${name}`;

/** The session has the rights of its caller that its policies allow as well: without policies, none. */
export const getFederationToken = sts(
  'getFederationToken',
  { resource: (ctx, { Name }) => arnOf(ctx.accountId, Name) },
  async (ctx, input) => {
    checkPolicy(ctx, input.Policy);
    const caller = lastingCaller(ctx, 'GetFederationToken');
    const { accountId } = caller;
    const name = input.Name ?? '';
    const arn = arnOf(accountId, name);
    const terms = sessionTerms(input, caller, accountId);
    if (terms?.tags)
      await ctx.authorize('sts:TagSession', arn, { conditions: tagConditions(input) });
    const userId = `${accountId}:${name}`;
    const principal = {
      ...{ type: 'federated-user' as const, accountId, arn, userId, name },
      issuer: { type: caller.type, arn: caller.arn, userId: caller.userId },
      terms: { ...terms, policies: terms?.policies ?? { arns: [] } },
    };
    return {
      Credentials: issue(ctx, principal, userSeconds(caller, input.DurationSeconds)),
      FederatedUser: { FederatedUserId: userId, Arn: arn },
      ...packed(terms),
    };
  },
);
