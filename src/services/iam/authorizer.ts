import type { AuthorizationQuery, Authorizer, Decision } from '../../aws/principal.ts';
import type { Database } from '../../db/database.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { parseOnce } from '../../lib/parse-once.ts';
import { awsManagedDocument } from './model/aws-managed.ts';
import { evaluate } from './model/evaluate.ts';
import { identityIdOf } from './model/names.ts';
import { type Policy, type PolicyKind, parsePolicy } from './model/policy.ts';
import { makeRevisionCache } from './revision-cache.ts';
import { findIdentityById, isAbsentRole, listGroupsOf } from './store/identities.ts';
import { documentsOf } from './store/policies.ts';

/** What IAM knows of a caller beyond what its credentials say. */
interface Known {
  policies: Policy[];
  /** `aws:principaltag/…` */
  tags: Record<string, string>;
}

const NOBODY: Known = { policies: [], tags: {} };
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
}

/** Decides by the policies in the database. */
export function makeAuthorizer({
  database,
  clock = systemClock,
  mode = 'strict',
}: AuthorizerOptions): Authorizer {
  const parse = makeParser();

  async function load(id: string): Promise<Known | undefined> {
    const identity = await findIdentityById(database.db, id);
    if (!identity) return undefined;
    const groups = identity.kind === 'user' ? await listGroupsOf(database.db, id, ALL) : [];
    const ids = [id, ...groups.map((group) => group.id)];
    const documents = await documentsOf(database.db, ids, awsManagedDocument);
    const tags = identity.data.tags.map(({ Key, Value }) => [
      `aws:principaltag/${Key.toLowerCase()}`,
      Value,
    ]);
    return {
      policies: documents.map((text) => parse(text, 'identity')),
      tags: Object.fromEntries(tags),
    };
  }

  const cache = makeRevisionCache(database, load);

  return {
    async decide(query): Promise<Decision> {
      if (query.principal.type === 'root' && !query.resourcePolicy) return { allowed: true };
      const id = identityIdOf(query.principal);
      const known = id === undefined ? NOBODY : await cache.get(id);
      if (known) return decideEach(query, known, clock.now(), parse);
      // Whom a policy names by ARN is gone: another one of that name is not meant by this session.
      const free = mode === 'relaxed' && (await isAbsentRole(database.db, query.principal));
      if (free) return { allowed: true };
      return { allowed: false, explicit: false, resource: query.resources[0] ?? '*' };
    },
  };
}

function decideEach(
  query: AuthorizationQuery,
  known: Known,
  now: Date,
  parse: (document: string, kind: PolicyKind) => Policy,
): Decision {
  const { principal, action, resourcePolicy } = query;
  const context = {
    'aws:currenttime': now.toISOString(),
    'aws:epochtime': String(Math.floor(now.getTime() / 1000)),
    ...known.tags,
    ...query.conditions,
  };
  const policyOfResource = resourcePolicy && {
    ...resourcePolicy,
    policy: parse(resourcePolicy.document, resourcePolicy.kind),
  };
  for (const resource of query.resources) {
    const verdict = evaluate({
      principal,
      action,
      resource,
      context,
      identity: known.policies,
      resourcePolicy: policyOfResource,
    });
    if (!verdict.allowed)
      return { allowed: false, explicit: verdict.reason !== 'implicit', resource };
  }
  return { allowed: true };
}
