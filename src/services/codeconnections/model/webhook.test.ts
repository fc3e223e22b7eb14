import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSigned } from '../../../kit/forges/signature.ts';
import { readWebhook } from './webhook.ts';

const [A, B, NONE] = ['a'.repeat(40), 'b'.repeat(40), '0'.repeat(40)];
const push = (name: string, before?: string, after?: string) => ({
  ...{ kind: 'push', repository: 'me/app', references: [{ name, before, after }] },
});

describe('pushes', () => {
  const github = { repository: { full_name: 'me/app' } };
  const gitlab = { project: { path_with_namespace: 'me/app' } };
  const target = (hash: string, type = 'branch', name = 'main') => ({
    type,
    name,
    target: { hash },
  });
  test.each<[string, Record<string, string>, object, unknown]>([
    [
      'GitHub',
      { 'x-github-event': 'push' },
      { ...github, ref: 'refs/heads/main', before: A, after: B },
      push('refs/heads/main', A, B),
    ],
    [
      'GitHub, of a branch that is new',
      { 'x-github-event': 'push' },
      { ...github, ref: 'refs/heads/x', before: NONE, after: B, created: true },
      push('refs/heads/x', undefined, B),
    ],
    [
      'GitHub, of a tag that is gone',
      { 'x-github-event': 'push' },
      { ...github, ref: 'refs/tags/v1', before: A, after: NONE, deleted: true },
      push('refs/tags/v1', A, undefined),
    ],
    [
      'Gitea',
      { 'x-gitea-event': 'push', 'x-github-event': 'push' },
      { ...github, ref: 'refs/heads/main', before: A, after: B },
      push('refs/heads/main', A, B),
    ],
    [
      'GitLab',
      { 'x-gitlab-event': 'Push Hook' },
      {
        ...gitlab,
        object_kind: 'push',
        ref: 'refs/heads/main',
        before: A,
        after: B,
        checkout_sha: B,
      },
      push('refs/heads/main', A, B),
    ],
    [
      'GitLab, of an annotated tag',
      { 'x-gitlab-event': 'Tag Push Hook' },
      {
        ...gitlab,
        object_kind: 'tag_push',
        ref: 'refs/tags/v1',
        before: NONE,
        after: A,
        checkout_sha: B,
      },
      push('refs/tags/v1', undefined, B),
    ],
    [
      'Bitbucket',
      { 'x-event-key': 'repo:push' },
      { ...github, push: { changes: [{ old: target(A), new: target(B) }] } },
      push('refs/heads/main', A, B),
    ],
    [
      'Bitbucket, of a tag that is gone',
      { 'x-event-key': 'repo:push' },
      { ...github, push: { changes: [{ old: target(A, 'tag', 'v1'), new: null }] } },
      push('refs/tags/v1', A, undefined),
    ],
  ])('%s', (_, headers, body, told) => {
    expect(readWebhook(headers, body)).toEqual(told);
  });
});

describe('pull requests', () => {
  const github = (action: string, merged = false) => ({
    ...{ action, repository: { full_name: 'me/app' } },
    pull_request: {
      ...{ number: 7, title: 'Better', user: { login: 'me' }, merged },
      ...{ head: { ref: 'feature', sha: A }, base: { ref: 'main', sha: B } },
    },
  });
  const gitlab = (action: string, more = {}) => ({
    ...{ object_kind: 'merge_request', project: { path_with_namespace: 'me/app' } },
    user: { username: 'me' },
    object_attributes: {
      ...{ action, iid: 7, title: 'Better', source_branch: 'feature', target_branch: 'main' },
      ...{ last_commit: { id: A }, ...more },
    },
  });
  const hub = { 'x-github-event': 'pull_request' };
  const lab = { 'x-gitlab-event': 'Merge Request Hook' };
  test.each<[Record<string, string>, object, string | undefined, boolean?]>([
    [hub, github('opened'), 'pullRequestCreated'],
    [hub, github('reopened'), 'pullRequestCreated'],
    [hub, github('synchronize'), 'pullRequestUpdated'],
    [hub, github('closed'), 'pullRequestClosed', false],
    [hub, github('closed', true), 'pullRequestClosed', true],
    [hub, github('labeled'), undefined],
    [hub, github('constructor'), undefined],
    [lab, gitlab('open'), 'pullRequestCreated'],
    [lab, gitlab('update', { oldrev: B }), 'pullRequestUpdated'],
    [lab, gitlab('update'), undefined],
    [lab, gitlab('close'), 'pullRequestClosed', false],
    [lab, gitlab('merge'), 'pullRequestClosed', true],
    [lab, gitlab('approved'), undefined],
  ])('%j %j', (headers, body, event, isMerged = false) => {
    const told = readWebhook(headers, body);
    if (event === undefined) return void expect(told).toEqual({ kind: 'nothing' });
    expect(told).toMatchObject({
      ...{ kind: 'pull-request', repository: 'me/app' },
      pullRequest: {
        ...{ event, number: '7', title: 'Better', author: 'me', isMerged },
        ...{ sourceBranch: 'feature', destinationBranch: 'main', sourceCommit: A },
      },
    });
  });
});

test('whatever a body is, it is read or tells nothing', () => {
  const headers = fc.constantFrom(
    { 'x-github-event': 'push' },
    { 'x-github-event': 'pull_request' },
    { 'x-gitlab-event': 'x' },
    { 'x-event-key': 'repo:push' },
    { 'x-event-key': 'pullrequest:created' },
  );
  fc.assert(
    fc.property(headers, fc.jsonValue(), (shown, body) => {
      const told = readWebhook(shown, body);
      for (const { before, after } of told?.kind === 'push' ? told.references : [])
        for (const id of [before, after]) expect(id ?? A).toMatch(/^[0-9a-f]{40}$/);
    }),
  );
});

test('who sends nothing of a provider is none', () => {
  expect(readWebhook({ 'content-type': 'application/json' }, {})).toBeUndefined();
});

test('a signature is one of the body and the secret', () => {
  const body = Buffer.from('{"a":1}');
  const hex = createHmac('sha256', 'secret').update(body).digest('hex');
  expect(isSigned({ 'x-hub-signature-256': `sha256=${hex}` }, body, 'secret')).toBe(true);
  expect(isSigned({ 'x-hub-signature': `sha256=${hex}` }, body, 'secret')).toBe(true);
  expect(isSigned({ 'x-gitea-signature': hex }, body, 'secret')).toBe(true);
  expect(isSigned({ 'x-gitlab-token': 'secret' }, body, 'secret')).toBe(true);
  expect(isSigned({ 'x-hub-signature-256': `sha256=${hex}` }, Buffer.from('{}'), 'secret')).toBe(
    false,
  );
  expect(isSigned({ 'x-hub-signature-256': `sha256=${hex}` }, body, 'other')).toBe(false);
  expect(isSigned({ 'x-hub-signature-256': 'sha256=' }, body, 'secret')).toBe(false);
  expect(isSigned({ 'x-hub-signature': 'sha1=00' }, body, 'secret')).toBe(false);
  expect(isSigned({ 'x-gitlab-token': 'secre' }, body, 'secret')).toBe(false);
  expect(isSigned({}, body, 'secret')).toBe(false);
});
