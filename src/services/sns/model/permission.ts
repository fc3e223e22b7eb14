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

interface Policy {
  Statement: { Sid?: string }[];
  [more: string]: unknown;
}

function read(policy: string): Policy {
  const { Statement, ...more } = JSON.parse(policy);
  return { ...more, Statement: [Statement].flat() };
}

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
  const { Statement, ...more } = read(policy);
  if (Statement.some(({ Sid }) => Sid === label)) throw invalid('Statement already exists');
  const principals = accounts.map((account) => `arn:aws:iam::${account}:root`);
  const named = actions.map((action) => `SNS:${action}`);
  const added = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: single(principals) },
    Action: single(named),
    Resource: arn,
  };
  return JSON.stringify({ ...more, Statement: [...Statement, added] });
}

const single = <T>(list: T[]) => (list.length === 1 ? list[0] : list);

/** A topic's policy without the statement of that name; one that is not there is gone. */
export function removeStatement(policy: string, label: string): string {
  const { Statement, ...more } = read(policy);
  const rest = Statement.filter(({ Sid }) => Sid !== label);
  return JSON.stringify({ ...more, Statement: rest });
}
