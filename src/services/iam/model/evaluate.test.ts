// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look so
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootPrincipal } from '../../../aws/auth/root.ts';
import type { Principal } from '../../../aws/principal.ts';
import { evaluate, type Question } from './evaluate.ts';
import type { Context } from './pattern.ts';
import { parsePolicy } from './policy.ts';

const ACCOUNT = '111122223333';
const alice: Principal = {
  type: 'user',
  accountId: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/team/alice`,
  userId: 'AIDAALICE',
  userName: 'alice',
};
const session: Principal = {
  type: 'assumed-role',
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/s`,
  userId: 'AROADEPLOYER:s',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
  roleName: 'deployer',
  sessionName: 's',
};
const service: Principal = {
  type: 'service',
  accountId: ACCOUNT,
  arn: 'codebuild.amazonaws.com',
  userId: 'codebuild.amazonaws.com',
  service: 'codebuild.amazonaws.com',
  sourceArn: `arn:aws:codebuild:us-east-1:${ACCOUNT}:project/app`,
};
const stranger: Principal = {
  ...alice,
  accountId: '999999999999',
  arn: 'arn:aws:iam::999999999999:user/bob',
  userId: 'AIDABOB',
};

type Json = Record<string, unknown>;
const document = (...statements: Json[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (Action: unknown, Resource: unknown = '*', more: Json = {}): Json => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: unknown, Resource: unknown = '*', more: Json = {}): Json => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
});

function ask(policies: string[], question: Partial<Question> = {}) {
  return evaluate({
    principal: alice,
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::bucket/key',
    context: {},
    identity: policies.map((text) => parsePolicy(text, 'identity')),
    ...question,
  });
}

const answers = (statements: Json[], question: Partial<Question> = {}) => {
  const verdict = ask(statements.length > 0 ? [document(...statements)] : [], question);
  return verdict.allowed ? 'allowed' : `${verdict.by} ${verdict.explicit ? 'denies' : 'lacks'}`;
};

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

