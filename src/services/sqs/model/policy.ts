import {
  allowAccounts,
  type Policy,
  readPolicy,
  type Statement,
  withoutStatement,
  withStatement,
} from '../../../kit/policy-statements.ts';
import { invalidValue, overLimit } from '../errors.ts';
import { MAX_POLICY_ACTIONS, MAX_POLICY_PRINCIPALS, MAX_POLICY_STATEMENTS } from '../limits.ts';

/** Of a policy that was checked when it was set. */
export const statementsOf = (policy: string): Statement[] => readPolicy(policy).Statement;

/** Actions that AddPermission can give: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
const ACTIONS = new Set([
  ...['*', 'SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'],
  ...['GetQueueAttributes', 'GetQueueUrl', 'ListDeadLetterSourceQueues', 'PurgeQueue'],
]);

/** What AddPermission says. */
export interface Permission {
  label: string;
  accountIds: string[];
  actions: string[];
}

/** @param arn of the queue @returns the policy with a statement more @throws InvalidParameterValue OverLimit */
export function withPermission(
  policy: string | undefined,
  arn: string,
  { label, accountIds, actions }: Permission,
): string {
  const known: Policy = policy
    ? readPolicy(policy)
    : { Version: '2012-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] };
  const statements = known.Statement;
  if (statements.some(({ Sid }) => Sid === label))
    throw invalidValue(`Value ${label} for parameter Label is invalid. Reason: Already exists.`);
  const unknown = actions.find((action) => !ACTIONS.has(action));
  if (unknown !== undefined)
    throw invalidValue(
      `Value SQS:${unknown} for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.`,
    );
  const wrong = accountIds.find((id) => !/^[0-9]{12}$/.test(id));
  if (wrong !== undefined)
    throw invalidValue(
      `Value [${wrong}] for parameter PrincipalId is invalid. Reason: Unable to verify.`,
    );
  if (actions.length > MAX_POLICY_ACTIONS)
    throw overLimit(
      `${actions.length} Actions were found, maximum allowed is ${MAX_POLICY_ACTIONS}.`,
    );
  if (accountIds.length > MAX_POLICY_PRINCIPALS || statements.length >= MAX_POLICY_STATEMENTS)
    throw overLimit('The policy of a queue has a limit of statements and principals.');
  const named = actions.map((action) => `SQS:${action}`);
  return withStatement(known, allowAccounts(label, accountIds, named, arn));
}

/** @returns the policy without the statement of that label, empty where nothing is left @throws InvalidParameterValue */
export function withoutPermission(policy: string | undefined, label: string): string {
  const known = policy ? readPolicy(policy) : { Statement: [] };
  const rest = withoutStatement(known, label);
  if (rest.Statement.length === known.Statement.length)
    throw invalidValue(`Value ${label} for parameter Label is invalid. Reason: can't find label.`);
  return rest.Statement.length === 0 ? '' : JSON.stringify(rest);
}
