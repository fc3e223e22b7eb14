import type { PolicyType, Principal, Refusal } from '../../../aws/principal.ts';
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
  /** The account that owns the resource; the principal's when nothing is said. */
  owner?: string | undefined;
  /** Policies of the user and its groups, or of the role. */
  identity: readonly Policy[];
  /** The permissions boundary of the user or role, if it has one. */
  boundary?: Policy | undefined;
  /** The policies that the session was made with; of none at all, it is not limited by any. */
  session?: readonly Policy[] | undefined;
  /** The policy of the resource itself, such as a role's trust policy. */
  resourcePolicy?:
    | {
        policy: Policy;
        /** Nobody gets in whom this policy does not name: role trust, KMS keys. */
        required: boolean;
      }
    | undefined;
}

export type Verdict = { allowed: true } | Refusal;

/**
 * How near a statement's principals come to the caller. `caller`: to the very session or user, or to everybody;
 * `identity`: to the role or user that a session is of; `account` leaves the decision to the caller's own policies.
 */
type Reach = 'caller' | 'identity' | 'account' | 'none';
const REACHES: readonly Reach[] = ['none', 'account', 'identity', 'caller'];

type Effect = 'Allow' | 'Deny' | 'none';
type Effects = Record<Exclude<PolicyType, 'resource'>, Effect>;

const refused = (by: PolicyType, explicit: boolean): Verdict => ({ allowed: false, explicit, by });

/**
 * Decides by AWS's rules: an explicit deny anywhere wins; within one account the identity's or the resource's policy
 * suffices; across accounts both must allow; permissions boundary and session policies add nothing and must allow too,
 * unless the resource's policy names the caller itself.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(question: Question): Verdict {
  const { identity, boundary, session, resourcePolicy, principal } = question;
  const effects: Effects = {
    identity: identityEffect(identity, question),
    boundary: boundary ? effectOf([boundary], question) : 'Allow',
    session: session ? effectOf(session, question) : 'Allow',
  };
  const reach = resourcePolicy ? resourceEffect(resourcePolicy.policy, question) : 'none';
  const denies = PRECEDENCE.find((type) =>
    type === 'resource' ? reach === 'Deny' : effects[type] === 'Deny',
  );
  if (denies) return refused(denies, true);
  const missing =
    principal.type === 'service'
      ? missingOfService(effects, reach as Reach, question)
      : missingAllow(effects, reach as Reach, question);
  return missing ? refused(missing, false) : { allowed: true };
}

/** Which of several kinds of policy is told that refuse. */
const PRECEDENCE = ['identity', 'resource', 'boundary', 'session'] as const;

/** A service gets in where a policy names it; beside that it may do what it was given for the account it acts for. */
function missingOfService(
  { identity }: Effects,
  reach: Reach,
  { principal, owner, resourcePolicy }: Question,
): PolicyType | false {
  const own = owner === undefined || owner === principal.accountId;
  const given = identity === 'Allow' && own && !resourcePolicy?.required;
  return reach !== 'caller' && !given && 'resource';
}

/** The kind of policy that should have an allow and has none. */
function missingAllow(
  effects: Effects,
  reach: Reach,
  { principal, owner, resourcePolicy }: Question,
): PolicyType | false {
  const lacks = (...types: (keyof Effects)[]) =>
    types.find((type) => effects[type] !== 'Allow') ?? false;
  if (owner !== undefined && owner !== principal.accountId)
    return lacks('identity', 'boundary', 'session') || (reach === 'none' && 'resource');
  if (reach === 'caller') return false;
  if (reach === 'identity') return lacks('boundary', 'session');
  if (reach === 'none' && resourcePolicy?.required) return 'resource';
  return lacks('identity', 'boundary', 'session');
}

/** The root of the account needs no policy of its own. */
function identityEffect(policies: readonly Policy[], question: Question): Effect {
  const { principal } = question;
  const { type } = principal.type === 'federated-user' ? principal.issuer : principal;
  const effect = effectOf(policies, question);
  return effect === 'none' && type === 'root' ? 'Allow' : effect;
}

function effectOf(policies: readonly Policy[], question: Question): Effect {
  let effect: Effect = 'none';
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (effect === statement.effect || !applies(statement, question)) continue;
      if (statement.effect === 'Deny') return 'Deny';
      effect = 'Allow';
    }
  }
  return effect;
}

function resourceEffect(policy: Policy, question: Question): Reach | 'Deny' {
  let reach: Reach = 'none';
  for (const statement of policy.statements) {
    const here = reachOf(statement, question.principal);
    if (here === 'none' || !applies(statement, question)) continue;
    if (statement.effect === 'Deny') return 'Deny';
    reach = nearer(reach, here);
  }
  return reach;
}

function nearer(a: Reach, b: Reach): Reach {
  return REACHES.indexOf(a) > REACHES.indexOf(b) ? a : b;
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
    return reachOfSet(statement.notPrincipals, principal) === 'none' ? 'caller' : 'none';
  return 'none';
}

function reachOfSet(set: PrincipalSet, principal: Principal): Reach {
  if (principal.type === 'service')
    return set.services.includes(principal.service) || set.aws.includes('*') ? 'caller' : 'none';
  let reach: Reach = 'none';
  for (const name of set.aws) reach = nearer(reach, reachOfName(name, principal));
  return reach;
}

function reachOfName(name: string, principal: Exclude<Principal, { type: 'service' }>): Reach {
  const { type, accountId, arn, userId } = principal;
  if (name === '*') return 'caller';
  if (type !== 'root' && name === arn) return 'caller';
  if (type === 'user' && name === userId) return 'caller';
  if (type === 'assumed-role' && (name === principal.roleArn || name === userId.split(':')[0]))
    return 'identity';
  if (type === 'federated-user' && principal.issuer.type === 'user') {
    const { issuer } = principal;
    if (name === issuer.arn || name === issuer.userId) return 'identity';
  }
  return name === accountId || name === `arn:aws:iam::${accountId}:root` ? 'account' : 'none';
}
