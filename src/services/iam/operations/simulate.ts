import type * as sdk from '@aws-sdk/client-iam';
import { MalformedPolicyDocumentException } from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import type { Principal } from '../../../aws/principal.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { setOwn } from '../../../lib/own.ts';
import { checkPolicy, invalidInput, noSuchIdentity } from '../errors.ts';
import { awsManagedDocument } from '../model/aws-managed.ts';
import { evaluate } from '../model/evaluate.ts';
import { identityArn, userPrincipal } from '../model/names.ts';
import type { Policy } from '../model/policy.ts';
import { findIdentity, type Identity, listGroupsOf } from '../store/identities.ts';
import { documentsOf, findManagedDocument } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';
import { iam } from './declare.ts';
import { slice } from './shared.ts';

/** Condition keys in lower case. */
type Context = Record<string, string | string[]>;

const ALL = { after: '', limit: 1000 };

type Input = Omit<sdk.SimulatePrincipalPolicyCommandInput, 'PolicySourceArn'> &
  Omit<sdk.SimulateCustomPolicyCommandInput, 'PolicyInputList'>;

/** Parameters that change the answer in ways that are not built. */
const UNSUPPORTED = [
  'OrderedOrganizationPolicyInputList',
  ...['PolicyExclusionList', 'ResourcePolicy', 'ResourceOwner', 'ResourceHandlingOption'],
] as (keyof Input)[];

function refuseUnsupported(input: Input): void {
  for (const name of UNSUPPORTED) {
    const value = input[name] as { length: number } | undefined;
    if (value !== undefined && value.length > 0)
      throw unsupported(`the parameter ${name} of policy simulation`);
  }
}

/** Whose calls are simulated, and all that decides them. */
interface Simulated {
  principal: Principal;
  /** What a call of his would say of him. */
  caller: Context;
  policies: Policy[];
  boundary?: Policy | undefined;
}

/** The boundary that the call gives goes before the caller's own. */
function givenBoundary({ PermissionsBoundaryPolicyInputList: list = [] }: Input) {
  if (list.length > 1) throw invalidInput('Only one permissions boundary can be simulated.');
  return parsed(list)[0];
}

/** What a call of the simulated caller's would say of him, and over it what the input says. */
function contextOf(input: Input, caller: Context): Context {
  const context: Context = Object.assign(Object.create(null), caller);
  for (const {
    ContextKeyName = '',
    ContextKeyValues = [],
    ContextKeyType,
  } of input.ContextEntries ?? [])
    setOwn(
      context,
      ContextKeyName.toLowerCase(),
      ContextKeyType?.endsWith('List') ? ContextKeyValues : (ContextKeyValues[0] ?? ''),
    );
  return context;
}

function simulate(
  ctx: ServiceContext,
  input: Input,
  { principal, caller, policies, boundary: own }: Simulated,
) {
  refuseUnsupported(input);
  const boundary = givenBoundary(input) ?? own;
  const context = contextOf(input, caller);
  const results: sdk.EvaluationResult[] = [];
  for (const action of input.ActionNames ?? []) {
    for (const resource of input.ResourceArns?.length ? input.ResourceArns : ['*']) {
      const question = { principal, action, resource, context };
      const verdict = evaluate({ ...question, identity: policies, boundary });
      results.push({
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: verdict.allowed
          ? 'allowed'
          : verdict.explicit
            ? 'explicitDeny'
            : 'implicitDeny',
        ...(boundary && {
          PermissionsBoundaryDecisionDetail: {
            AllowedByPermissionsBoundary: evaluate({ ...question, identity: [boundary] }).allowed,
          },
        }),
        MatchedStatements: [],
        MissingContextValues: [],
      });
    }
  }
  const numbered = results.map((result, n) => ({ result, key: String(n).padStart(9, '0') }));
  const { items, more } = slice(ctx, input, numbered, ({ key }) => key);
  return { EvaluationResults: items.map(({ result }) => result), ...more };
}

