import { compilePattern } from '../../../kit/event-pattern/compile.ts';
import { PatternError } from '../../../kit/event-pattern/errors.ts';
import { setOwn } from '../../../lib/own.ts';
import { parseOnce } from '../../../lib/parse-once.ts';
import { invalid } from '../errors.ts';
import type { Message } from './message.ts';
import type { SubscriptionAttributes } from './subscription.ts';

/** Does the subscription want the message? */
export type Filter = (message: Pick<Message, 'message' | 'attributes'>) => boolean;

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const MAX_POLICY_CHARACTERS = 256 * 1024;
const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/**
 * @param scope what the policy is asked about
 * @throws InvalidParameterException
 */
export function compileFilter(policy: string, scope = 'MessageAttributes'): Filter {
  if (policy.length > MAX_POLICY_CHARACTERS)
    throw invalid('FilterPolicy: Filter policy is too large');
  const pattern = parse(policy);
  // First, since it refuses what is too deep to walk through.
  const matches = compile(pattern);
  checkSize(pattern, scope);
  return scope === 'MessageBody'
    ? ({ message }) => matchesBody(matches, message)
    : ({ attributes = {} }) => matches(attributeValues(attributes));
}

const ofAttributes = parseOnce((policy) => compileFilter(policy));
const ofBody = parseOnce((policy) => compileFilter(policy, 'MessageBody'));

/** The filter of a subscription whose policy was taken: read once, however often something is published. */
export function filterOf(attributes: SubscriptionAttributes): Filter {
  const { FilterPolicy: policy, FilterPolicyScope: scope } = attributes;
  if (policy === undefined) return () => true;
  return scope === 'MessageBody' ? ofBody(policy) : ofAttributes(policy);
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
function checkSize(pattern: object, scope: string): void {
  const { keys, combinations, depth } = sizeOf(pattern, 1);
  if (scope === 'MessageAttributes' && depth > 1)
    throw invalid('Filter policy scope MessageAttributes does not support nested filter policy');
  if (keys > MAX_KEYS)
    throw invalid(`FilterPolicy: Filter policy can not have more than ${MAX_KEYS} keys`);
  if (combinations > MAX_COMBINATIONS) throw invalid('FilterPolicy: Filter policy is too complex');
}

interface Size {
  keys: number;
  combinations: number;
  depth: number;
}

/** What stands beside each other multiplies, and alternatives add up. */
function sizeOf(pattern: object, depth: number): Size {
  const size: Size = { keys: 0, combinations: 1, depth };
  for (const [key, below] of Object.entries(pattern)) {
    const part = sizeUnder(key, below, depth);
    size.keys += part.keys;
    size.combinations *= part.combinations;
    size.depth = Math.max(size.depth, part.depth);
  }
  return size;
}

function sizeUnder(key: string, below: unknown, depth: number): Size {
  if (!Array.isArray(below)) return sizeOf(below as object, depth + 1);
  if (key !== '$or') return { keys: 1, combinations: below.length * depth, depth };
  const sizes = below.map((alternative: object) => sizeOf(alternative, depth));
  return {
    keys: sizes.reduce((sum, { keys }) => sum + keys, 0),
    combinations: sizes.reduce((sum, { combinations }) => sum + combinations, 0),
    depth: sizes.reduce((most, one) => Math.max(most, one.depth), depth),
  };
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
