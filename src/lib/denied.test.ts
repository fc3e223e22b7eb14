import { expect, test } from 'vitest';
import { DENIED_RESOURCE, deniedArn } from './denied.ts';

const MARY = 'arn:aws:iam::111111111111:user/mary';
const named = (text: string) => new RegExp(`on resource: ${DENIED_RESOURCE}`).exec(text)?.[1];

test.each([
  ['on resource: user mary because no policy', 'user mary', MARY],
  [
    'on resource: instance profile web with an explicit deny',
    'instance profile web',
    'arn:aws:iam::111111111111:instance-profile/web',
  ],
  ['on resource: "arn:aws:s3:::b/k" because', 'arn:aws:s3:::b/k', 'arn:aws:s3:::b/k'],
  ['on resource: * because', '*', '*'],
  ['on resource: users because', 'users', 'users'],
])('%s', (text, resource, arn) => {
  expect(named(text)).toBe(resource);
  expect(deniedArn(resource, MARY)).toBe(arn);
});
