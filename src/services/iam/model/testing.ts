import fc from 'fast-check';
import type { Principal } from '../../../aws/principal.ts';
import { evaluate, type Question } from './evaluate.ts';
import { parsePolicy } from './policy.ts';

// What tests of the evaluator share: who asks, statements, and the question in short.

export const ACCOUNT = '111122223333';
export const alice: Principal = {
  type: 'user',
  accountId: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/team/alice`,
  userId: 'AIDAALICE',
  userName: 'alice',
};
export const session: Principal = {
  type: 'assumed-role',
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/s`,
  userId: 'AROADEPLOYER:s',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
  roleName: 'deployer',
  sessionName: 's',
};
/** Somebody whom alice lets in. */
export const federated: Principal = {
  ...{ type: 'federated-user', accountId: ACCOUNT, userId: `${ACCOUNT}:guest`, name: 'guest' },
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/guest`,
  issuer: { type: 'user', arn: alice.arn, userId: 'AIDAALICE' },
  terms: { policies: { arns: [] } },
};
export const service: Principal = {
  type: 'service',
  accountId: ACCOUNT,
  arn: 'codebuild.amazonaws.com',
  userId: 'codebuild.amazonaws.com',
  service: 'codebuild.amazonaws.com',
  sourceArn: `arn:aws:codebuild:us-east-1:${ACCOUNT}:project/app`,
};
export const stranger: Principal = {
  ...alice,
  accountId: '999999999999',
  arn: 'arn:aws:iam::999999999999:user/bob',
  userId: 'AIDABOB',
};

export type Json = Record<string, unknown>;
export const document = (...statements: Json[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
export const allow = (Action: unknown, Resource: unknown = '*', more: Json = {}): Json => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
export const deny = (Action: unknown, Resource: unknown = '*', more: Json = {}): Json => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
});

/** Alice reads an object under identity policies, unless the question says otherwise. */
export function ask(policies: string[], question: Partial<Question> = {}) {
  return evaluate({
    principal: alice,
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::bucket/key',
    context: {},
    identity: policies.map((text) => parsePolicy(text, 'identity')),
    ...question,
  });
}

/** `allowed`, or who refuses and how. */
export const answers = (statements: Json[], question: Partial<Question> = {}) => {
  const verdict = ask(statements.length > 0 ? [document(...statements)] : [], question);
  return verdict.allowed ? 'allowed' : `${verdict.by} ${verdict.explicit ? 'denies' : 'lacks'}`;
};

const actions = fc.constantFrom('s3:GetObject', 's3:Get*', 's3:*', '*', 'iam:*', 's3:PutObject');
const resources = fc.constantFrom(
  '*',
  'arn:aws:s3:::bucket/*',
  'arn:aws:s3:::bucket/key',
  'arn:aws:s3:::other/*',
);
/** A statement of an identity policy. */
export const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Action: actions,
  Resource: resources,
});