describe('boundaries and session policies', () => {
  const read = (...statements: Json[]) => parsePolicy(document(...statements), 'identity');
  const ROLE = (session as { roleArn: string }).roleArn;
  const get = allow('s3:GetObject');
  const put = allow('s3:PutObject');
  const no = deny('s3:GetObject');
  const onResource = (Principal: unknown, Effect = 'Allow', required = false) => {
    const statement = { Effect, Action: 's3:GetObject', Resource: '*', Principal };
    return {
      policy: parsePolicy(JSON.stringify({ Statement: statement }), 'resource'),
      required,
    };
  };

  it.each<[string, Json[], Json[] | undefined, Json[] | undefined, string]>([
    ['all three allow', [get], [get], [get], 'allowed'],
    ['no boundary, no session policy', [get], undefined, undefined, 'allowed'],
    ['the boundary does not', [get], [put], [get], 'boundary lacks'],
    ['the session policy does not', [get], [get], [put], 'session lacks'],
    ['session policies are there and say nothing', [get], [get], [], 'session lacks'],
    ['only the limits do', [put], [get], [get], 'identity lacks'],
    ['the boundary denies', [get], [get, no], [get], 'boundary denies'],
    ['the session policy denies', [get], [get], [get, no], 'session denies'],
    ['the boundary denies what nobody allows', [], [no], undefined, 'boundary denies'],
  ])('%s', (_, identity, boundary, limits, expected) => {
    const more = {
      boundary: boundary && read(...boundary),
      session: limits?.map((one) => read(one)),
    };
    expect(answers(identity, { principal: session, ...more })).toBe(expected);
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, the table of principals
  const account = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  it.each<[string, Principal, unknown, 'identity' | 'boundary' | 'session' | 'none', string]>([
    [
      'a user by its ARN: neither policies nor boundary limit',
      alice,
      { AWS: alice.arn },
      'none',
      'allowed',
    ],
    ['a session by its ARN: nothing limits', session, { AWS: session.arn }, 'none', 'allowed'],
    ['everybody: nothing limits', session, '*', 'none', 'allowed'],
    ['its role: its own policies do not matter', session, { AWS: ROLE }, 'identity', 'allowed'],
    ['its role: the boundary limits', session, { AWS: ROLE }, 'boundary', 'boundary lacks'],
    ['its role: the session policy limits', session, { AWS: ROLE }, 'session', 'session lacks'],
    [
      'its role by id: the boundary limits',
      session,
      { AWS: 'AROADEPLOYER' },
      'boundary',
      'boundary lacks',
    ],
    ['the account: its own policies count', session, account, 'identity', 'identity lacks'],
    ['the account: the boundary limits', session, account, 'boundary', 'boundary lacks'],
    ['the account: the session policy limits', session, account, 'session', 'session lacks'],
    ['a service', service, { Service: 'codebuild.amazonaws.com' }, 'none', 'allowed'],
  ])("the resource's policy names %s", (_, principal, named, without, expected) => {
    const missing = (type: string) => without === 'none' || without === type;
    const given = {
      principal,
      identity: [read(missing('identity') ? put : get)],
      boundary: read(missing('boundary') ? put : get),
      session: [read(missing('session') ? put : get)],
      resourcePolicy: onResource(named),
    };
    expect(answers([], given)).toBe(expected);
  });

  it.each<[string, Principal, Json[], Partial<Question>, string]>([
    ['whose resource has no policy', alice, [get], {}, 'resource lacks'],
    ['whose resource has no policy, as root', rootPrincipal(ACCOUNT), [], {}, 'resource lacks'],
    ['by account', alice, [get], { resourcePolicy: onResource(account) }, 'allowed'],
    [
      'by account, as root',
      rootPrincipal(ACCOUNT),
      [],
      { resourcePolicy: onResource(account) },
      'allowed',
    ],
    [
      'by ARN, without a policy of his own',
      alice,
      [put],
      { resourcePolicy: onResource({ AWS: alice.arn }) },
      'identity lacks',
    ],
    [
      'by ARN, beyond the boundary',
      alice,
      [get],
      { boundary: read(put), resourcePolicy: onResource({ AWS: alice.arn }) },
      'boundary lacks',
    ],
    [
      'by session, beyond its session policies',
      session,
      [get],
      { session: [read(put)], resourcePolicy: onResource({ AWS: session.arn }) },
      'session lacks',
    ],
    [
      'which names somebody else',
      alice,
      [get],
      { resourcePolicy: onResource({ AWS: stranger.arn }) },
      'resource lacks',
    ],
    [
      'which names somebody else, as root',
      rootPrincipal(ACCOUNT),
      [],
      { resourcePolicy: onResource({ AWS: stranger.arn }) },
      'resource lacks',
    ],
    [
      'which denies',
      alice,
      [get],
      { resourcePolicy: onResource(account, 'Deny') },
      'resource denies',
    ],
  ])('a caller of another account, %s', (_, principal, identity, more, expected) => {
    expect(answers(identity, { principal, owner: '999999999999', ...more })).toBe(expected);
  });

  it('a policy without which nobody gets in names the account, or not even its root does', () => {
    const root = { principal: rootPrincipal(ACCOUNT) };
    const required = (named: unknown) => onResource(named, 'Allow', true);
    expect(answers([], { ...root, resourcePolicy: required(account) })).toBe('allowed');
    expect(answers([], { ...root, resourcePolicy: required({ AWS: alice.arn }) })).toBe(
      'resource lacks',
    );
    expect(answers([get], { resourcePolicy: required({ AWS: session.arn }) })).toBe(
      'resource lacks',
    );
    expect(answers([], { resourcePolicy: required(account) })).toBe('identity lacks');
  });
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
  const actions = fc.constantFrom('s3:GetObject', 's3:Get*', 's3:*', '*', 'iam:*', 's3:PutObject');
  const resources = fc.constantFrom(
    '*',
    'arn:aws:s3:::bucket/*',
    'arn:aws:s3:::bucket/key',
    'arn:aws:s3:::other/*',
  );
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: actions,
    Resource: resources,
  });
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

  const named = fc.constantFrom(
    '*',
    ACCOUNT,
    (session as { roleArn: string }).roleArn,
    session.arn,
    alice.arn,
    stranger.arn,
  );
  const resourceStatement = fc
    .tuple(statement, named)
    .map(([one, AWS]) => ({ ...one, Principal: { AWS } }));
  const list = fc.array(statement, { minLength: 1, maxLength: 3 });
  /** Any principal, policies of any kind, a resource of any account. */
  const any = fc.record({
    principal: fc.constantFrom(alice, session, stranger, rootPrincipal(ACCOUNT)),
    owner: fc.constantFrom<string | undefined>(undefined, ACCOUNT, '999999999999'),
    identity: list,
    boundary: fc.option(list, { nil: undefined }),
    limits: fc.option(list, { nil: undefined }),
    onResource: fc.option(fc.array(resourceStatement, { minLength: 1, maxLength: 3 }), {
      nil: undefined,
    }),
    required: fc.boolean(),
  });
  type Any = typeof any extends fc.Arbitrary<infer T> ? T : never;
  const may = ({ principal, owner, identity, boundary, limits, onResource, required }: Any) =>
    ask([document(...identity)], {
      principal,
      owner,
      boundary: boundary && parsePolicy(document(...boundary), 'identity'),
      session: limits && [parsePolicy(document(...limits), 'identity')],
      resourcePolicy: onResource && {
        policy: parsePolicy(document(...onResource), 'resource'),
        required,
      },
    }).allowed;

  it('a boundary or a session policy never gives', () => {
    fc.assert(
      fc.property(any, (one) => {
        const free = may({ ...one, boundary: undefined, limits: undefined });
        expect(may(one) && !free).toBe(false);
        expect(may(one) && !may({ ...one, boundary: undefined })).toBe(false);
        expect(may(one) && !may({ ...one, limits: undefined })).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('one more deny, in a policy of whatever kind, never gives; one more allow never takes away', () => {
    const kinds = ['identity', 'boundary', 'limits', 'onResource'] as const;
    fc.assert(
      fc.property(any, fc.constantFrom(...kinds), resourceStatement, (one, kind, added) => {
        const { Principal: _, ...plain } = added;
        const before = one[kind];
        // A boundary of its own is no addition: it limits.
        fc.pre(before !== undefined);
        const more = [...(before ?? []), kind === 'onResource' ? added : plain];
        const after = may({ ...one, [kind]: more });
        if (added.Effect === 'Deny') expect(after && !may(one)).toBe(false);
        else expect(may(one) && !after).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('without a policy of the resource, all that the caller brings must allow, and the resource be of its account', () => {
    fc.assert(
      fc.property(any, (given) => {
        const one = { ...given, onResource: undefined };
        const { principal, identity, boundary, limits } = one;
        const alone = (statements: Json[] | undefined) =>
          statements === undefined || ask([document(...statements)], { principal: alice }).allowed;
        const own =
          principal.type === 'root'
            ? ask([document(...identity, allow('*'))], { principal }).allowed
            : alone(identity);
        const expected = own && alone(boundary) && alone(limits);
        expect(may({ ...one, owner: undefined })).toBe(expected);
        expect(may({ ...one, owner: principal.accountId })).toBe(expected);
        expect(may({ ...one, owner: '555555555555' })).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('across accounts both sides must allow', () => {
    fc.assert(
      fc.property(any, (given) => {
        const one = { ...given, owner: '555555555555' };
        const own = may({ ...one, owner: undefined, onResource: undefined });
        expect(may(one) && !own).toBe(false);
      }),
      { numRuns: 1000 },
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
    const started = performance.now();
    answers([allow('*', '*', { Condition })], { context: { 'x:y': 'a'.repeat(5000) } });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
