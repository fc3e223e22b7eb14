import { expect, test } from 'vitest';
import { findPage, hasPage } from './find-page.ts';

// What the server writes into events, notices and answers: README.md, "Fragments that others make".
test.each([
  ['codepipeline', '/view/web', { name: 'web' }],
  [
    'codepipeline',
    '/view/web/Gate/Ask/approve/t-1',
    { name: 'web', stage: 'Gate', action: 'Ask', token: 't-1' },
  ],
  ['codepipeline', '/view/web/executions/e-1', { name: 'web', id: 'e-1' }],
  ['codebuild', '/projects/web/view', { name: 'web' }],
  ['codebuild', '/builds/web:1/view/new', { id: 'web:1' }],
  ['codedeploy', '/applications/app/deployment-groups/fleet', { name: 'app', group: 'fleet' }],
  ['codedeploy', '/deployments/d-1', { id: 'd-1' }],
  ['codecommit', '/repository/web', { name: 'web' }],
  ['codecommit', '/repository/web/browse/main/--/', { name: 'web', ref: 'main', path: '' }],
  ['codecommit', '/repository/web/browse/a%2Fb/--/', { name: 'web', ref: 'a/b', path: '' }],
  ['codecommit', '/repository/web/commit/abc', { name: 'web', id: 'abc' }],
  ['codecommit', '/repository/web/pull-request/1', { name: 'web', id: '1' }],
  ['codecommit', '/repository/web/pull-request/1/activity#c-1', { name: 'web', id: '1' }],
  ['codecommit', '/repository/web/compare/a...b#c-1', { name: 'web', range: 'a...b' }],
])('%s %s has its page', (service, fragment, params) => {
  expect(findPage(service, fragment)?.params).toMatchObject(params);
});

test('an address of a service that has no such page is no link', () => {
  expect(hasPage('codepipeline', '')).toBe(true);
  expect(hasPage('codepipeline', '/nothing/here')).toBe(false);
  expect(hasPage('toy', '')).toBe(false);
});
