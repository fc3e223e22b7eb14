import type { Grant } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { checkAcl, checkAclHeaders } from './acl.ts';

const OWNER = 'a'.repeat(64);
const STRANGER = 'b'.repeat(64);
const EVERYBODY = 'http://acs.amazonaws.com/groups/global/AllUsers';

const grant = (ID = OWNER, Permission = 'FULL_CONTROL', more: object = {}) =>
  ({ Grantee: { Type: 'CanonicalUser', ID, ...more }, Permission }) as Grant;
const policy = (...Grants: Grant[]) => ({ Owner: { ID: OWNER }, Grants });
const group = (URI: string) => grant('', 'READ', { Type: 'Group', ID: undefined, URI });
const codeOf = (run: () => void) => {
  try {
    run();
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('an ACL', () => {
  test.each([
    ['none', {}, undefined, 'MissingSecurityHeader'],
    ['of the owner alone', {}, policy(grant()), 'taken'],
    ['of the owner in a word', { ACL: 'private' }, undefined, 'taken'],
    ['for everybody', { ACL: 'public-read' }, undefined, 'AccessControlListNotSupported'],
    ['that there is not', { ACL: 'constructor' }, undefined, 'InvalidArgument'],
    ['in two ways', { ACL: 'private', GrantRead: `id=${OWNER}` }, undefined, 'InvalidRequest'],
    ['in a header and a body', { ACL: 'private' }, policy(grant()), 'UnexpectedContent'],
    ['in headers', { GrantWrite: '\u0001' }, undefined, 'AccessControlListNotSupported'],
    ['in an empty header', { GrantReadACP: '' }, undefined, 'AccessControlListNotSupported'],
    ['without a grant', {}, policy(), 'AccessControlListNotSupported'],
    ['of a hundred grants', {}, policy(...Array(100).fill(grant())), 'taken'],
    ['of thousands', {}, policy(...Array(5000).fill(grant())), 'MalformedACLError'],
    ['of another too', {}, policy(grant(), grant(STRANGER)), 'AccessControlListNotSupported'],
    ['of less', {}, policy(grant(OWNER, 'READ')), 'AccessControlListNotSupported'],
    [
      'of a permission that there is not',
      {},
      policy(grant(OWNER, 'toString')),
      'MalformedACLError',
    ],
    ['of an id that is none', {}, policy(grant('\u0000')), 'InvalidArgument'],
    ['of a group', {}, policy(group(EVERYBODY)), 'AccessControlListNotSupported'],
    ['of a group that there is not', {}, policy(group('http://x')), 'InvalidArgument'],
    [
      'of a group under the owner’s id',
      {},
      policy(grant(OWNER, 'FULL_CONTROL', { Type: 'Group', URI: EVERYBODY })),
      'AccessControlListNotSupported',
    ],
    [
      'of a grantee of no kind',
      {},
      policy(grant(OWNER, 'FULL_CONTROL', { Type: '__proto__' })),
      'MalformedACLError',
    ],
    ['with an empty grant', {}, policy({}), 'MalformedACLError'],
    ['of an empty document', {}, {}, 'MalformedACLError'],
    ['without an owner', {}, { Grants: [grant()] }, 'MalformedACLError'],
    [
      'of another owner',
      {},
      { Owner: { ID: STRANGER }, Grants: [grant()] },
      'AccessControlListNotSupported',
    ],
  ])('%s', (_, headers, body, code) => {
    expect(codeOf(() => checkAcl(headers, body, OWNER))).toBe(code);
  });

  test('is not asked of who writes an object', () => {
    expect(codeOf(() => checkAclHeaders({}))).toBe('taken');
    expect(codeOf(() => checkAclHeaders({ GrantWrite: 'id=x' }))).toBe(
      'AccessControlListNotSupported',
    );
  });
});
