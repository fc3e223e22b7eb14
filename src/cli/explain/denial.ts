import { DENIED_RESOURCE, deniedArn, roleOf } from '../../lib/denied.ts';

// What messages of refused calls say, in the words of IAM.

/** A call that was refused. */
export interface Denial {
  /** ARN of who called: a session of a role is the role's. */
  principal: string;
  action: string;
  /** Its ARN, `*`, or undefined where the message does not say. */
  resource: string;
  /** What IAM says of why, where it does. */
  because?: string | undefined;
}

const SENTENCE = new RegExp(
  String.raw`User: (arn:\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: ${DENIED_RESOURCE})?(?: (?:because|with) ([^()\n]*))?`,
  'g',
);

/** CodePipeline's own words, where S3 answers a HEAD: whose role, which bucket, and not which call. */
const BUCKET =
  /service role "(arn:[^"]+)" is getting S3 access denied for the S3 bucket "([^"]+)"/g;

/** What CodePipeline does in a bucket. */
const BUCKET_CALLS = [
  ['s3:GetObject', '/*'],
  ['s3:PutObject', '/*'],
  ['s3:GetBucketVersioning', ''],
] as const;

/** The calls that a message tells of. A denial without a call comes as all that it may have been. */
export function denialsIn(message: string): { sure: Denial[]; possible: Denial[] } {
  const sure = [...message.matchAll(SENTENCE)].map(
    ([, principal = '', action = '', resource, because]): Denial => ({
      principal: roleOf(principal),
      action,
      resource: resource === undefined ? '*' : deniedArn(resource, principal),
      because: because?.trim(),
    }),
  );
  if (sure.length > 0) return { sure, possible: [] };
  const possible = [...message.matchAll(BUCKET)].flatMap(([, principal = '', bucket]) =>
    BUCKET_CALLS.map(([action, below]): Denial => {
      const resource = `arn:aws:s3:::${bucket}${below}`;
      return { principal: roleOf(principal), action, resource };
    }),
  );
  return { sure: [], possible };
}

/** The role as somebody who knows its path calls it. */
export function withPath(arn: string, known: readonly (string | undefined)[]): string {
  const [, account, name] = /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const same = (other: string) =>
    other.startsWith(`arn:aws:iam::${account}:role/`) && other.endsWith(`/${name}`);
  return known.find((other) => other !== undefined && same(other)) ?? arn;
}

/** Each refusal once, whatever it is known from. */
export function distinct(denials: readonly Denial[]): Denial[] {
  const byCall = new Map<string, Denial>();
  for (const denial of denials) {
    const key = [denial.principal, denial.action, denial.resource].join(' ');
    const known = byCall.get(key);
    byCall.set(key, { ...denial, ...(known?.because !== undefined && { because: known.because }) });
  }
  return [...byCall.values()];
}

export const accountOf = (arn: string): string => arn.split(':')[4] ?? '';
