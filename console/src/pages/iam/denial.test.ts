import { expect, test } from 'vitest';
import { roleOf } from '../../../../src/lib/denied.ts';
import { denialOf, policyFor, statementFor } from './denial.ts';

const said = (errorMessage: string, errorCode = 'AccessDenied') => ({
  EventId: 'e',
  CloudTrailEvent: JSON.stringify({
    ...{ errorCode, errorMessage },
    userIdentity: { arn: 'arn:aws:sts::000000000000:assumed-role/build/session-1' },
  }),
});
const begin = 'User: u is not authorized to perform: s3:GetObject on resource: ';

test('a refusal says who, what, on what and which policy', () => {
  expect(
    denialOf(
      said(
        `${begin}"arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject action`,
      ),
    ),
  ).toMatchObject({
    who: 'arn:aws:sts::000000000000:assumed-role/build/session-1',
    principal: 'arn:aws:iam::000000000000:role/build',
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/k',
    decidedBy: 'identity-based policy',
    explicit: false,
  });
  expect(denialOf(said(`${begin}* with an explicit deny in a permissions boundary`))).toMatchObject(
    {
      ...{ resource: '*', decidedBy: 'permissions boundary', explicit: true },
    },
  );
});

test('what is no refusal, or no record, is none', () => {
  expect(denialOf(said('x', 'NoSuchEntity'))).toBeUndefined();
  expect(denialOf({ CloudTrailEvent: '{' })).toBeUndefined();
});

test('the statement is the least that allows it, whatever the names hold', () => {
  const denial = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/<img src=x>"' };
  expect(JSON.parse(statementFor(denial))).toEqual({
    ...{ Effect: 'Allow', Action: denial.action, Resource: denial.resource },
  });
  expect(JSON.parse(policyFor(denial)).Statement).toHaveLength(1);
  expect(roleOf('arn:aws:iam::000000000000:user/a')).toBe('arn:aws:iam::000000000000:user/a');
});
