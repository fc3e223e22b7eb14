import { expect, test } from 'vitest';
import { reportGroupName } from './report-group.ts';

const owner = { accountId: '123456789012', region: 'eu-west-1', projectName: 'app' };
const arn = (region: string, account: string, name = 'group') =>
  `arn:aws:codebuild:${region}:${account}:report-group/${name}`;

test('CB-A21: a name is a group of the project, an ARN any of its account and region', () => {
  expect(reportGroupName('unit', owner)).toEqual({ name: 'app-unit' });
  expect(reportGroupName(arn('eu-west-1', '123456789012'), owner)).toEqual({ name: 'group' });
});

test.each([
  arn('eu-west-1', '999999999999'),
  arn('us-east-1', '123456789012'),
  arn('eu-west-1', '123456789012', ''),
  arn('eu-west-1', '123456789012', 'a/b'),
  'arn:aws:codebuild:eu-west-1:123456789012:project/app',
  'arn:',
  'a:b',
  'a b',
  'x'.repeat(130),
])('%s is refused with a reason', (text) => {
  expect(reportGroupName(text, owner).problem).toEqual(expect.stringMatching(/\w/));
});
