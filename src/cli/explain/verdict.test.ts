import { describe, expect, it, test } from 'vitest';
import { roleOf } from '../../lib/denied.ts';
import { type Denial, denialsIn, distinct, withPath } from './denial.ts';
import { asIdentityPolicy, causesOf, type Policies } from './verdict.ts';

const HERE = '111111111111';
const THERE = '222222222222';
const role = (account = HERE) => `arn:aws:iam::${account}:role/app/deploy`;
const KEY = `arn:aws:kms:us-east-1:${HERE}:key/k`;

describe('what a message says', () => {
  const sentence = (rest: string) =>
    `Could not: User: arn:aws:sts::${HERE}:assumed-role/deploy/web is not authorized to perform: ${rest} (Error Code: AccessDenied)`;

  it.each([
    [
      's3:PutObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:PutObject action',
      [
        's3:PutObject',
        'arn:aws:s3:::b/k',
        'no identity-based policy allows the s3:PutObject action',
      ],
    ],
    [
      `kms:Decrypt on resource: ${KEY} with an explicit deny in a resource-based policy`,
      ['kms:Decrypt', KEY, 'an explicit deny in a resource-based policy'],
    ],
    [`sts:AssumeRole on resource: ${role(THERE)}`, ['sts:AssumeRole', role(THERE), undefined]],
    ['codebuild:StartBuild', ['codebuild:StartBuild', '*', undefined]],
    [
      'iam:GetUser on resource: user mary because no identity-based policy allows it',
      ['iam:GetUser', `arn:aws:iam::${HERE}:user/mary`, 'no identity-based policy allows it'],
    ],
  ])('%s', (rest, [action, resource, because]) => {
    const { sure, possible } = denialsIn(sentence(rest as string));
    const principal = `arn:aws:iam::${HERE}:role/deploy`;
    expect(sure).toEqual([{ principal, action, resource, because }]);
    expect(possible).toEqual([]);
  });

  it('of a bucket alone is each call that there may have been', () => {
    const message = `CodePipeline service role "${role()}" is getting S3 access denied for the S3 bucket "b". Error: Forbidden`;
    expect(denialsIn(message).possible.map(({ action }) => action)).toEqual([
      ...['s3:GetObject', 's3:PutObject', 's3:GetBucketVersioning'],
    ]);
  });

  it('of something else is nothing', () => {
    expect(denialsIn('Build terminated with state: FAILED')).toEqual({ sure: [], possible: [] });
  });

  it('a session is its role’s, with the path where somebody knows it', () => {
    const found = roleOf(`arn:aws:sts::${HERE}:assumed-role/deploy/web`);
    expect(withPath(found, [undefined, role(THERE), role()])).toBe(role());
    expect(withPath(found, [])).toBe(`arn:aws:iam::${HERE}:role/deploy`);
  });

  it('each refusal is told once, with the reason that one of them knows', () => {
    const denial = { principal: role(), action: 'a:B', resource: '*' };
    expect(distinct([{ ...denial, because: 'x' }, denial])).toEqual([{ ...denial, because: 'x' }]);
  });
});

const denial = (action: string, resource: string, more: Partial<Denial> = {}): Denial => ({
  ...{ principal: role(), action, resource, ...more },
});
const policies = (more: Partial<Policies>): Policies => ({
  ...{ identity: 'implicitDeny', resource: 'implicitDeny', delegated: 'implicitDeny', owner: HERE },
  ...more,
});

/** `policy why`, of each cause. */
const causes = (given: Denial, read: Partial<Policies>) =>
  causesOf(given, policies(read)).map(({ policy, why }) => `${policy} ${why}`);

const put = denial('s3:PutObject', 'arn:aws:s3:::b/web/x');
const decrypt = denial('kms:Decrypt', KEY);
const fromThere = { principal: role(THERE) };

test.each<[string, Denial, Partial<Policies>, string[]]>([
  ['neither allows it', put, {}, ['role missing']],
  ['the role denies it', put, { identity: 'explicitDeny', resource: 'allowed' }, ['role denies']],
  [
    'the bucket denies it',
    put,
    { identity: 'allowed', resource: 'explicitDeny' },
    ['bucket policy denies'],
  ],
  ['all allow it by now', put, { identity: 'allowed' }, []],
  ['the key lets nobody in', decrypt, { identity: 'allowed' }, ['key policy missing']],
  ['the key leaves it to the account', decrypt, { delegated: 'allowed' }, ['role missing']],
  [
    'the key is not readable',
    decrypt,
    { identity: 'allowed', resource: undefined, delegated: undefined },
    ['key policy unread'],
  ],
  ['across: both lack it', { ...put, ...fromThere }, {}, ['bucket policy missing', 'role missing']],
  [
    'across: the bucket lacks it',
    { ...put, ...fromThere },
    { identity: 'allowed' },
    ['bucket policy missing'],
  ],
  [
    'across: the role is not readable',
    { ...put, ...fromThere },
    { identity: undefined, resource: 'allowed' },
    ['role unread'],
  ],
  [
    'across: the role is not readable, and IAM tells',
    { ...put, ...fromThere, because: 'no identity-based policy allows it' },
    { identity: undefined, resource: 'allowed' },
    ['role missing'],
  ],
  [
    'across: nothing is readable, and IAM tells',
    { ...put, ...fromThere, because: 'no resource-based policy allows it' },
    { identity: undefined, resource: undefined, delegated: undefined },
    ['bucket policy missing'],
  ],
  [
    'across: the key leaves it to the account',
    { ...decrypt, ...fromThere },
    { delegated: 'allowed' },
    ['role missing'],
  ],
  [
    'a boundary',
    { ...put, because: 'no permissions boundary allows it' },
    { identity: 'allowed' },
    ['permissions boundary missing'],
  ],
  [
    'a trust policy',
    denial('sts:AssumeRole', role(THERE)),
    { identity: 'allowed', resource: undefined, delegated: undefined, owner: THERE },
    ['trust policy unread'],
  ],
])('%s', (_what, given, read, expected) => {
  expect(causes(given, read)).toEqual(expected);
});

it('statements are those that people put into a policy', () => {
  expect(causesOf(put, policies({}))[0]?.statement).toEqual({
    ...{ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::b/*' },
  });
  expect(causesOf(decrypt, policies({ identity: 'allowed' }))[0]?.statement).toEqual({
    ...{ Effect: 'Allow', Principal: { AWS: role() }, Action: 'kms:Decrypt', Resource: '*' },
  });
});

it('of a resource’s policy, the statements for somebody are as if they were his own', () => {
  const statement = (Principal: unknown, Action: string) => ({
    Effect: 'Allow',
    Principal,
    Action,
  });
  const document = JSON.stringify({
    Statement: [
      statement({ AWS: [role(), 'x'] }, 'a:A'),
      statement('*', 'a:B'),
      statement({ AWS: role(THERE) }, 'a:C'),
      statement({ Service: 's3.amazonaws.com' }, 'a:D'),
    ],
  });
  const own = JSON.parse(asIdentityPolicy(document, [role()]) ?? '{}');
  expect(own.Statement).toEqual([
    { Resource: '*', Effect: 'Allow', Action: 'a:A' },
    { Resource: '*', Effect: 'Allow', Action: 'a:B' },
  ]);
  expect(asIdentityPolicy(document.replace('"*"', '"y"'), ['z'])).toBeUndefined();
  expect(asIdentityPolicy('no JSON', ['z'])).toBeUndefined();
});
