import type * as sdk from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import type { Principal } from '../../../aws/principal.ts';
import type { Tx } from '../../../db/database.ts';
import { setOwn } from '../../../lib/own.ts';
import type { ServiceContext } from '../../service.ts';
import { checkPolicy, invalidInput, noSuchIdentity } from '../errors.ts';
import { awsManagedDocument } from '../model/aws-managed.ts';
import { evaluate } from '../model/evaluate.ts';
import { userPrincipal } from '../model/names.ts';
import type { Policy } from '../model/policy.ts';
import { findIdentity, listGroupsOf } from '../store/identities.ts';
import { documentsOf, findManagedDocument } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';
import { iam } from './declare.ts';
import { slice } from './op.ts';

const ALL = { after: '', limit: 1000 };

type Input = Omit<sdk.SimulatePrincipalPolicyCommandInput, 'PolicySourceArn'>;

/** Parameters that change the answer in ways that are not built. */
function refuseUnsupported(input: Input): void {
  for (const name of ['ResourcePolicy', 'ResourceHandlingOption'] as const) {
    const value = input[name];
    if (value !== undefined && value.length > 0)
      throw unsupported(`the parameter ${name} of policy simulation`);
  }
}

/** Whose calls are simulated, and all that decides them. */
interface Simulated {
  principal: Principal;
  policies: Policy[];
  boundary?: Policy | undefined;
}

/** The boundary that the call gives goes before the caller's own. */
function givenBoundary({ PermissionsBoundaryPolicyInputList: list = [] }: Input) {
  if (list.length > 1) throw invalidInput('Only one permissions boundary can be simulated.');
  return parsed(list)[0];
}

function simulate(
  ctx: ServiceContext,
  input: Input,
  { principal, policies, boundary: own }: Simulated,
) {
  refuseUnsupported(input);
  const boundary = givenBoundary(input) ?? own;
  const context: Record<string, string | string[]> = {};
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

const parsed = (list: string[] = []) => list.map((text) => checkPolicy(text, 'identity'));

export const simulateCustomPolicy = iam('simulateCustomPolicy', {}, async (ctx, input) => {
  // The policies speak for themselves: nobody's identity adds to them.
  const nobody: Principal = {
    type: 'user',
    accountId: ctx.accountId,
    arn: '',
    userId: '',
    userName: '',
  };
  return simulate(ctx, input, { principal: nobody, policies: parsed(input.PolicyInputList) });
});

export const simulatePrincipalPolicy = iam(
  'simulatePrincipalPolicy',
  {
    resource: (_, input) => input.PolicySourceArn ?? '',
  },
  async (ctx, input) => {
    const own = await policiesOf(ctx.db, ctx.accountId, input.PolicySourceArn ?? '');
    const policies = [...own.policies, ...parsed(input.PolicyInputList)];
    return simulate(ctx, input, { ...own, policies });
  },
);

/** The policies of the user, group or role with this ARN. @throws NoSuchEntityException */
async function policiesOf(tx: Tx, accountId: string, text: string): Promise<Simulated> {
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
  return { principal: userPrincipal(identity), policies: parsed(documents), boundary };
}
