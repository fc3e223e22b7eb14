import { ownValue } from '../../lib/own.ts';
import { accountOf, type Denial } from './denial.ts';

/** What one side says of a call; undefined where it cannot be read. */
export type Says = 'allowed' | 'implicitDeny' | 'explicitDeny' | undefined;

/** What the policies say of a refused call, as far as the caller of `slipway explain` may read them. */
export interface Policies {
  /** The principal's own. */
  identity: Says;
  /** The resource's, where it names the principal itself. */
  resource: Says;
  /** The resource's, where it leaves it to the principal's account. */
  delegated: Says;
  /** The account that the resource is in; undefined where nobody says. */
  owner: string | undefined;
}

/** Which of the policies keeps a call from being allowed, and what it lacks. */
export interface Cause {
  policy:
    | 'role'
    | 'bucket policy'
    | 'key policy'
    | 'trust policy'
    | 'resource policy'
    | 'permissions boundary'
    | 'session policy';
  /** ARN of what has the policy. */
  of: string;
  why: 'missing' | 'denies' | 'unread';
  /** What to put into it. */
  statement?: object;
}

const RESOURCE_POLICIES: Record<string, Cause['policy']> = {
  s3: 'bucket policy',
  kms: 'key policy',
  sts: 'trust policy',
};

/** Services whose resource has to let the principal in, or leave it to his account, in the same account too. */
const NEED_BOTH = new Set(['kms', 'sts']);

const BOUNDS = ['permissions boundary', 'session policy'] as const;

/** @returns nothing where all that can be read allows it */
export function causesOf(denial: Denial, read: Policies): Cause[] {
  const policies = withReason(denial.because, read);
  const service = denial.action.split(':')[0] ?? '';
  const ofIdentity: Cause = { policy: 'role', of: denial.principal, why: 'missing' };
  const ofResource: Cause = {
    policy: ownValue(RESOURCE_POLICIES, service) ?? 'resource policy',
    ...{ of: policyHolder(denial), why: 'missing' },
  };
  const { identity, resource, delegated, owner } = policies;
  // No simulation looks at these.
  const bound = BOUNDS.find((policy) => denial.because?.includes(policy));
  if (bound) return [{ ...ofIdentity, policy: bound }];
  const denies = [
    ...(identity === 'explicitDeny' ? [ofIdentity] : []),
    ...([resource, delegated].includes('explicitDeny') ? [ofResource] : []),
  ].map((cause): Cause => ({ ...cause, why: 'denies' }));
  if (denies.length > 0) return denies;
  const given = [
    { ...ofIdentity, statement: identityStatement(denial) },
    { ...ofResource, statement: resourceStatement(denial, service) },
  ] as const;
  return owner !== undefined && owner !== accountOf(denial.principal)
    ? bothNeeded(given, identity, resource === 'allowed' ? resource : delegated)
    : inOneAccount(given, { identity, resource, delegated }, service, denial.because);
}

/** What cannot be read, IAM's own reason tells. */
function withReason(because: string | undefined, policies: Policies): Policies {
  const { identity, resource, delegated } = policies;
  const says: Says = because?.includes('explicit deny') ? 'explicitDeny' : 'implicitDeny';
  if (because?.includes('identity-based')) return { ...policies, identity: identity ?? says };
  return because?.includes('resource-based')
    ? { ...policies, resource: resource ?? says, delegated: delegated ?? says }
    : policies;
}

type Pair = readonly [identity: Cause, resource: Cause];

function inOneAccount(
  [ofIdentity, ofResource]: Pair,
  { identity, resource, delegated }: Pick<Policies, 'identity' | 'resource' | 'delegated'>,
  service: string,
  because: string | undefined,
): Cause[] {
  // A resource's policy that names the principal is enough.
  if (resource === 'allowed') return [];
  if (NEED_BOTH.has(service)) {
    if (resource === 'implicitDeny' && delegated === 'implicitDeny') return [ofResource];
    // Nobody asks the caller's own policies where a trust policy of the account names him.
    if (delegated === 'allowed' && identity !== 'allowed') return [readable(ofIdentity, identity)];
  }
  if (identity === 'allowed')
    return resource === undefined ? [{ ...ofResource, why: 'unread' }] : [];
  if (because?.includes('resource-based')) return [readable(ofResource, resource)];
  return [readable(ofIdentity, identity)];
}

/** Across accounts both sides have to allow it; of one that cannot be read, the other tells. */
function bothNeeded([ofIdentity, ofResource]: Pair, identity: Says, resource: Says): Cause[] {
  const causes: Cause[] = [];
  if (resource === 'implicitDeny') causes.push(ofResource);
  if (identity === 'implicitDeny') causes.push(ofIdentity);
  if (causes.length > 0) return causes;
  if (resource === undefined) causes.push({ ...ofResource, why: 'unread' });
  if (identity === undefined) causes.push({ ...ofIdentity, why: 'unread' });
  return causes;
}

const readable = (cause: Cause, says: Says): Cause =>
  says === undefined ? { ...cause, why: 'unread' } : cause;

/** Objects have the policy of their bucket. */
export function policyHolder({ resource }: Denial): string {
  return /^arn:[^:]+:s3:::[^/]+/.exec(resource)?.[0] ?? resource;
}

const identityStatement = (denial: Denial) => ({
  ...{ Effect: 'Allow', Action: denial.action, Resource: allLike(denial) },
});

/** Every artifact has a key of its own. */
const allLike = (denial: Denial) =>
  denial.resource.includes(':s3:::') && denial.resource.includes('/')
    ? `${policyHolder(denial)}/*`
    : denial.resource;

function resourceStatement(denial: Denial, service: string) {
  const { principal, action } = denial;
  return {
    ...{ Effect: 'Allow', Principal: { AWS: principal }, Action: action },
    // A trust policy has no resource, and that of a key means the key.
    ...(service !== 'sts' && { Resource: service === 'kms' ? '*' : allLike(denial) }),
  };
}

interface Statement {
  Effect?: string;
  Principal?: unknown;
  Action?: unknown;
  Resource?: unknown;
  [member: string]: unknown;
}

/**
 * A resource's policy as one that a principal would have: its statements for him, without saying so, which policy
 * simulation takes. @returns undefined where none of them is for him, or it is no policy
 */
export function asIdentityPolicy(
  document: string,
  principals: readonly string[],
): string | undefined {
  const statements = statementsOf(document).filter(({ Principal }) =>
    principalsOf(Principal).some((one) => one === '*' || principals.includes(one)),
  );
  if (statements.length === 0) return undefined;
  const Statement = statements.map(({ Principal: _, ...rest }) => ({ Resource: '*', ...rest }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function statementsOf(document: string): Statement[] {
  try {
    const { Statement = [] } = JSON.parse(document) as { Statement?: Statement | Statement[] };
    return [Statement].flat();
  } catch {
    return [];
  }
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === 'string') return [principal];
  const { AWS = [] } = (principal ?? {}) as { AWS?: string | string[] };
  return [AWS].flat();
}
