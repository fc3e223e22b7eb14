import { FilterPolicyLimitExceededException } from '@aws-sdk/client-sns';
import { exception } from '../../../aws/errors.ts';
import { compilePattern } from '../../../kit/event-pattern/compile.ts';
import { PatternError } from '../../../kit/event-pattern/errors.ts';
import { setOwn } from '../../../lib/own.ts';
import { invalid } from '../errors.ts';
import type { Message } from './message.ts';

/** Does the subscription want the message? */
export type Filter = (message: Pick<Message, 'message' | 'attributes'>) => boolean;

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const MAX_POLICY_CHARACTERS = 150_000;
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/** @throws InvalidParameterException, FilterPolicyLimitExceededException */
export function compileFilter(policy: string, scope = 'MessageAttributes'): Filter {
  if (policy.length > MAX_POLICY_CHARACTERS)
    throw invalid('FilterPolicy: Filter policy is too large');
  const pattern = parse(policy);
  checkSize(pattern);
  const matches = compile(pattern);
  return scope === 'MessageBody'
    ? ({ message }) => matchesBody(matches, message)
    : ({ attributes = {} }) => matches(attributeValues(attributes));
}

function parse(policy: string): object {
  let pattern: unknown;
  try {
    pattern = JSON.parse(policy);
  } catch {
    throw invalid('FilterPolicy: failed to parse JSON.');
  }
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern))
    throw invalid('FilterPolicy: Filter policy must be a JSON object');
  return pattern;
}

function compile(pattern: object) {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw invalid(`FilterPolicy: ${error.message}`);
    throw error;
  }
}

/** Leaves of a nested policy count by how deep they lie: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
function checkSize(pattern: object): void {
  let keys = 0;
  let combinations = 1;
  const visit = (value: object, depth: number) => {
    for (const below of Object.values(value)) {
      if (Array.isArray(below)) {
        keys++;
        combinations *= below.length * depth;
      } else if (typeof below === 'object' && below !== null) visit(below, depth + 1);
    }
  };
  visit(pattern, 1);
  if (keys > MAX_KEYS)
    throw exception(
      FilterPolicyLimitExceededException,
      'Invalid parameter: FilterPolicy: Filter policy can not have more than 5 keys',
    );
  if (combinations > MAX_COMBINATIONS)
    throw exception(
      FilterPolicyLimitExceededException,
      'Invalid parameter: FilterPolicy: Filter policy is too complex',
    );
}

function matchesBody(matches: (event: unknown) => boolean, message: string): boolean {
  let body: unknown;
  try {
    body = JSON.parse(message);
  } catch {
    return false;
  }
  return typeof body === 'object' && body !== null && matches(body);
}

/** Attributes as values that a policy can match: binary ones are none. */
function attributeValues(attributes: NonNullable<Message['attributes']>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { type, value }] of Object.entries(attributes)) {
    const matched = matchable(type, value);
    if (matched !== undefined) setOwn(values, name, matched);
  }
  return values;
}

function matchable(type: string, value: string): unknown {
  if (type === 'Number' || type.startsWith('Number.')) return Number(value);
  if (type.startsWith('Binary')) return undefined;
  if (type !== 'String.Array') return value;
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
