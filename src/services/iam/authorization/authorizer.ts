import type {
  AuthorizationQuery,
  Authorizer,
  Conditions,
  Decision,
  Principal,
  SessionTerms,
} from '../../../aws/principal.ts';
import type { Database } from '../../../db/database.ts';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { parseOnce } from '../../../lib/parse-once.ts';
import { awsManagedDocument } from '../model/aws-managed.ts';
import { evaluate } from '../model/evaluate.ts';
import { MalformedPolicy } from '../model/malformed.ts';
import { identityIdOf } from '../model/names.ts';
import { type Policy, type PolicyKind, parsePolicy } from '../model/policy.ts';
import { findIdentityById, isAbsentRole, listGroupsOf } from '../store/identities.ts';
import { documentsOf, findManagedDocument } from '../store/policies.ts';
import { makeRevisionCache } from '../store/revision-cache.ts';

/** What IAM knows of a caller beyond what its credentials say. */
interface Known {
  policies: Policy[];
  boundary?: Policy | undefined;
  /** `aws:principaltag/…` */
  tags: Record<string, string>;
}

const NOBODY: Known = { policies: [], tags: {} };

/** What a service may do by itself, as a policy. */
function givenTo(principal: Principal): Known {
  if (principal.type !== 'service' || !principal.may) return NOBODY;
  const Statement = { Effect: 'Allow', Action: principal.may, Resource: '*' };
  return { policies: [parsePolicy(JSON.stringify({ Statement }), 'identity')], tags: {} };
}

/** A role that does not exist, in relaxed mode. */
const FREE: Known = {
  policies: [
    parsePolicy('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}', 'identity'),
  ],
  tags: {},
};
/** Instead of a policy that is gone: it allows nothing. */
const NOTHING: Policy = { statements: [] };
/** A user is in at most ten groups. */
const ALL = { after: '', limit: 1000 };

/** Policies by kind and text: parsed once, whoever they are attached to. */
function makeParser(): (document: string, kind: PolicyKind) => Policy {
  const parserOf = (kind: PolicyKind) => parseOnce((document) => parsePolicy(document, kind));
  const parsers = {
    identity: parserOf('identity'),
    trust: parserOf('trust'),
    resource: parserOf('resource'),
  };
  return (document, kind) => parsers[kind](document);
}

export interface AuthorizerOptions {
  database: Pick<Database, 'db'>;
  /** For aws:CurrentTime. */
  clock?: Clock;
  /** `relaxed`: roles that do not exist may do everything. */
  mode?: 'strict' | 'relaxed';
  /** Condition keys of the tags of what an ARN names. Asked where a policy asks for them. */
  resourceTags?: (resource: string) => Promise<Conditions>;
}

/** Decides by the policies in the database. */
export function makeAuthorizer({
  database,
  clock = systemClock,
  mode = 'strict',
  resourceTags = async () => ({}),
}: AuthorizerOptions): Authorizer {
  const parse = makeParser();

  async function load(id: string): Promise<Known | undefined> {
    const identity = await findIdentityById(database.db, id);
    if (!identity) return undefined;
    const groups = identity.kind === 'user' ? await listGroupsOf(database.db, id, ALL) : [];
    const ids = [id, ...groups.map((group) => group.id)];
    const documents = await documentsOf(database.db, ids, awsManagedDocument);
    return {
      policies: documents.map((text) => parse(text, 'identity')),
      boundary: identity.boundary === undefined ? undefined : await loadManaged(identity.boundary),
      tags: tagConditions(identity.data.tags),
    };
  }

  async function loadManaged(arn: string): Promise<Policy> {
    const document = await findManagedDocument(database.db, arn, awsManagedDocument);
    return document === undefined ? NOTHING : parse(document, 'identity');
  }

  const means = (): Means => ({ now: clock.now(), parse, resourceTags });
  const cache = makeRevisionCache(database, load);
  const managed = makeRevisionCache(database, loadManaged);

  /** The policies that a session was made with. */
  async function sessionPolicies(terms: SessionTerms): Promise<Policy[] | undefined> {
    if (!terms.policies) return undefined;
    const { document, arns } = terms.policies;
    const policies = document === undefined ? [] : [parse(document, 'identity')];
    for (const arn of arns) policies.push((await managed.get(arn)) ?? NOTHING);
    return policies;
  }

  return {
    faultOf(policy, kind) {
      try {
        parsePolicy(policy, kind);
      } catch (error) {
        if (error instanceof MalformedPolicy) return error.message;
        throw error;
      }
      return undefined;
    },
    async decide(query): Promise<Decision> {
      const { principal } = query;
      const foreign = query.owner !== undefined && query.owner !== principal.accountId;
      if (principal.type === 'root' && !query.resourcePolicy && !foreign) return { allowed: true };
      const id = identityIdOf(principal);
      const terms = termsOf(principal);
      const session = terms && (await sessionPolicies(terms));
      const known = id === undefined ? givenTo(principal) : await cache.get(id);
      if (known) return decideEach(query, { ...known, session }, means());
      // Whom a policy names by ARN is gone: another one of that name is not meant by this session.
      const free = mode === 'relaxed' && (await isAbsentRole(database.db, principal));
      const resource = query.resources[0] ?? '*';
      if (!free) return { allowed: false, explicit: false, by: 'identity', resource };
      if (!session) return { allowed: true };
      const { owner: _, resourcePolicy: __, ...own } = query;
      return decideEach(own, { ...FREE, session }, means());
    },
  };
}

function tagConditions(tags: readonly { Key: string; Value: string }[]): Record<string, string> {
  return Object.fromEntries(
    tags.map(({ Key, Value }) => [`aws:principaltag/${Key.toLowerCase()}`, Value]),
  );
}

function termsOf(principal: Principal): SessionTerms | undefined {
  return 'terms' in principal ? principal.terms : undefined;
}

/** The condition keys that a session brings along. */
function termsConditions(principal: Principal): Record<string, string> {
  const { tags = [], sourceIdentity } = termsOf(principal) ?? {};
  return {
    ...tagConditions(tags),
    ...(sourceIdentity !== undefined && { 'aws:sourceidentity': sourceIdentity }),
  };
}

/** By what a decision is made beside the policies. */
interface Means {
  now: Date;
  parse: (document: string, kind: PolicyKind) => Policy;
  resourceTags: (resource: string) => Promise<Conditions>;
}

async function decideEach(
  query: AuthorizationQuery,
  { policies, boundary, tags, session }: Known & { session?: Policy[] | undefined },
  { now, parse, resourceTags }: Means,
): Promise<Decision> {
  const { principal, action, owner } = query;
  const context = {
    'aws:currenttime': now.toISOString(),
    'aws:epochtime': String(Math.floor(now.getTime() / 1000)),
    ...tags,
    ...termsConditions(principal),
    ...query.conditions,
  };
  const resourcePolicy = query.resourcePolicy && {
    required: query.resourcePolicy.required,
    policy: parse(query.resourcePolicy.document, query.resourcePolicy.kind),
  };
  const fixed = { principal, action, owner, boundary, session, resourcePolicy };
  const all = [...policies, ...(session ?? []), boundary, resourcePolicy?.policy];
  const asksForTags = all.some((policy) => policy?.asksForTags);
  for (const resource of query.resources) {
    const tagged = asksForTags ? { ...(await resourceTags(resource)), ...context } : context;
    const verdict = evaluate({ ...fixed, context: tagged, identity: policies, resource });
    if (!verdict.allowed) return { ...verdict, resource };
  }
  return { allowed: true };
}
