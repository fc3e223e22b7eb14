import type { RequestFacts } from './context.ts';
import { AwsError } from './errors.ts';
import type { AuthorizeRule } from './operation.ts';
import type { Authorizer, Decision, Principal } from './principal.ts';
import type { Protocol, Target } from './protocols/protocol.ts';

type Ask = (
  action: string,
  resource: string | string[],
  conditions: Record<string, string | string[]>,
  named?: string,
) => Promise<void>;

/** Asks IAM about the caller of one request; refuses in the API's own form of AccessDenied. */
export function authorizationOf(
  authorizer: Authorizer,
  facts: RequestFacts,
  protocol: Protocol,
): Ask {
  return async (action, resource, conditions, named) => {
    const { principal } = facts;
    const list = Array.isArray(resource) ? resource : [resource];
    // Who names nothing asks about everything: of no resource at all, each would be allowed.
    const resources = list.length > 0 ? list : ['*'];
    const decision = await authorizer.decide({
      principal,
      action,
      resources,
      conditions: { ...globalConditions(facts), ...conditions },
    });
    if (!decision.allowed) {
      const shown = named === undefined ? decision : { ...decision, resource: named };
      throw accessDenied(protocol, principal, action, shown);
    }
  };
}

/** What AWS lets a session of GetSessionToken without MFA call of STS; of IAM it is nothing. */
const STS_OF_SESSION_TOKENS = ['AssumeRole', 'GetCallerIdentity'];

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
function refuseBySession(principal: Principal, { api, operation, protocol }: Target): void {
  if (!('session' in principal) || principal.session !== 'GetSessionToken') return;
  if (api.name !== 'iam' && api.name !== 'sts') return;
  if (api.name === 'sts' && STS_OF_SESSION_TOKENS.includes(operation)) return;
  throw refusal(
    protocol,
    `User: ${principal.arn} is not authorized to perform: ${api.name}:${operation} with credentials of GetSessionToken that were issued without MFA`,
  );
}

/** Asks what the operation's rule says must be asked before it runs. */
export async function authorizeCall<C extends RequestFacts, I>(
  target: Target,
  rule: AuthorizeRule<C, I>,
  ctx: C,
  input: I,
): Promise<void> {
  refuseBySession(ctx.principal, target);
  if (rule === 'none' || rule === 'self') return;
  const resource = rule.resource === '*' ? '*' : await rule.resource(ctx, input);
  const conditions = rule.conditions?.(ctx, input) ?? {};
  const actions = Array.isArray(rule.action) ? rule.action : [rule.action];
  const named = rule.named?.(ctx, input);
  for (const action of actions) await ctx.authorize(action, resource, conditions, named);
}

type ConditionFacts = Pick<
  RequestFacts,
  'principal' | 'region' | 'sourceIp' | 'userAgent' | 'endpoint'
>;

/** Condition keys that every request has. */
export function globalConditions(facts: ConditionFacts): Record<string, string> {
  const { principal } = facts;
  const conditions: Record<string, string> = {
    'aws:principalarn': principal.type === 'assumed-role' ? principal.roleArn : principal.arn,
    'aws:principalaccount': principal.accountId,
    'aws:principaltype': principalType(principal),
    'aws:userid': principal.userId,
    'aws:requestedregion': facts.region,
    'aws:sourceip': facts.sourceIp,
    'aws:useragent': facts.userAgent,
    'aws:securetransport': String(facts.endpoint.startsWith('https:')),
  };
  if (principal.type === 'user') conditions['aws:username'] = principal.userName;
  return conditions;
}

function principalType(principal: Principal): string {
  if (principal.type === 'root') return 'Account';
  if (principal.type === 'user') return 'User';
  return principal.type === 'assumed-role' ? 'AssumedRole' : 'Service';
}

function accessDenied(
  protocol: Protocol,
  principal: Principal,
  action: string,
  decision: Decision & { allowed: false },
): AwsError {
  const because = decision.explicit
    ? 'with an explicit deny in an identity-based policy'
    : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${decision.resource} ${because}`;
  return refusal(protocol, message);
}

function refusal({ dialect }: Protocol, message: string): AwsError {
  if (dialect === 'json') return new AwsError('AccessDeniedException', message, 400);
  if (dialect === 'rest-json') return new AwsError('AccessDeniedException', message, 403);
  return new AwsError(dialect === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied', message, 403);
}
