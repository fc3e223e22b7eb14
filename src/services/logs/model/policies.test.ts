// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look so
import { expect, test } from 'vitest';
import { joinPolicies } from './policies.ts';

test('policies that call a statement alike are one policy, in which names are unique', () => {
  const policy = (Action: string) => {
    const Statement = [{ Sid: 'same', Effect: 'Allow', Action, Principal: '*', Resource: '*' }];
    return JSON.stringify({ Version: '2012-10-17', Statement });
  };
  const joined = JSON.parse(joinPolicies([policy('logs:PutLogEvents'), policy('logs:*')]) ?? '');
  const { Statement } = joined as { Statement: { Action: string; Sid?: string }[] };
  expect(Statement.map(({ Action, Sid }) => [Action, Sid])).toEqual([
    ['logs:PutLogEvents', undefined],
    ['logs:*', undefined],
  ]);
});

test('variables of a policy without them stay text beside one that has them', () => {
  const policy = (Version: string | undefined) =>
    JSON.stringify({ Version, Statement: [{ Resource: 'log-group:${aws:username}' }] });
  const joined = joinPolicies(['2012-10-17', '2008-10-17', undefined].map(policy)) ?? '';
  const { Statement } = JSON.parse(joined) as { Statement: { Resource: string }[] };
  const resources = Statement.map(({ Resource }) => Resource);
  const text = 'log-group:${$}{aws:username}';
  expect(resources).toEqual(['log-group:${aws:username}', text, text]);
});
