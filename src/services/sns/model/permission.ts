import {
  allowAccounts,
  readPolicy,
  withoutStatement,
  withStatement,
} from '../../../kit/policy-statements.ts';
import { invalid } from '../errors.ts';

interface Permission {
  arn: string;
  label: string;
  accounts: readonly string[];
  actions: readonly string[];
}

/** Actions that AddPermission takes: https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
const ACTIONS = new Set([
  ...['Publish', 'RemovePermission', 'SetTopicAttributes', 'DeleteTopic', 'Subscribe'],
  ...['ListSubscriptionsByTopic', 'GetTopicAttributes', 'AddPermission', 'Receive'],
  ...['ListTagsForResource', 'GetDataProtectionPolicy', 'PutDataProtectionPolicy', '*'],
]);

/** A topic's policy with a statement that lets accounts do something. @throws InvalidParameterException */
export function addStatement(
  policy: string,
  { arn, label, accounts, actions }: Permission,
): string {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(label)) throw invalid('Label');
  if (accounts.length === 0 || accounts.some((account) => !/^\d{12}$/.test(account)))
    throw invalid('AWSAccountId');
  const wrong = actions.find((action) => !ACTIONS.has(action));
  if (actions.length === 0 || wrong !== undefined)
    throw invalid('Policy statement action out of service scope!');
  const known = readPolicy(policy);
  if (known.Statement.some(({ Sid }) => Sid === label)) throw invalid('Statement already exists');
  const named = actions.map((action) => `SNS:${action}`);
  return withStatement(known, allowAccounts(label, accounts, named, arn));
}

/** A topic's policy without the statement of that name; one that is not there is gone. */
export const removeStatement = (policy: string, label: string): string =>
  JSON.stringify(withoutStatement(readPolicy(policy), label));
