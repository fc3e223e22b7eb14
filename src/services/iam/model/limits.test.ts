import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootPrincipal } from '../../../aws/auth/root.ts';
import type { Principal } from '../../../aws/principal.ts';
import type { Question } from './evaluate.ts';
import { parsePolicy } from './policy.ts';
import {
  ACCOUNT,
  alice,
  allow,
  answers,
  ask,
  deny,
  document,
  federated,
  type Json,
  service,
  session,
  statement,
  stranger,
} from './testing.ts';

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
    [
      'a federated user by its ARN: nothing limits',
      federated,
      { AWS: federated.arn },
      'none',
      'allowed',
    ],
    ['its user: his policies do not matter', federated, { AWS: alice.arn }, 'identity', 'allowed'],
    ['its user: his boundary limits', federated, { AWS: alice.arn }, 'boundary', 'boundary lacks'],
    [
      'its user: the session policy limits',
      federated,
      { AWS: 'AIDAALICE' },
      'session',
      'session lacks',
    ],
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

  it('who is let in by the root needs policies of the session alone', () => {
    const issuer = { ...rootPrincipal(ACCOUNT), type: 'root' } as const;
    const guest = { ...federated, issuer } as Principal;
    expect(answers([], { principal: guest, session: [read(get)] })).toBe('allowed');
    expect(answers([], { principal: guest, session: [read(put)] })).toBe('session lacks');
    expect(answers([], { principal: federated, session: [read(get)] })).toBe('identity lacks');
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

describe('properties', () => {
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
});
