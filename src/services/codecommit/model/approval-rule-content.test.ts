import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contentSha256,
  isFor,
  isInPool,
  isSatisfied,
  parseRuleContent,
} from './approval-rule-content.ts';

const A = '123456789012';
const statement = (more: object = {}) => ({
  Type: 'Approvers',
  NumberOfApprovalsNeeded: 1,
  ...more,
});
const content = (more: object = {}) =>
  JSON.stringify({ Version: '2018-11-08', Statements: [statement()], ...more });
const pool = (...ApprovalPoolMembers: unknown[]) =>
  content({ Statements: [statement({ ApprovalPoolMembers })] });

describe('CC-APR-01 the content of a rule', () => {
  test.each([
    content(),
    content({ DestinationReferences: ['refs/heads/main', 'refs/heads/release/*'] }),
    content({ DestinationReferences: [] }),
    pool(),
    pool(`CodeCommitApprovers:${A}:Nikhil_Jayashankar`, `CodeCommitApprovers:${A}:user/*`),
    pool(`arn:aws:sts::${A}:assumed-role/CodeCommitReview/*`, `arn:aws:iam::${A}:user/a/b`),
    pool(`arn:aws-cn:iam::${A}:root`, `arn:aws:sts::${A}:federated-user/Mary`),
    pool(...Array(50).fill(`CodeCommitApprovers:${A}:a`)),
    content({ Statements: [statement(), statement({ NumberOfApprovalsNeeded: 200 })] }),
  ])('takes %s', (text) => {
    expect(parseRuleContent(text)).toBeDefined();
  });

  test.each([
    '',
    'x',
    '[]',
    'null',
    // The AWS command's own example, in which the quotation marks are missing.
    '{Version: 2018-11-08, Statements: [{Type: "Approvers", NumberOfApprovalsNeeded: 1}]}}',
    content({ Version: '2012-10-17' }),
    content({ Statements: [] }),
    content({ Statements: {} }),
    content({ Statement: [] }),
    content({ Statements: [statement({ Type: 'Owners' })] }),
    content({ Statements: [statement({ Extra: 1 })] }),
    ...[0, -1, 1.5, '1', 201, null].map((NumberOfApprovalsNeeded) =>
      content({ Statements: [statement({ NumberOfApprovalsNeeded })] }),
    ),
    content({ Statements: Array(11).fill(statement()) }),
    pool(1),
    pool('Mary'),
    pool('CodeCommitApprovers:1:Mary'),
    pool(`CodeCommitApprovers:${A}:`),
    pool(`CodeCommitApprovers:${A}:a b`),
    pool('arn:aws:s3:::bucket'),
    pool(`arn:aws:iam::*:user/Mary`),
    pool('*'),
    pool(...Array(51).fill(`CodeCommitApprovers:${A}:a`)),
    content({ DestinationReferences: ['main'] }),
    content({ DestinationReferences: ['refs/heads/*'] }),
    content({ DestinationReferences: ['refs/tags/v1'] }),
    content({ DestinationReferences: 'refs/heads/main' }),
    content({ DestinationReferences: Array(101).fill('refs/heads/a') }),
    content({ Statements: [statement({ __proto__: null, constructor: 1 })] }),
    content() + ' '.repeat(3000),
  ])('refuses %s', (text) => {
    expect(parseRuleContent(text)).toBeUndefined();
  });

  test('refuses or takes whatever it is told, and never fails', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseRuleContent(text);
      }),
    );
  });

  test('has the SHA-256 of its text', () => {
    expect(contentSha256('{}')).toBe(
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    );
  });
});

test.each([
  [undefined, 'refs/heads/main', true],
  [[], 'refs/heads/main', true],
  [['refs/heads/main'], 'refs/heads/main', true],
  [['refs/heads/main'], 'refs/heads/maintenance', false],
  [['refs/heads/release/*'], 'refs/heads/release/1/2', true],
  [['refs/heads/x', 'refs/heads/m*n'], 'refs/heads/main', true],
  [['refs/heads/x'], 'refs/heads/main', false],
])('CC-APR-04: a template for %s goes to pull requests into %s: %s', (destinations, branch, is) => {
  expect(isFor({ statements: [], destinations }, branch)).toBe(is);
});

const USER = `arn:aws:iam::${A}:user/Mary_Major`;
const DEEP = `arn:aws:iam::${A}:user/team/Mary_Major`;
const FEDERATED = `arn:aws:sts::${A}:federated-user/Mary_Major`;
const SESSION = `arn:aws:sts::${A}:assumed-role/CodeCommitReview/Mary_Major`;
const STRANGER = 'arn:aws:iam::210987654321:user/Mary_Major';

test.each([
  [`CodeCommitApprovers:${A}:Mary_Major`, [USER, DEEP, FEDERATED]],
  [`CodeCommitApprovers:${A}:*Mary_Major`, [USER, DEEP, FEDERATED, SESSION]],
  [`CodeCommitApprovers:${A}:CodeCommitReview/Mary_Major`, [SESSION]],
  [`CodeCommitApprovers:${A}:CodeCommitReview/*`, [SESSION]],
  [`CodeCommitApprovers:${A}:user/*`, [USER, DEEP]],
  [`CodeCommitApprovers:${A}:*`, [USER, DEEP, FEDERATED, SESSION]],
  [`CodeCommitApprovers:${A}:mary_major`, []],
  ['CodeCommitApprovers:210987654321:Mary_Major', [STRANGER]],
  [USER, [USER]],
  [`arn:aws:iam::${A}:user/*`, [USER, DEEP]],
  [`arn:aws:sts::${A}:assumed-role/CodeCommitReview/*`, [SESSION]],
  [`arn:aws:sts::${A}:assumed-role/CodeCommit*`, [SESSION]],
  [`arn:aws:sts::${A}:assumed-role/Other/*`, []],
])('CC-APR-02: %s counts approvals of %s', (member, counted) => {
  const all = [USER, DEEP, FEDERATED, SESSION, STRANGER];
  expect(all.filter((arn) => isInPool(member, arn))).toEqual(counted);
});

test('a pattern made to be slow is not', () => {
  const member = `CodeCommitApprovers:${A}:${'*a'.repeat(1000)}b`;
  const arn = `arn:aws:iam::${A}:user/${'a'.repeat(2000)}`;
  const began = performance.now();
  expect(isInPool(member, arn)).toBe(false);
  expect(performance.now() - began).toBeLessThan(1000);
});

test('CC-APR-03: every statement needs as many as it says, of its pool, each counted once', () => {
  const two = { needed: 2, pool: [USER, SESSION] };
  const rule = { statements: [two, { needed: 3, pool: undefined }], destinations: undefined };
  expect(isSatisfied(rule, [USER, USER, USER])).toBe(false);
  expect(isSatisfied(rule, [USER, SESSION])).toBe(false);
  expect(isSatisfied(rule, [USER, FEDERATED, STRANGER])).toBe(false);
  expect(isSatisfied(rule, [USER, SESSION, FEDERATED])).toBe(true);
});
