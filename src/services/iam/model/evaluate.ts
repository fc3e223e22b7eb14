import type { Principal } from '../../../aws/principal.ts';
import { holds } from './condition.ts';
import { type Context, matches, matchesArn, type Pattern } from './pattern.ts';
import type { Policy, PrincipalSet, Statement } from './policy.ts';

/** One question: may this principal do this to this? All that an answer depends on. */
export interface Question {
  principal: Principal;
  /** Such as `codebuild:StartBuild`. */
  action: string;
  /** An ARN, or `*`. */
  resource: string;
  /** Condition keys in lower case. */
  context: Context;
  /** Policies of the user and its groups, or of the role. */
  identity: readonly Policy[];
  /** The policy of the resource itself, such as a role's trust policy. */
  resourcePolicy?: {
    policy: Policy;
    /** The account that owns the resource. */
    accountId: string;
    /** Nobody gets in whom this policy does not name: role trust, KMS keys. */
    required: boolean;
  };
  // Permission boundaries and session policies, when they come, are further lists here: each must allow as well.
}

/** Why: AWS's error text tells these apart. */
export type Verdict =
  | { allowed: true }
  | { allowed: false; reason: 'explicit-identity' | 'explicit-resource' | 'implicit' };

/** How far a statement's principals reach the caller: `account` leaves the decision to the caller's own policies. */
type Reach = 'direct' | 'account' | 'none';

/**
 * Decides by AWS's rules: an explicit deny anywhere wins; within one account the identity's or the resource's policy
 * suffices; across accounts both must allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(question: Question): Verdict {
  const identity = combine(question.identity.map((policy) => identityEffect(policy, question)));
  if (identity === 'Deny') return { allowed: false, reason: 'explicit-identity' };
  const { resourcePolicy, principal } = question;
  const resource = resourcePolicy ? resourceEffect(resourcePolicy.policy, question) : undefined;
  if (resource === 'Deny') return { allowed: false, reason: 'explicit-resource' };
  // The root of the account needs no policy of its own.
  const own = identity === 'Allow' || principal.type === 'root';
  const implicit: Verdict = { allowed: false, reason: 'implicit' };
  if (!resourcePolicy) return own ? { allowed: true } : implicit;
  if (principal.type === 'service') return resource === 'direct' ? { allowed: true } : implicit;
  if (principal.accountId !== resourcePolicy.accountId)
    return own && resource !== undefined && resource !== 'none' ? { allowed: true } : implicit;
  if (resource === 'direct') return { allowed: true };
  return own && (resource === 'account' || !resourcePolicy.required) ? { allowed: true } : implicit;
}

type Effect = 'Allow' | 'Deny' | undefined;

function combine(effects: readonly Effect[]): Effect {
  return effects.includes('Deny') ? 'Deny' : effects.includes('Allow') ? 'Allow' : undefined;
}

function identityEffect(policy: Policy, question: Question): Effect {
  let effect: Effect;
  for (const statement of policy.statements) {
    if (effect === statement.effect || !applies(statement, question)) continue;
    if (statement.effect === 'Deny') return 'Deny';
    effect = 'Allow';
  }
  return effect;
}

function resourceEffect(policy: Policy, question: Question): Reach | 'Deny' {
  let reach: Reach = 'none';
  for (const statement of policy.statements) {
    const here = reachOf(statement, question.principal);
    if (here === 'none' || !applies(statement, question)) continue;
    if (statement.effect === 'Deny') return 'Deny';
    if (here === 'direct' || reach === 'none') reach = here;
  }
  return reach;
}

/** Do action, resource and conditions of the statement fit the question? */
function applies(statement: Statement, { action, resource, context }: Question): boolean {
  const lower = action.toLowerCase();
  const named = (list: readonly Pattern[]) =>
    list.some((pattern) => matches(pattern, lower, context));
  if (statement.actions ? !named(statement.actions) : named(statement.notActions ?? []))
    return false;
  const meant = (list: readonly Pattern[]) =>
    list.some((pattern) => matchesArn(pattern, resource, context));
  // A statement without resources is a trust policy's: it speaks of the role that it belongs to.
  if (statement.resources && !meant(statement.resources)) return false;
  if (statement.notResources && meant(statement.notResources)) return false;
  return statement.conditions.every((condition) => holds(condition, context));
}

function reachOf(statement: Statement, principal: Principal): Reach {
  if (statement.principals) return reachOfSet(statement.principals, principal);
  if (statement.notPrincipals)
    return reachOfSet(statement.notPrincipals, principal) === 'none' ? 'direct' : 'none';
  return 'none';
}

function reachOfSet(set: PrincipalSet, principal: Principal): Reach {
  if (principal.type === 'service')
    return set.services.includes(principal.service) || set.aws.includes('*') ? 'direct' : 'none';
  const account = [principal.accountId, `arn:aws:iam::${principal.accountId}:root`];
  let reach: Reach = 'none';
  for (const name of set.aws) {
    if (name === '*' || namesOf(principal).includes(name)) return 'direct';
    if (account.includes(name)) reach = 'account';
  }
  return reach;
}

/** By what a policy can name the principal itself. */
function namesOf(principal: Principal): string[] {
  if (principal.type === 'assumed-role')
    return [principal.arn, principal.roleArn, principal.userId.split(':')[0] as string];
  if (principal.type === 'root') return [];
  return [principal.arn, principal.userId];
}
