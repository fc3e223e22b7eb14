import { parseArn } from '../../../aws/arn.ts';
import type { Conditions, Principal, SessionTerms } from '../../../aws/principal.ts';
import { tagConditions } from '../../../kit/tags.ts';
import {
  duplicateTags,
  noSessionPolicy,
  policyTooLarge,
  reservedTag,
  sourceIdentityStays,
  tagsTooLarge,
  tooManyPolicies,
  transitiveTagIsNone,
  transitiveTagStays,
} from '../errors.ts';
import { PACKED_BYTES, SESSION_POLICY_ARNS, SESSION_POLICY_SIZE } from '../limits.ts';

/** What the input of a call says of the session that it asks for. */
export interface GivenTerms {
  Policy?: string | undefined;
  PolicyArns?: { arn?: string | undefined }[] | undefined;
  Tags?: { Key: string | undefined; Value: string | undefined }[] | undefined;
  TransitiveTagKeys?: string[] | undefined;
  SourceIdentity?: string | undefined;
}

/**
 * The terms of a session, or undefined when there are none: what is given, and what the calling session hands on, its
 * source identity and transitive tags.
 * @param accountId of the session, whose managed policies can limit it
 * @throws AwsError InvalidParameterValue, ValidationError; PackedPolicyTooLargeException
 */
export function sessionTerms(
  given: GivenTerms,
  caller: Principal,
  accountId: string,
): SessionTerms | undefined {
  const from = 'terms' in caller ? caller.terms : undefined;
  const policies = policiesOf(given, accountId);
  const { tags, transitiveTagKeys } = tagsOf(given, from);
  const sourceIdentity = given.SourceIdentity ?? from?.sourceIdentity;
  if (from?.sourceIdentity !== undefined && sourceIdentity !== from.sourceIdentity)
    throw sourceIdentityStays();
  const terms: SessionTerms = {
    ...(policies && { policies }),
    ...(tags.length > 0 && { tags }),
    ...(transitiveTagKeys.length > 0 && { transitiveTagKeys }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
  const percent = packedSize(terms);
  if (percent > 100) throw tagsTooLarge(percent);
  return Object.keys(terms).length > 0 ? terms : undefined;
}

/** Per cent of the room that a session's token has for policies and tags; at least 1 when it has any. */
export function packedSize({ policies, tags }: SessionTerms): number {
  if (!policies && !tags) return 0;
  const bytes = Buffer.byteLength(JSON.stringify({ policies, tags }));
  return Math.ceil((100 * bytes) / PACKED_BYTES);
}

function policiesOf(
  { Policy: document, PolicyArns = [] }: GivenTerms,
  accountId: string,
): SessionTerms['policies'] {
  if (document === undefined && PolicyArns.length === 0) return undefined;
  if (PolicyArns.length > SESSION_POLICY_ARNS) throw tooManyPolicies(SESSION_POLICY_ARNS);
  const arns = PolicyArns.map(({ arn = '' }) => checkedArn(arn, accountId));
  const size = [document ?? '', ...arns].reduce((sum, { length }) => sum + length, 0);
  if (size > SESSION_POLICY_SIZE)
    throw policyTooLarge(Math.ceil((100 * size) / SESSION_POLICY_SIZE));
  return { ...(document !== undefined && { document }), arns };
}

function checkedArn(text: string, accountId: string): string {
  const arn = parseArn(text);
  const known = arn?.accountId === 'aws' || arn?.accountId === accountId;
  if (!known || arn.service !== 'iam' || !arn.resource.startsWith('policy/'))
    throw noSessionPolicy(text);
  return text;
}

function tagsOf({ Tags = [], TransitiveTagKeys = [] }: GivenTerms, from: SessionTerms | undefined) {
  const given = Tags.map(({ Key = '', Value = '' }) => ({ Key, Value }));
  const keys = new Set(given.map(({ Key }) => Key.toLowerCase()));
  if (keys.size !== given.length) throw duplicateTags();
  if ([...keys].some((key) => key.startsWith('aws:'))) throw reservedTag();
  if (TransitiveTagKeys.some((key) => !keys.has(key.toLowerCase()))) throw transitiveTagIsNone();
  const inherited = from?.transitiveTagKeys ?? [];
  if (inherited.some((key) => keys.has(key))) throw transitiveTagStays();
  const handedOn = (from?.tags ?? []).filter(({ Key }) => inherited.includes(Key.toLowerCase()));
  return {
    tags: [...handedOn, ...given],
    transitiveTagKeys: [...inherited, ...TransitiveTagKeys.map((key) => key.toLowerCase())],
  };
}

/** The condition keys of a call that asks for a session on these terms. */
export function termsConditions(
  { Tags, TransitiveTagKeys = [], SourceIdentity }: GivenTerms,
  terms: SessionTerms | undefined,
): Conditions {
  const sourceIdentity = SourceIdentity ?? terms?.sourceIdentity;
  return {
    ...tagConditions({ Tags }),
    ...(TransitiveTagKeys.length > 0 && { 'sts:transitivetagkeys': TransitiveTagKeys }),
    ...(sourceIdentity !== undefined && { 'sts:sourceidentity': sourceIdentity }),
  };
}
