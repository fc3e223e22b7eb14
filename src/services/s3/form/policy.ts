import { AwsError } from '../../../aws/errors.ts';

/** What a form may hold: signed by whoever gave it away. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
export interface PostPolicy {
  expires: Date;
  conditions: Condition[];
}

interface Comparison {
  kind: 'eq' | 'starts-with';
  field: string;
  value: string;
  text: string;
}

type Condition = Comparison | { kind: 'range'; least: number; most: number };

/** Bytes that the file may have. */
export interface SizeRange {
  least: number;
  most: number;
}

const invalid = (why: string) =>
  new AwsError('InvalidPolicyDocument', `Invalid Policy: ${why}`, 400);
const refused = (why: string) =>
  new AwsError('AccessDenied', `Invalid according to Policy: ${why}`, 403);

/** Reads the base64 of a policy. @throws AwsError InvalidPolicyDocument */
export function parsePostPolicy(base64: string): PostPolicy {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    throw invalid('Invalid JSON.');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw invalid('Invalid JSON.');
  const { expiration, conditions } = document as Record<string, unknown>;
  if (expiration === undefined) throw invalid('Policy missing expiration.');
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(expiration))
    ? Date.parse(String(expiration))
    : Number.NaN;
  if (Number.isNaN(time)) throw invalid(`Invalid 'expiration' value: '${String(expiration)}'`);
  if (conditions === undefined) throw invalid('Policy missing conditions.');
  if (!Array.isArray(conditions)) throw invalid('Invalid conditions.');
  return { expires: new Date(time), conditions: conditions.map(parseCondition) };
}

function parseCondition(condition: unknown): Condition {
  if (Array.isArray(condition)) return parseList(condition);
  if (typeof condition !== 'object' || condition === null)
    throw invalid('Invalid Condition: conditions must be lists or objects.');
  const entries = Object.entries(condition);
  const [name, value] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined)
    throw invalid(
      'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
    );
  return comparison('eq', name, value);
}

function parseList(list: unknown[]): Condition {
  const [operator, first, second] = list;
  const kind = String(operator).toLowerCase();
  if (kind === 'content-length-range') {
    const [least, most] = [first, second].map((n) =>
      /^\d{1,15}$/.test(String(n)) ? Number(n) : -1,
    );
    if (list.length !== 3 || least === undefined || most === undefined || least < 0 || most < 0)
      throw invalid('Invalid Condition: content-length-range takes two numbers.');
    return { kind: 'range', least, most };
  }
  if (kind !== 'eq' && kind !== 'starts-with')
    throw invalid(`Invalid Condition: unknown operation '${String(operator)}'.`);
  if (list.length !== 3 || typeof first !== 'string' || !first.startsWith('$'))
    throw invalid(`Invalid Condition: ${kind} takes a field, which begins with $, and a value.`);
  return comparison(kind, first.slice(1), second);
}

function comparison(kind: 'eq' | 'starts-with', name: string, value: unknown): Condition {
  if (typeof value !== 'string') throw invalid('Invalid Condition: values must be strings.');
  return { kind, field: name.toLowerCase(), value, text: `["${kind}", "$${name}", "${value}"]` };
}

/** Fields that a policy need not name: what signs it, and the file. */
const FREE_FIELDS = ['file', 'policy', 'signature', 'x-amz-signature', 'awsaccesskeyid'];

/**
 * Whether a form is what its policy says: each condition holds, and no field is there that none speaks of.
 * @param fields the form's, `${filename}` replaced, and `bucket`
 * @returns what the file may weigh @throws AwsError AccessDenied in S3's words
 */
export function checkPostPolicy(
  policy: PostPolicy,
  fields: ReadonlyMap<string, string>,
  now: Date,
): SizeRange {
  if (now >= policy.expires) throw refused('Policy expired.');
  const range = { least: 0, most: Number.MAX_SAFE_INTEGER };
  const named = new Set<string>();
  for (const condition of policy.conditions) {
    if (condition.kind === 'range') {
      range.least = Math.max(range.least, condition.least);
      range.most = Math.min(range.most, condition.most);
      continue;
    }
    named.add(condition.field);
    if (!holds(condition, fields.get(condition.field) ?? ''))
      throw refused(`Policy Condition failed: ${condition.text}`);
  }
  const extra = [...fields.keys()].find(
    (name) => !named.has(name) && !FREE_FIELDS.includes(name) && !name.startsWith('x-ignore-'),
  );
  if (extra !== undefined) throw refused(`Extra input fields: ${extra}`);
  return range;
}

function holds(condition: Comparison, given: string): boolean {
  if (condition.kind === 'eq') return given === condition.value;
  // Several types in one field are a list, each of which must begin so.
  const values = condition.field === 'content-type' ? given.split(',') : [given];
  return values.every((value) => value.trim().startsWith(condition.value));
}
