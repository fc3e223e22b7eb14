import { expect, test } from 'vitest';
import { wants } from './filters.ts';
import { withWaiting } from './record.ts';
import { initiatorOf, startOf } from './start.ts';
import { type ForgeEvent, readTold } from './told.ts';

const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)];

const event = (more: Partial<ForgeEvent> = {}): ForgeEvent => ({
  ...{ event: 'PUSH', repository: 'me/app', actor: { id: '1', key: 'me', isOwner: false } },
  ...{ headRef: 'refs/heads/main', commit: NEW, previous: OLD, ...more },
});
const unasked = {
  paths: () => Promise.reject(new Error('asked')),
  message: () => Promise.reject(new Error('asked')),
};

test('CB-I5: a merge request of GitLab’s', () => {
  const told = (attributes: object) =>
    readTold(
      'gitlab',
      {},
      {
        ...{
          object_kind: 'merge_request',
          user: { id: 5 },
          project: { path_with_namespace: 'a/b/c' },
        },
        object_attributes: {
          ...{ iid: 3, source_branch: 'f', target_branch: 'main', author_id: 9 },
          ...{ source_project_id: 1, target_project_id: 2 },
          ...{ last_commit: { id: NEW, message: 'm' }, ...attributes },
        },
      },
    );
  expect(told({ action: 'open' })).toMatchObject({
    kind: 'event',
    event: {
      ...{ event: 'PULL_REQUEST_CREATED', headRef: 'refs/heads/f', baseRef: 'refs/heads/main' },
      pullRequest: { number: '3', isFork: true, author: { id: '9' } },
    },
  });
  expect(told({ action: 'update', oldrev: OLD })).toMatchObject({
    event: { event: 'PULL_REQUEST_UPDATED' },
  });
  // Of a title.
  expect(told({ action: 'update' })).toBeUndefined();
  expect(told({ action: 'merge' })).toMatchObject({ event: { event: 'PULL_REQUEST_MERGED' } });
});

test('CB-I5: a comment on a merge request, and what is none', () => {
  const told = (note: string, more: object = {}) =>
    readTold(
      'gitlab',
      {},
      {
        ...{ object_kind: 'note', user: { id: 5 }, project: { path_with_namespace: 'a/b' } },
        ...{ merge_request: { iid: 3 }, ...more },
        object_attributes: { note, noteable_type: 'MergeRequest' },
      },
    );
  expect(told(`/codebuild_run(${NEW})`)).toMatchObject({ approval: { number: '3', commit: NEW } });
  for (const note of [
    '/codebuild_run(abc)',
    `x /codebuild_run(${NEW})`,
    `/codebuild_run(${NEW}) x`,
    '',
  ])
    expect(told(note)).toBeUndefined();
});

test('CB-I5: pushes and pull requests of Bitbucket’s', () => {
  const body = { actor: { uuid: '{u}' }, repository: { full_name: 'me/app' } };
  const pull = (repository: string) =>
    readTold(
      'bitbucket',
      { 'x-event-key': 'pullrequest:fulfilled' },
      {
        ...body,
        pullrequest: {
          ...{ id: 4, author: { account_id: 'x' }, destination: { branch: { name: 'main' } } },
          source: {
            branch: { name: 'f' },
            commit: { hash: 'abc' },
            repository: { full_name: repository },
          },
        },
      },
    );
  const own = pull('me/app') as { event: ForgeEvent };
  expect(own.event).toMatchObject({ event: 'PULL_REQUEST_MERGED', pullRequest: { isFork: false } });
  expect(startOf('BITBUCKET', own.event)?.sourceVersion).toBe('refs/heads/f');
  const fork = pull('them/app') as { event: ForgeEvent };
  expect(startOf('BITBUCKET', fork.event)).toBeUndefined();
  const tag = { new: { type: 'tag', name: 'v1', target: { hash: NEW } } };
  const gone = { new: null, old: { type: 'branch', name: 'x', target: { hash: OLD } } };
  const pushed = { ...body, push: { changes: [gone, tag] } };
  expect(readTold('bitbucket', { 'x-event-key': 'repo:push' }, pushed)).toMatchObject({
    event: { headRef: 'refs/tags/v1', commit: NEW },
  });
});

test('nothing follows from what is no forge’s', () => {
  for (const kind of ['github', 'gitlab', 'bitbucket'] as const)
    for (const body of [
      null,
      [],
      'x',
      1,
      { commits: 'x' },
      JSON.parse('{"__proto__":{"ref":"x"}}'),
    ])
      for (const header of ['push', 'pull_request', 'constructor'])
        expect(
          readTold(kind, { 'x-github-event': header, 'x-event-key': header }, body),
        ).toBeUndefined();
});

