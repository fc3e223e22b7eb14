import { describe, expect, it } from 'vitest';
import { rootPrincipal } from '../../../aws/auth/root.ts';
import type { Principal, SessionTerms } from '../../../aws/principal.ts';
import { packedSize, sessionTerms } from './terms.ts';

const ACCOUNT = '111111111111';
const session = (terms?: SessionTerms): Principal => ({
  type: 'assumed-role',
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/r/s`,
  userId: 'AROAR:s',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/r`,
  roleName: 'r',
  sessionName: 's',
  ...(terms && { terms }),
});
const of = (given: Parameters<typeof sessionTerms>[0], caller = session()) =>
  sessionTerms(given, caller, ACCOUNT);
const tag = (Key: string, Value = 'x') => ({ Key, Value });
const refused = (code: string, message: string | RegExp) =>
  expect.objectContaining({ name: code, message: expect.stringMatching(message) });
const OWN = `arn:aws:iam::${ACCOUNT}:policy/p`;

describe('The terms of a session', () => {
  it('are none where none are given', () => {
    expect(of({})).toBeUndefined();
    expect(of({ PolicyArns: [], Tags: [], TransitiveTagKeys: [] })).toBeUndefined();
    expect(of({}, rootPrincipal(ACCOUNT))).toBeUndefined();
  });

  it('are policies, tags and a source identity; their room is told in per cent', () => {
    const AWS = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
    const terms = of({
      Policy: '{}',
      PolicyArns: [{ arn: OWN }, { arn: AWS }],
      Tags: [tag('Team', 'a'), tag('stage')],
      TransitiveTagKeys: ['team'],
      SourceIdentity: 'alice',
    });
    expect(terms).toEqual({
      policies: { document: '{}', arns: [OWN, AWS] },
      tags: [tag('Team', 'a'), tag('stage')],
      transitiveTagKeys: ['team'],
      sourceIdentity: 'alice',
    });
    expect(packedSize(terms ?? {})).toBe(3);
    expect(packedSize({ sourceIdentity: 'alice' })).toBe(0);
  });

  it('of the calling session go on as far as they are transitive; its policies do not', () => {
    const caller = session({
      policies: { document: '{}', arns: [] },
      tags: [tag('Team', 'a'), tag('stage')],
      transitiveTagKeys: ['team'],
      sourceIdentity: 'alice',
    });
    const handedOn = {
      tags: [tag('Team', 'a')],
      transitiveTagKeys: ['team'],
      sourceIdentity: 'alice',
    };
    expect(of({}, caller)).toEqual(handedOn);
    expect(of({ SourceIdentity: 'alice', Tags: [tag('stage', 'y')] }, caller)).toEqual({
      ...handedOn,
      tags: [tag('Team', 'a'), tag('stage', 'y')],
    });
    expect(() => of({ Tags: [tag('TEAM', 'b')] }, caller)).toThrow(
      refused('InvalidParameterValue', /conflicts with a transitive tag key/),
    );
    expect(() => of({ SourceIdentity: 'bob' }, caller)).toThrow(
      refused('ValidationError', /source identity/),
    );
  });

  it.each<[string, Parameters<typeof sessionTerms>[0], string, RegExp]>([
    ['a tag twice', { Tags: [tag('a'), tag('A')] }, 'InvalidParameterValue', /^Duplicate tag keys/],
    ['a tag of AWS', { Tags: [tag('Aws:a')] }, 'InvalidParameterValue', /reserved/],
    [
      'a transitive tag that is none',
      { Tags: [tag('a')], TransitiveTagKeys: ['b'] },
      'InvalidParameterValue',
      /must be included in the requested tags/,
    ],
    [
      'eleven managed policies',
      { PolicyArns: Array.from({ length: 11 }, () => ({ arn: OWN })) },
      'ValidationError',
      /up to 10/,
    ],
    [
      'a policy of another account',
      { PolicyArns: [{ arn: OWN.replaceAll('1', '2') }] },
      'ValidationError',
      /not the ARN/,
    ],
    [
      'an ARN of a role',
      { PolicyArns: [{ arn: OWN.replace('policy', 'role') }] },
      'ValidationError',
      /not the ARN/,
    ],
    ['no ARN', { PolicyArns: [{}] }, 'ValidationError', /not the ARN/],
    [
      'more than 2,048 characters of policies',
      { Policy: ' '.repeat(2048), PolicyArns: [{ arn: OWN }] },
      'PackedPolicyTooLargeException',
      /^Packed policy consumes 102% of allotted space, please use smaller policy\.$/,
    ],
    [
      'more tags than a token has room for',
      { Tags: Array.from({ length: 50 }, (_, n) => tag(`${n}`, 'x'.repeat(256))) },
      'PackedPolicyTooLargeException',
      /^Packed size of session tags consumes \d{3}% of allotted space\.$/,
    ],
  ])('are refused with %s', (_, given, code, message) => {
    expect(() => of(given)).toThrow(refused(code, message));
  });
});
