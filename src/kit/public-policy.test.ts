import { expect, test } from 'vitest';
import { isPublicPolicy } from './public-policy.ts';

const of = (statement: object) =>
  JSON.stringify({
    Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: 'x', ...statement },
  });
const condition = (operator: string, key: string, value: unknown) => ({
  Principal: '*',
  Condition: { [operator]: { [key]: value } },
});

test.each([
  ['everybody', { Principal: '*' }, true],
  ['everybody by AWS', { Principal: { AWS: ['arn:aws:iam::111111111111:root', '*'] } }, true],
  ['all but one', { NotPrincipal: { AWS: 'arn:aws:iam::111111111111:root' } }, true],
  ['an account', { Principal: { AWS: '111111111111' } }, false],
  ['a service', { Principal: { Service: 'codebuild.amazonaws.com' } }, false],
  ['nobody', { Effect: 'Deny', Principal: '*' }, false],
  ['an address', condition('IpAddress', 'aws:SourceIp', ['192.0.2.0/24']), false],
  ['the internet', condition('IpAddress', 'aws:SourceIp', '0.0.0.0/0'), true],
  ['who is not there', condition('NotIpAddress', 'aws:SourceIp', '192.0.2.0/24'), true],
  ['an organization', condition('StringEquals', 'aws:PrincipalOrgID', 'o-1'), false],
  ['any account', condition('StringLike', 'aws:PrincipalAccount', '*'), true],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
  ['a variable', condition('StringEquals', 'aws:PrincipalArn', '${aws:username}'), true],
  ['another key', condition('StringEquals', 's3:prefix', 'a'), true],
])('a policy that lets in %s', (_, statement, isPublic) => {
  expect(isPublicPolicy(of(statement))).toBe(isPublic);
});
