import { append } from '../../../lib/append.ts';
import { type Condition, parseConditions } from './condition.ts';
import { MalformedPolicy } from './malformed.ts';
import { type Pattern, parsePattern } from './pattern.ts';

/** The `Principal` of a statement: who it speaks of. */
export interface PrincipalSet {
  /** `*`, account ids and ARNs. */
  aws: string[];
  services: string[];
  /** Federated and canonical users: never matched, since nobody signs in so. */
  others: string[];
}

export interface Statement {
  sid?: string;
  effect: 'Allow' | 'Deny';
  /** In lower case. Exactly one of actions and notActions is there. */
  actions?: Pattern[];
  notActions?: Pattern[];
  resources?: Pattern[];
  notResources?: Pattern[];
  principals?: PrincipalSet;
  notPrincipals?: PrincipalSet;
  conditions: Condition[];
}

/** A policy document, read once and kept by its text. */
export interface Policy {
  statements: Statement[];
  /** It asks for the tags of resources, in conditions or variables. */
  asksForTags?: boolean;
}

/**
 * `identity`: attached to users, groups and roles, names no principal. `trust`: of a role, names no resource.
 * `resource`: a bucket's or a key's, names both.
 */
export type PolicyKind = 'identity' | 'trust' | 'resource';

const SYNTAX = 'Syntax errors in policy.';
const STATEMENT_KEYS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string or a non-empty list of strings. */
function strings(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((item) => typeof item === 'string'))
    throw new MalformedPolicy(SYNTAX);
  return list as string[];
}

/** Reads a policy document. @throws MalformedPolicy in AWS's words */
export function parsePolicy(text: string, kind: PolicyKind): Policy {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new MalformedPolicy(kind === 'trust' ? 'This policy contains invalid Json' : SYNTAX);
  }
  if (!isObject(document)) throw new MalformedPolicy(SYNTAX);
  for (const key of Object.keys(document))
    if (key !== 'Version' && key !== 'Id' && key !== 'Statement') throw new MalformedPolicy(SYNTAX);
  const version = document.Version ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17')
    throw new MalformedPolicy('The policy must contain a valid version string');
  const list = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  if (list.length === 0) throw new MalformedPolicy(SYNTAX);
  const statements = list.map((item) => parseStatement(item, kind, version === '2012-10-17'));
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size !== sids.length)
    throw new MalformedPolicy('Statement IDs (SID) in a single policy must be unique.');
  return { statements, asksForTags: text.toLowerCase().includes(':resourcetag/') };
}

function parseStatement(item: unknown, kind: PolicyKind, variables: boolean): Statement {
  if (!isObject(item)) throw new MalformedPolicy(SYNTAX);
  for (const key of Object.keys(item))
    if (!STATEMENT_KEYS.has(key)) throw new MalformedPolicy(SYNTAX);
  if (item.Effect !== 'Allow' && item.Effect !== 'Deny') throw new MalformedPolicy(SYNTAX);
  if (item.Sid !== undefined && typeof item.Sid !== 'string') throw new MalformedPolicy(SYNTAX);
  if (kind === 'identity' && item.Sid !== undefined && !/^[A-Za-z0-9]*$/.test(item.Sid as string))
    throw new MalformedPolicy(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  const statement: Statement = {
    sid: item.Sid as string | undefined,
    effect: item.Effect,
    conditions: parseConditions(item.Condition, variables),
  };
  addActions(statement, item, kind);
  addResources(statement, item, kind, variables);
  addPrincipals(statement, item, kind);
  return statement;
}

function addActions(statement: Statement, item: Json, kind: PolicyKind): void {
  if ((item.Action === undefined) === (item.NotAction === undefined))
    throw new MalformedPolicy(
      item.Action === undefined ? 'Policy statement must contain actions.' : SYNTAX,
    );
  const names = strings(item.Action ?? item.NotAction);
  for (const name of names) {
    if (name !== '*' && !/^[A-Za-z0-9*?-]+:[A-Za-z0-9*?_-]+$/.test(name))
      throw new MalformedPolicy(
        name.includes(':')
          ? 'Actions/Condition can contain only one colon.'
          : 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
      );
    if (kind === 'trust' && !/^(sts:|\*$)/i.test(name))
      throw new MalformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.');
  }
  const patterns = names.map((name) => parsePattern(name.toLowerCase(), false));
  if (item.Action !== undefined) statement.actions = patterns;
  else statement.notActions = patterns;
}

function addResources(
  statement: Statement,
  item: Json,
  kind: PolicyKind,
  variables: boolean,
): void {
  const given = item.Resource ?? item.NotResource;
  if (kind === 'trust') {
    if (given !== undefined) throw new MalformedPolicy('Has prohibited field Resource');
    return;
  }
  if (given === undefined) throw new MalformedPolicy('Policy statement must contain resources.');
  if (item.Resource !== undefined && item.NotResource !== undefined)
    throw new MalformedPolicy(SYNTAX);
  for (const resource of strings(given)) {
    if (kind !== 'identity' || resource === '*') continue;
    if (!resource.startsWith('arn:') || resource.split(':').length < 6)
      throw new MalformedPolicy(`Resource ${resource} must be in ARN format or "*".`);
  }
  const patterns = strings(given).map((resource) => parsePattern(resource, variables));
  if (item.Resource !== undefined) statement.resources = patterns;
  else statement.notResources = patterns;
}

function addPrincipals(statement: Statement, item: Json, kind: PolicyKind): void {
  const given = item.Principal ?? item.NotPrincipal;
  if (kind === 'identity') {
    if (given !== undefined)
      throw new MalformedPolicy('Policy document should not specify a principal.');
    return;
  }
  if (given === undefined) throw new MalformedPolicy('Missing required field Principal');
  if (kind === 'trust' && item.NotPrincipal !== undefined && item.Effect === 'Allow')
    throw new MalformedPolicy('Allow with NotPrincipal is not allowed.');
  const set = parsePrincipals(given);
  if (item.Principal !== undefined) statement.principals = set;
  else statement.notPrincipals = set;
}

function parsePrincipals(given: unknown): PrincipalSet {
  if (given === '*') return { aws: ['*'], services: [], others: [] };
  if (!isObject(given)) throw new MalformedPolicy(SYNTAX);
  const set: PrincipalSet = { aws: [], services: [], others: [] };
  for (const [type, value] of Object.entries(given)) {
    if (type === 'AWS') append(set.aws, strings(value).map(checkAwsPrincipal));
    else if (type === 'Service') append(set.services, strings(value).map(checkService));
    else if (type === 'Federated' || type === 'CanonicalUser') append(set.others, strings(value));
    else throw new MalformedPolicy(SYNTAX);
  }
  return set;
}

function checkAwsPrincipal(name: string): string {
  if (name === '*' || /^\d{12}$/.test(name) || /^A(RO|ID)A[A-Z0-9]+$/.test(name)) return name;
  if (/^arn:aws:(iam|sts)::\d{12}:(root|user\/|role\/|assumed-role\/|federated-user\/)/.test(name))
    return name;
  throw new MalformedPolicy(`Invalid principal in policy: "AWS":"${name}"`);
}

function checkService(name: string): string {
  if (/^[a-z0-9.-]+\.(amazonaws\.com|amazon\.com|internal)$/.test(name)) return name;
  throw new MalformedPolicy(`Invalid principal in policy: "SERVICE":"${name}"`);
}