test('a build knows what it was started for', () => {
  const pull = { number: '7', isFork: false, author: event().actor };
  const its = startOf('GITHUB', event({ pullRequest: pull, baseRef: 'refs/heads/main' }));
  expect(its?.sourceVersion).toBe('pr/7');
  expect(Object.fromEntries(its?.variables.map(({ name, value }) => [name, value]) ?? [])).toEqual({
    CODEBUILD_RESOLVED_SOURCE_VERSION: NEW,
    CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID: '1',
    CODEBUILD_WEBHOOK_BASE_REF: 'refs/heads/main',
    CODEBUILD_WEBHOOK_EVENT: 'PUSH',
    CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/main',
    CODEBUILD_WEBHOOK_PREV_COMMIT: OLD,
    CODEBUILD_WEBHOOK_TRIGGER: 'pr/7',
  });
  expect(startOf('GITHUB', event())?.sourceVersion).toBe(NEW);
});

test('who starts it is who says so, in the words of a forge', () => {
  const of = (agent: string) => initiatorOf('GITHUB', { 'user-agent': agent });
  expect(of('GitHub-Hookshot/044aadd')).toBe('GitHub-Hookshot/044aadd');
  for (const agent of ['', 'root', 'GitHub-Hookshot/a b', `GitHub-Hookshot/${'x'.repeat(200)}`])
    expect(of(agent)).toBe('GitHub-Hookshot');
});

test.each([
  [{}, {}, true],
  [{}, { event: 'PULL_REQUEST_CLOSED' }, false],
  [{ branchFilter: '^main$' }, {}, true],
  [{ branchFilter: '^main$' }, { headRef: 'refs/heads/mainly' }, false],
])('CB-I3: without filter groups %j takes %j: %s', async (filters, more, wanted) => {
  expect(await wants(filters, event(more), unasked)).toBe(wanted);
});

test.each([
  [
    [
      ['EVENT', 'PUSH, RELEASED'],
      ['HEAD_REF', 'main'],
    ],
    {},
    true,
  ],
  [
    [
      ['EVENT', 'PUSH'],
      ['HEAD_REF', 'main', true],
    ],
    {},
    false,
  ],
  [
    [
      ['EVENT', 'PUSH'],
      ['ACTOR_ACCOUNT_ID', '^2$', true],
    ],
    {},
    true,
  ],
  [
    [
      ['EVENT', 'PUSH'],
      ['FILE_PATH', '^docs/', true],
    ],
    { paths: ['src/x'] },
    true,
  ],
  [
    [
      ['EVENT', 'PUSH'],
      ['FILE_PATH', '^docs/', true],
    ],
    { paths: ['src/x', 'docs/y'] },
    false,
  ],
  [
    [
      ['EVENT', 'PUSH'],
      ['COMMIT_MESSAGE', 'skip', true],
    ],
    { message: 'skip ci' },
    false,
  ],
  // What is looked up is not, where nobody wants it.
  [
    [
      ['FILE_PATH', 'x'],
      ['EVENT', 'RELEASED'],
    ],
    {},
    false,
  ],
  [
    [
      ['EVENT', 'RELEASED'],
      ['RELEASE_NAME', 'one'],
    ],
    { event: 'RELEASED', release: { tag: 'v', name: 'one' } },
    true,
  ],
  [
    [
      ['EVENT', 'PUSH'],
      ['REPOSITORY_NAME', '^app$'],
      ['ORGANIZATION_NAME', '^me$'],
    ],
    {},
    true,
  ],
] as [[string, string, boolean?][], Partial<ForgeEvent>, boolean][])(
  'CB-I2: %j takes %j: %s',
  async (group, more, wanted) => {
    const filters = group.map(([type, pattern, excludeMatchedPattern = false]) => ({
      ...{ type: type as 'EVENT', pattern, excludeMatchedPattern },
    }));
    expect(await wants({ filterGroups: [filters] }, event(more), unasked)).toBe(wanted);
    const never = [{ type: 'EVENT' as const, pattern: 'PRERELEASED' }];
    expect(await wants({ filterGroups: [never, filters] }, event(more), unasked)).toBe(wanted);
  },
);

test('a pattern takes time in step with its text', async () => {
  const filters = { branchFilter: '(a+)+$' };
  const headRef = `refs/heads/${'a'.repeat(20_000)}!`;
  expect(await wants(filters, event({ headRef }), unasked)).toBe(false);
});

test('of pull requests that wait, 200 do, each as it is now', () => {
  const its = (number: number, commit: string) =>
    event({ commit, pullRequest: { number: String(number), isFork: true, author: event().actor } });
  let record = { waiting: [] } as never as Parameters<typeof withWaiting>[0];
  for (let n = 0; n < 250; n++) record = withWaiting(record, its(n, OLD));
  record = withWaiting(record, its(249, NEW));
  expect(record.waiting).toHaveLength(200);
  expect(record.waiting?.at(-1)?.[1].commit).toBe(NEW);
});
