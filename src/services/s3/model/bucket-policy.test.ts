import { expect, test } from 'vitest';
import { bucketPolicyFault } from './bucket-policy.ts';

const of = (statement: object) =>
  JSON.stringify({
    Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: 'x', ...statement },
  });
test.each([
  ['arn:aws:s3:::b', undefined],
  [['arn:aws:s3:::b', 'arn:aws:s3:::b/*'], undefined],
  ['arn:aws:s3:::bb/*', 'Policy has invalid resource'],
  ['*', 'Policy has invalid resource'],
  [['arn:aws:s3:::b', 'arn:aws:s3:::c'], 'Policy has invalid resource'],
])('the policy of bucket b speaks of %j', (Resource, fault) => {
  expect(bucketPolicyFault(of({ Resource }), 'b')).toBe(fault);
});