/** @throws InvalidInputException: what simulation says to a policy that it cannot read */
const parsed = (list: string[] = []) =>
  list.map((text) => {
    try {
      return checkPolicy(text, 'identity');
    } catch (error) {
      throw error instanceof MalformedPolicyDocumentException ? invalidInput(error.message) : error;
    }
  });

export const simulateCustomPolicy = iam('simulateCustomPolicy', {}, async (ctx, input) => {
  // The policies speak for themselves: nobody's identity adds to them.
  const principal: Principal = {
    type: 'user',
    accountId: ctx.accountId,
    arn: '',
    userId: '',
    userName: '',
  };
  const caller = callerOf(input.CallerArn) ?? {};
  return simulate(ctx, input, { principal, caller, policies: parsed(input.PolicyInputList) });
});

export const simulatePrincipalPolicy = iam(
  'simulatePrincipalPolicy',
  {
    resource: (_, input) => input.PolicySourceArn ?? '',
  },
  async (ctx, input) => {
    const own = await policiesOf(ctx.db, ctx.accountId, input.PolicySourceArn ?? '');
    const { identity, boundary } = own;
    const policies = [...own.policies, ...parsed(input.PolicyInputList)];
    const other = input.CallerArn === identityArn(identity) ? undefined : input.CallerArn;
    const caller = callerOf(other) ?? factsOf(identity);
    const principal = userPrincipal(identity);
    return simulate(ctx, input, { principal, caller, policies, boundary });
  },
);

/** The condition keys of a call of this user's or role's. The id of a role's session is not known; a group calls nothing. */
function factsOf(identity: Identity): Context {
  if (identity.kind === 'group') return {};
  const isUser = identity.kind === 'user';
  return {
    'aws:principalarn': identityArn(identity),
    'aws:principalaccount': identity.accountId,
    'aws:principaltype': isUser ? 'User' : 'AssumedRole',
    ...(isUser && { 'aws:username': identity.name, 'aws:userid': identity.id }),
    ...Object.fromEntries(
      identity.data.tags.map(({ Key, Value }) => [`aws:principaltag/${Key.toLowerCase()}`, Value]),
    ),
  };
}

/**
 * Of a CallerArn what the ARN says, and no more: nobody was asked whether the user's id and tags may be known.
 * @throws InvalidInputException when it is no user's
 */
function callerOf(text: string | undefined): Context | undefined {
  if (!text) return undefined;
  const arn = parseArn(text);
  if (arn?.service !== 'iam' || !/^user\/./.test(arn.resource))
    throw invalidInput(`Invalid CallerArn: ${text} is not the ARN of an IAM user.`);
  return {
    'aws:principalarn': text,
    'aws:principalaccount': arn.accountId,
    'aws:principaltype': 'User',
    'aws:username': arn.resource.slice(arn.resource.lastIndexOf('/') + 1),
  };
}

/** The policies of the user, group or role with this ARN. @throws NoSuchEntityException */
async function policiesOf(tx: Tx, accountId: string, text: string) {
  const arn = parseArn(text);
  const [kind = '', ...path] = arn?.resource.split('/') ?? [];
  if (arn?.accountId !== accountId || !['user', 'group', 'role'].includes(kind))
    throw invalidInput(`Invalid Entity Arn: ${text} does not clearly define entity type and name.`);
  const name = path.at(-1) ?? '';
  const identity = await findIdentity(tx, accountId, kind as IdentityKind, name);
  if (!identity) throw noSuchIdentity(kind as IdentityKind, name);
  const groups = kind === 'user' ? await listGroupsOf(tx, identity.id, ALL) : [];
  const ids = [identity.id, ...groups.map(({ id }) => id)];
  const documents = await documentsOf(tx, ids, awsManagedDocument);
  const limit =
    identity.boundary && (await findManagedDocument(tx, identity.boundary, awsManagedDocument));
  const boundary = parsed(limit ? [limit] : [])[0];
  return { identity, policies: parsed(documents), boundary };
}
