import type { AccessControlPolicy, Grant } from '@aws-sdk/client-s3';
import {
  aclsNotSupported,
  invalidArgument,
  invalidRequest,
  malformedAcl,
  missingAcl,
  unexpectedContent,
} from '../errors.ts';
import { MAX_GRANTS } from '../limits.ts';

// ACLs are read as AWS reads them, so that what is wrong is said as AWS says it. Then only those are taken that say what is so
// anyway: buckets are BucketOwnerEnforced, and the owner has everything.

/** The members of inputs that name an ACL by headers. */
export interface AclHeaders {
  ACL?: string | undefined;
  GrantFullControl?: string | undefined;
  GrantRead?: string | undefined;
  GrantReadACP?: string | undefined;
  GrantWrite?: string | undefined;
  GrantWriteACP?: string | undefined;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
const CANNED = [
  ...['private', 'public-read', 'public-read-write', 'aws-exec-read', 'authenticated-read'],
  ...['bucket-owner-read', 'bucket-owner-full-control', 'log-delivery-write'],
];
/** Of a bucket owner's own things they say the same. */
const OWNERS = ['private', 'bucket-owner-full-control'];
const PERMISSIONS = ['FULL_CONTROL', 'READ', 'READ_ACP', 'WRITE', 'WRITE_ACP'];
const ACS = 'http://acs.amazonaws.com/groups';
const GROUPS = [
  `${ACS}/global/AllUsers`,
  `${ACS}/global/AuthenticatedUsers`,
  `${ACS}/s3/LogDelivery`,
];
const CANONICAL_ID = /^[0-9a-f]{64}$/;

/** @throws InvalidRequest, InvalidArgument, AccessControlListNotSupported */
export function checkAclHeaders(headers: AclHeaders): void {
  const { ACL: canned } = headers;
  if (canned !== undefined && grantsByHeader(headers))
    throw invalidRequest('Specifying both Canned ACLs and Header Grants is not allowed');
  if (canned !== undefined && !CANNED.includes(canned))
    throw invalidArgument('', 'x-amz-acl', canned);
  if (grantsByHeader(headers) || (canned !== undefined && !OWNERS.includes(canned)))
    throw aclsNotSupported();
}

const grantsByHeader = (headers: AclHeaders): boolean =>
  [
    ...[headers.GrantFullControl, headers.GrantRead, headers.GrantReadACP],
    ...[headers.GrantWrite, headers.GrantWriteACP],
  ].some((grantees) => grantees !== undefined);

/**
 * Of PutBucketAcl and PutObjectAcl.
 * @param policy what the body says; undefined when there is none
 * @param owner the canonical id of the bucket's owner
 * @throws MissingSecurityHeader, UnexpectedContent, MalformedACLError and what `checkAclHeaders` throws
 */
export function checkAcl(
  headers: AclHeaders,
  policy: AccessControlPolicy | undefined,
  owner: string,
): void {
  const byHeader = headers.ACL !== undefined || grantsByHeader(headers);
  if (!byHeader && !policy) throw missingAcl();
  if (byHeader && policy) throw unexpectedContent();
  checkAclHeaders(headers);
  if (!policy) return;
  const grants = grantsOf(policy);
  const owners = grants.filter(
    ({ Grantee, Permission }) =>
      Grantee?.Type === 'CanonicalUser' && Grantee.ID === owner && Permission === 'FULL_CONTROL',
  );
  if (policy.Owner?.ID !== owner || grants.length === 0 || owners.length < grants.length)
    throw aclsNotSupported();
}

/** @throws MalformedACLError, InvalidArgument */
function grantsOf({ Owner, Grants }: AccessControlPolicy): Grant[] {
  if (!Owner || !Grants || Grants.length > MAX_GRANTS) throw malformedAcl();
  checkId(Owner.ID);
  for (const { Grantee, Permission = '' } of Grants) {
    if (!PERMISSIONS.includes(Permission)) throw malformedAcl();
    if (Grantee?.Type === 'CanonicalUser') checkId(Grantee.ID);
    else if (Grantee?.Type === 'Group') checkGroup(Grantee.URI);
    else if (Grantee?.Type !== 'AmazonCustomerByEmail') throw malformedAcl();
  }
  return Grants;
}

function checkId(id = ''): void {
  if (!CANONICAL_ID.test(id)) throw invalidArgument('Invalid id', 'CanonicalUser/ID', id);
}

function checkGroup(uri = ''): void {
  if (!GROUPS.includes(uri)) throw invalidArgument('Invalid group uri', 'Group/URI', uri);
}
