import { AuthFailure, authError } from './auth/failure.ts';
import type { RequestFacts } from './context.ts';
import { AwsError } from './errors.ts';
import type { AuthorizeRule } from './operation.ts';
import type { Authorizer, Conditions, Decision, PolicyType, Principal } from './principal.ts';
import type { Protocol, Target } from './protocols/protocol.ts';
import type { TouchedResource } from './record-facts.ts';

type Ask = RequestFacts['authorize'];

/** The resources of a question. Who names nothing asks about everything: of no resource at all, each would be allowed. */
export function asksAbout(resource: string | string[]): string[] {
  const list = Array.isArray(resource) ? resource : [resource];
  return list.length > 0 ? list : ['*'];
}

/** Notes what a call touches, once; of `*`, which is nothing in particular, nothing. */
export function touch(touched: TouchedResource[], resource: TouchedResource): void {
  if (!resource.arn.startsWith('arn:') || resource.arn.includes('*')) return;
  const known = touched.find(({ arn }) => arn === resource.arn);
  if (known) known.type ??= resource.type;
  else if (touched.length < MOST_TOUCHED) touched.push(resource);
}

/** A batch may name more; its parameters say them all. */
const MOST_TOUCHED = 100;

/** Whose words refusals are in. */
interface Refusing {
  protocol: Pick<Protocol, 'dialect'>;
  api?: Pick<Target['api'], 'refusals'> | undefined;
}

/** Asks IAM about the caller of one request; refuses in the API's own form of AccessDenied. */
export function authorizationOf(
  authorizer: Authorizer,
  facts: ConditionFacts & Pick<RequestFacts, 'touched'>,
  { protocol, api }: Refusing,
): Ask {
  return async (action, resource, { conditions, named, type, ...ofResource } = {}) => {
    const { principal, touched } = facts;
    const resources = asksAbout(resource);
    for (const arn of resources) touch(touched, { arn, type });
    const decision = await authorizer.decide({
      principal,
      action,
      resources,
      ...ofResource,
      conditions: { ...globalConditions(facts), ...conditions },
    });
    if (!decision.allowed) {
      const shown = named === undefined ? decision : { ...decision, resource: named };
      throw accessDenied({ protocol, api }, principal, action, shown);
    }
  };
}

/**
 * Some APIs let sessions that a user made for himself call little or nothing.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
 */
function refuseBySession(principal: Principal, { api, operation, protocol }: Target): void {
  const federated = principal.type === 'federated-user';
  if (!federated && !('session' in principal && principal.session === 'GetSessionToken')) return;
  const session = federated ? 'GetFederationToken' : 'GetSessionToken';
  const callable = api.tokenSessions?.[session];
  if (!callable || callable.includes(operation)) return;
  if (callable.length === 0) throw authError(new AuthFailure('unknown-key'), protocol.dialect);
  const credentials = federated ? session : `${session} that were issued without MFA`;
  throw refusal(
    { protocol },
    `User: ${principal.arn} is not authorized to perform: ${api.name}:${operation} with credentials of ${credentials}`,
  );
}

/** Asks what the operation's rule says must be asked before it runs. @returns what the rule found on the way */
export async function authorizeCall<C extends RequestFacts, I, R>(
  target: Target,
  rule: AuthorizeRule<C, I, R>,
  ctx: C,
  input: I,
): Promise<R | undefined> {
  refuseBySession(ctx.principal, target);
  return rule === 'none' || rule === 'self' ? undefined : rule(ctx, input);
}

type ConditionFacts = Pick<
  RequestFacts,
  'principal' | 'region' | 'sourceIp' | 'userAgent' | 'endpoint' | 'via' | 'accessKeyId'
>;

/** Condition keys that every request has. */
export function globalConditions(facts: ConditionFacts): Conditions {
  const { principal, via } = facts;
  const conditions: Conditions = {
    'aws:principalarn': principal.type === 'assumed-role' ? principal.roleArn : principal.arn,
    'aws:principalaccount': principal.accountId,
    'aws:principaltype': PRINCIPAL_TYPES[principal.type],
    'aws:userid': principal.userId,
    'aws:requestedregion': facts.region,
    'aws:sourceip': facts.sourceIp,
    'aws:useragent': facts.userAgent,
    'aws:securetransport': String(/^(?:https|ssh):/.test(facts.endpoint)),
    'aws:principalisawsservice': String(principal.type === 'service'),
    'aws:viaawsservice': String(via.length > 0),
  };
  // Of temporary credentials alone; there are no MFA devices.
  if (facts.accessKeyId?.startsWith('ASIA')) conditions['aws:multifactorauthpresent'] = 'false';
  if (principal.type === 'user') conditions['aws:username'] = principal.userName;
  if (principal.type === 'service') {
    conditions['aws:sourcearn'] = principal.sourceArn;
    conditions['aws:sourceaccount'] = principal.accountId;
    conditions['aws:principalservicename'] = principal.service;
  }
  if (via.length > 0) {
    const services = via.map((service) => `${service}.amazonaws.com`);
    conditions['aws:calledvia'] = services;
    conditions['aws:calledviafirst'] = services.at(0) ?? '';
    conditions['aws:calledvialast'] = services.at(-1) ?? '';
  }
  return conditions;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable */
const PRINCIPAL_TYPES: Record<Principal['type'], string> = {
  root: 'Account',
  user: 'User',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
  service: 'Service',
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const POLICY_NAMES: Record<PolicyType, string> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
};

function accessDenied(
  refusing: Refusing,
  principal: Principal,
  asked: string,
  decision: Decision & { allowed: false },
): AwsError {
  const { protocol, api } = refusing;
  const action = api?.refusals ? ownWords(asked, api.refusals.prefix) : asked;
  // S3 alone quotes it.
  const resource = protocol.dialect === 's3' ? `"${decision.resource}"` : decision.resource;
  return refusal(refusing, denialText(principal, action, { ...decision, resource }));
}

/** AWS's sentence, which says which kind of policy refuses. */
export function denialText(
  principal: Principal,
  action: string,
  { by, explicit, resource }: Decision & { allowed: false },
): string {
  const policy = POLICY_NAMES[by];
  const because = explicit
    ? `with an explicit deny in ${policy.startsWith('i') ? 'an' : 'a'} ${policy}`
    : `because no ${policy} allows the ${action} action`;
  return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}

/** SNS writes its own actions with capitals, and those of others as they are. */
function ownWords(action: string, prefix: string): string {
  const own = `${prefix.toLowerCase()}:`;
  return action.startsWith(own) ? `${prefix}:${action.slice(own.length)}` : action;
}

function refusal({ protocol: { dialect }, api }: Refusing, message: string): AwsError {
  if (api?.refusals) return new AwsError(api.refusals.code, message, 403);
  if (dialect === 'json') return new AwsError('AccessDeniedException', message, 400);
  if (dialect === 'rest-json') return new AwsError('AccessDeniedException', message, 403);
  return new AwsError(dialect === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied', message, 403);
}
