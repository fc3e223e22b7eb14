// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look so
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootPrincipal } from '../../../aws/auth/root.ts';
import type { Principal } from '../../../aws/principal.ts';
import { cpuTime } from '../../../lib/cpu-time.ts';
import type { Context } from './pattern.ts';
import { parsePolicy } from './policy.ts';
import {
  ACCOUNT,
  alice,
  allow,
  answers,
  ask,
  deny,
  document,
  type Json,
  service,
  session,
  statement,
  stranger,
} from './testing.ts';

describe('identity policies', () => {
  it.each<[string, Json[], string]>([
    ['nothing', [allow('s3:PutObject')], 'identity lacks'],
    ['the action', [allow('s3:GetObject')], 'allowed'],
    ['the action in other case', [allow('S3:getobject')], 'allowed'],
    ['actions with *', [allow('s3:Get*')], 'allowed'],
    ['actions with ?', [allow('s3:GetObjec?')], 'allowed'],
    ['all', [allow('*')], 'allowed'],
    ['one action of several', [allow(['s3:PutObject', 's3:GetObject'])], 'allowed'],
    ['all but another action', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'allowed'],
    [
      'all but this action',
      [{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }],
      'identity lacks',
    ],
    ['the resource', [allow('s3:*', 'arn:aws:s3:::bucket/key')], 'allowed'],
    ['the resource in other case', [allow('s3:*', 'arn:aws:s3:::bucket/Key')], 'identity lacks'],
    ['resources with *', [allow('s3:*', 'arn:aws:s3:::buck*/k?y')], 'allowed'],
    ['another resource', [allow('s3:*', 'arn:aws:s3:::other/*')], 'identity lacks'],
    [
      'all but this resource',
      [{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::bucket/*' }],
      'identity lacks',
    ],
    [
      'all but another resource',
      [{ Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::other/*' }],
      'allowed',
    ],
    ['and deny', [allow('*'), deny('s3:GetObject')], 'identity denies'],
    ['deny first', [deny('s3:Get*'), allow('*')], 'identity denies'],
    ['deny something else', [allow('*'), deny('s3:Put*')], 'allowed'],
  ])('allow %s', (_, statements, expected) => {
    expect(answers(statements)).toBe(expected);
  });

  it('a star does not reach over a colon of the ARN, but takes slashes and the colons of the resource', () => {
    const log = 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/codebuild/x:log-stream:y';
    const at = (pattern: string) => answers([allow('s3:*', pattern)], { resource: log });
    expect(at('arn:aws:logs:*:*:log-group:/aws/*')).toBe('allowed');
    expect(at('arn:aws:logs:*:log-group:*:*')).toBe('identity lacks');
    expect(at('arn:*:*:*:*:*')).toBe('allowed');
  });

  it('an action without resource is allowed by * only', () => {
    const asked = { action: 's3:ListAllMyBuckets', resource: '*' };
    expect(answers([allow('s3:*', 'arn:aws:s3:::*')], asked)).toBe('identity lacks');
    expect(answers([allow('s3:*', '*')], asked)).toBe('allowed');
  });

  it('the root needs no policy', () => {
    expect(answers([], { principal: rootPrincipal(ACCOUNT), identity: [] })).toBe('allowed');
  });

  it('fill in policy variables, which are not wildcards', () => {
    const home = [allow('s3:*', ['arn:aws:s3:::bucket/${aws:username}/*'])];
    const of = (name: string, key: string) =>
      answers(home, { resource: `arn:aws:s3:::bucket/${key}`, context: { 'aws:username': name } });
    expect(of('alice', 'alice/x')).toBe('allowed');
    expect(of('alice', 'bob/x')).toBe('identity lacks');
    expect(of('*', 'bob/x')).toBe('identity lacks');
    expect(answers(home, { resource: 'arn:aws:s3:::bucket//x' })).toBe('identity lacks');
    const fallback = [allow('s3:*', "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'all'}/*")];
    expect(answers(fallback, { resource: 'arn:aws:s3:::bucket/all/x' })).toBe('allowed');
    expect(
      answers([allow('s3:*', 'arn:aws:s3:::bucket/${*}')], { resource: 'arn:aws:s3:::bucket/*' }),
    ).toBe('allowed');
    expect(answers([allow('s3:*', 'arn:aws:s3:::bucket/${*}')])).toBe('identity lacks');
  });
});

describe('conditions', () => {
  const given: Context = {
    'aws:username': 'alice',
    'aws:sourceip': '10.1.2.3',
    'aws:currenttime': '2026-01-01T00:00:00Z',
    'aws:securetransport': 'false',
    'aws:principalarn': 'arn:aws:iam::111122223333:role/deployer',
    's3:max-keys': '10',
    'aws:tagkeys': ['a', 'b'],
    'codestar-connections:fullrepositoryid': 'Me/app',
    'codestar-connections:branchname': 'Main',
  };
  it.each<[string, string, unknown, boolean]>([
    ['StringEquals', 'aws:username', 'alice', true],
    ['StringEquals', 'AWS:UserName', ['bob', 'alice'], true],
    ['StringEquals', 'aws:username', 'Alice', false],
    ['StringEquals', 'aws:username', 'a*', false],
    ['StringEquals', 'aws:none', 'alice', false],
    ['StringEquals', 'constructor', 'alice', false],
    ['StringEqualsIfExists', 'aws:none', 'alice', true],
    ['StringEqualsIfExists', 'aws:username', 'bob', false],
    ['StringNotEquals', 'aws:username', 'bob', true],
    ['StringNotEquals', 'aws:username', ['bob', 'alice'], false],
    ['StringNotEquals', 'aws:none', 'bob', true],
    ['StringEqualsIgnoreCase', 'aws:username', 'ALICE', true],
    ['StringNotEqualsIgnoreCase', 'aws:username', 'ALICE', false],
    ['StringEquals', 'codestar-connections:FullRepositoryId', 'me/App', true],
    ['StringNotEquals', 'codestar-connections:FullRepositoryId', 'me/App', false],
    ['StringLike', 'codestar-connections:FullRepositoryId', 'ME/*', true],
    ['StringEquals', 'codestar-connections:BranchName', 'main', false],
    ['StringLike', 'aws:username', 'a*c?', true],
    ['StringLike', 'aws:username', 'A*', false],
    ['StringNotLike', 'aws:username', 'a*', false],
    ['NumericEquals', 's3:max-keys', 10, true],
    ['NumericLessThan', 's3:max-keys', '10', false],
    ['NumericLessThanEquals', 's3:max-keys', '10', true],
    ['NumericGreaterThan', 's3:max-keys', '9.5', true],
    ['NumericNotEquals', 's3:max-keys', '9', true],
    ['NumericEquals', 'aws:username', '9', false],
    ['DateLessThan', 'aws:CurrentTime', '2026-01-02T00:00:00Z', true],
    ['DateGreaterThan', 'aws:CurrentTime', '1767225599', true],
    ['DateEquals', 'aws:CurrentTime', '2026-01-01', true],
    ['Bool', 'aws:SecureTransport', 'false', true],
    ['Bool', 'aws:SecureTransport', true, false],
    ['IpAddress', 'aws:SourceIp', '10.1.0.0/16', true],
    ['IpAddress', 'aws:SourceIp', ['192.168.0.0/16', '10.1.2.3'], true],
    ['IpAddress', 'aws:SourceIp', '2001:db8::/32', false],
    ['IpAddress', 'aws:SourceIp', '10.1.2.3/64', false],
    ['IpAddress', 'aws:SourceIp', '10.1.2.3/x', false],
    ['NotIpAddress', 'aws:SourceIp', '10.1.0.0/16', false],
    ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/dep*', true],
    ['ArnEquals', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/deployer', true],
    ['ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*', false],
    ['Null', 'aws:username', 'false', true],
    ['Null', 'aws:username', 'true', false],
    ['Null', 'aws:none', 'true', true],
    ['ForAllValues:StringEquals', 'aws:TagKeys', ['a', 'b', 'c'], true],
    ['ForAllValues:StringEquals', 'aws:TagKeys', ['a'], false],
    ['ForAllValues:StringEquals', 'aws:none', ['a'], true],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', ['a', 'c'], true],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', ['c'], false],
    ['ForAnyValue:StringEquals', 'aws:none', ['a'], false],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', ['c'], true],
    ['ForAnyValue:StringNotEquals', 'aws:TagKeys', ['a', 'b'], false],
    ['StringEquals', 'aws:username', '${aws:username}', true],
  ])('%s of %s and %j: %s', (operator, key, value, holds) => {
    const statement = allow('*', '*', { Condition: { [operator]: { [key]: value } } });
    expect(answers([statement], { context: given })).toBe(holds ? 'allowed' : 'identity lacks');
  });

  it('must all hold', () => {
    const Condition = {
      StringEquals: { 'aws:username': 'alice' },
      Bool: { 'aws:SecureTransport': 'true' },
    };
    expect(answers([allow('*', '*', { Condition })], { context: given })).toBe('identity lacks');
  });
});

describe('trust policies', () => {
  const ROLE = `arn:aws:iam::${ACCOUNT}:role/deployer`;
  function assume(
    Principal: unknown,
    principal: Principal,
    identity: Json[] = [],
    more: Json = {},
    context: Context = {},
  ) {
    const trust = JSON.stringify({
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...more }],
    });
    const policy = parsePolicy(trust, 'trust');
    return answers(identity, {
      principal,
      action: 'sts:AssumeRole',
      resource: ROLE,
      context,
      owner: ACCOUNT,
      resourcePolicy: { policy, required: true },
    });
  }
  const may = [allow('sts:AssumeRole', ROLE)];

  it.each<[string, unknown, Principal, Json[], string]>([
    ['a user that is named', { AWS: alice.arn }, alice, [], 'allowed'],
    ['a user by its id', { AWS: 'AIDAALICE' }, alice, [], 'allowed'],
    [
      'a user that is named, but denied',
      { AWS: alice.arn },
      alice,
      [deny('sts:*')],
      'identity denies',
    ],
    [
      'a role that is named',
      { AWS: (session as { roleArn: string }).roleArn },
      session,
      [],
      'allowed',
    ],
    ['a session that is named', { AWS: session.arn }, session, [], 'allowed'],
    [
      'nobody in the account without a policy',
      { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      alice,
      [],
      'identity lacks',
    ],
    [
      'who may, where the account is trusted',
      { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      alice,
      may,
      'allowed',
    ],
    ['who may, where the account number is trusted', { AWS: ACCOUNT }, alice, may, 'allowed'],
    [
      'no one who is not trusted, though he may',
      { AWS: session.arn },
      alice,
      may,
      'resource lacks',
    ],
    ['a service that is named', { Service: 'codebuild.amazonaws.com' }, service, [], 'allowed'],
    ['no other service', { Service: 'codepipeline.amazonaws.com' }, service, [], 'resource lacks'],
    [
      'no user where a service is trusted',
      { Service: 'codebuild.amazonaws.com' },
      alice,
      may,
      'resource lacks',
    ],
    [
      'no stranger without a policy of his own',
      { AWS: stranger.arn },
      stranger,
      [],
      'identity lacks',
    ],
    ['a stranger whose own account allows it', { AWS: stranger.arn }, stranger, may, 'allowed'],
    ['a stranger by his account', { AWS: '999999999999' }, stranger, may, 'allowed'],
    ['everyone', '*', alice, [], 'allowed'],
  ])('admit %s', (_, trusted, principal, identity, expected) => {
    expect(assume(trusted, principal, identity)).toBe(expected);
  });

  it('may ask for an external id', () => {
    const more = { Condition: { StringEquals: { 'sts:ExternalId': '42' } } };
    expect(assume({ AWS: alice.arn }, alice, [], more)).toBe('resource lacks');
    expect(assume({ AWS: alice.arn }, alice, [], more, { 'sts:externalid': '42' })).toBe('allowed');
  });
});

it('a service may do by itself what it was given, in the account that it acts for and past no required policy', () => {
  const given = [allow('iam:GetRole')];
  const asked = { principal: service, action: 'iam:GetRole' };
  const policy = parsePolicy(
    document(allow('*', '*', { Principal: { AWS: alice.arn } })),
    'resource',
  );
  expect(answers(given, asked)).toBe('allowed');
  expect(answers(given, { ...asked, owner: service.accountId })).toBe('allowed');
  expect(answers(given, { ...asked, action: 'iam:DeleteRole' })).toBe('resource lacks');
  expect(answers(given, { ...asked, owner: stranger.accountId })).toBe('resource lacks');
  const of = (required: boolean) => ({ ...asked, resourcePolicy: { policy, required } });
  expect(answers(given, of(false))).toBe('allowed');
  expect(answers(given, of(true))).toBe('resource lacks');
  expect(answers([], asked)).toBe('resource lacks');
});

describe('documents that AWS refuses', () => {
  it.each<[string, string, 'identity' | 'trust', RegExp]>([
    ['no JSON', '{', 'identity', /Syntax errors/],
    ['no statement', '{"Version":"2012-10-17"}', 'identity', /Syntax errors/],
    ['an empty list', document(), 'identity', /Syntax errors/],
    ['another version', '{"Version":"2020-01-01","Statement":[]}', 'identity', /valid version/],
    [
      'an effect of its own',
      document({ Effect: 'allow', Action: '*', Resource: '*' }),
      'identity',
      /Syntax errors/,
    ],
    ['no action', document({ Effect: 'Allow', Resource: '*' }), 'identity', /must contain actions/],
    [
      'no resource',
      document({ Effect: 'Allow', Action: 's3:*' }),
      'identity',
      /must contain resources/,
    ],
    ['an action without service', document(allow('GetObject')), 'identity', /prefaced by a vendor/],
    [
      'a resource that is no ARN',
      document(allow('s3:*', 'bucket')),
      'identity',
      /must be in ARN format/,
    ],
    [
      'a principal',
      document(allow('s3:*', '*', { Principal: '*' })),
      'identity',
      /should not specify a principal/,
    ],
    [
      'an unknown element',
      document(allow('s3:*', '*', { Resources: '*' })),
      'identity',
      /Syntax errors/,
    ],
    [
      'an unknown operator',
      document(allow('s3:*', '*', { Condition: { Like: { a: 'b' } } })),
      'identity',
      /Invalid Condition type/,
    ],
    ...['constructor', 'toString', '__proto__', 'ForAnyValue:constructor', 'valueOfIfExists'].map(
      (operator): [string, string, 'identity', RegExp] => [
        `the operator ${operator}, which every object has`,
        document(allow('s3:*', '*', { Condition: JSON.parse(`{"${operator}":{"a":"b"}}`) })),
        'identity',
        /Invalid Condition type/,
      ],
    ),
    [
      'one Sid twice',
      document(allow('s3:*', '*', { Sid: 'a' }), allow('s3:*', '*', { Sid: 'a' })),
      'identity',
      /must be unique/,
    ],
    [
      'a trust with resource',
      document(allow('sts:AssumeRole', '*', { Principal: '*' })),
      'trust',
      /prohibited field Resource/,
    ],
    [
      'a trust of nobody',
      document({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
      'trust',
      /Missing required field Principal/,
    ],
    [
      'a trust for S3',
      document({ Effect: 'Allow', Action: 's3:*', Principal: '*' }),
      'trust',
      /STS AssumeRole actions/,
    ],
    [
      'a trust in no ARN',
      document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'x' } }),
      'trust',
      /Invalid principal/,
    ],
  ])('%s', (_, text, kind, message) => {
    expect(() => parsePolicy(text, kind)).toThrow(message);
  });
});

describe('properties', () => {
  const policies = fc.array(fc.array(statement, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
  const texts = (list: Json[][]) => list.map((statements) => document(...statements));

  it('a deny that applies wins wherever it stands', () => {
    fc.assert(
      fc.property(policies, fc.nat(), (list, at) => {
        const all = texts(list);
        all.splice(at % (all.length + 1), 0, document(deny('s3:GetObject')));
        expect(ask(all)).toEqual({ allowed: false, explicit: true, by: 'identity' });
      }),
    );
  });

  it('the order of policies and statements does not matter', () => {
    fc.assert(
      fc.property(policies, (list) => {
        const reversed = [...list].reverse().map((statements) => [...statements].reverse());
        expect(ask(texts(reversed))).toEqual(ask(texts(list)));
      }),
    );
  });

  it('an allow never takes away, a deny never gives', () => {
    fc.assert(
      fc.property(policies, statement, (list, one) => {
        const before = ask(texts(list)).allowed;
        const after = ask(texts([...list, [one]])).allowed;
        if (one.Effect === 'Allow') expect(after).toBe(after || before);
        else expect(after && !before).toBe(false);
      }),
    );
  });

  it('wildcards match as a regular expression does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/', 'x'), maxLength: 12 });
    const pattern = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '?', '/', 'x'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, pattern, (value, wanted) => {
        const source = wanted.replaceAll('*', '.*').replaceAll('?', '.');
        const Condition = { StringLike: { 'x:y': wanted } };
        const got =
          answers([allow('*', '*', { Condition })], { context: { 'x:y': value } }) === 'allowed';
        expect(got).toBe(new RegExp(`^${source}$`).test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('no pattern is slow', () => {
    const Condition = { StringLike: { 'x:y': `${'*a'.repeat(200)}b` } };
    const taken = cpuTime();
    answers([allow('*', '*', { Condition })], { context: { 'x:y': 'a'.repeat(5000) } });
    expect(taken()).toBeLessThan(1000);
  });
});
