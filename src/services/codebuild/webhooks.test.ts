import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  BatchGetBuildBatchesCommand,
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  CreateWebhookCommand,
  type CreateWebhookInput,
  DeleteWebhookCommand,
  ImportSourceCredentialsCommand,
  ListBuildBatchesCommand,
  ListBuildsCommand,
  type ProjectSource,
  UpdateWebhookCommand,
  type Webhook,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type StandInForge, standInForge } from '../../kit/forges/testing.ts';
import { ACCOUNT, type World, world } from '../../testing.ts';
import service from './index.ts';
import { findBuild } from './store/builds.ts';

const roleArn = `arn:aws:iam::${ACCOUNT}:role/build`;
const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)];
const BUILDSPEC = 'version: 0.2\nphases: {build: {commands: [true]}}\n';
const ME = { id: 42, login: 'me' };

const push = (more: object = {}) => ({
  ...{ ref: 'refs/heads/main', before: OLD, after: NEW, sender: ME },
  ...{ repository: { full_name: 'me/app' }, head_commit: { id: NEW, message: 'fix: it' } },
  ...{ commits: [{ id: NEW, added: ['src/a.ts'], modified: [], removed: [] }] },
  ...more,
});

const pullRequest = (action: string, more: object = {}, head: object = {}) => ({
  ...{ action, sender: ME, repository: { full_name: 'me/app' } },
  pull_request: {
    ...{ number: 7, user: { id: 9, login: 'them' }, merged: false },
    head: { ref: 'feature', sha: NEW, repo: { full_name: 'me/app' }, ...head },
    base: { ref: 'main', sha: OLD, repo: { full_name: 'me/app' } },
    ...more,
  },
});

eachDialect('webhooks', (makeDatabase) => {
  let server: World;
  let codebuild: CodeBuildClient;
  let forge: StandInForge;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    codebuild = server.client(CodeBuildClient);
    forge = await standInForge();
    forge.answer = ({ path }) => ({ status: 201, body: path.endsWith('/hooks') ? { id: 5 } : {} });
    server.platform.config.forges = { 'github.com': forge.url, 'gitlab.com': forge.url };
    const Statement = {
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
      Principal: { Service: 'codebuild.amazonaws.com' },
    };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    const role = { RoleName: 'build', AssumeRolePolicyDocument };
    await server.client(IAMClient).send(new CreateRoleCommand(role));
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await forge.close();
  });

  const project = (source: Partial<ProjectSource> = {}, more: object = {}) =>
    codebuild.send(
      new CreateProjectCommand({
        ...{ name: 'app', serviceRole: roleArn, artifacts: { type: 'NO_ARTIFACTS' } },
        source: {
          ...{ type: 'GITHUB', location: 'https://github.com/me/app.git', buildspec: BUILDSPEC },
          ...source,
        },
        environment: {
          ...{ type: 'LINUX_CONTAINER', image: 'alpine', computeType: 'BUILD_GENERAL1_SMALL' },
        },
        ...more,
      }),
    );
  const create = async (more: Partial<CreateWebhookInput> = {}) =>
    (await codebuild.send(new CreateWebhookCommand({ projectName: 'app', ...more })))
      .webhook as Webhook;
  const groups = (...filters: [string, string, boolean?][]) => ({
    filterGroups: [
      filters.map(([type, pattern, excludeMatchedPattern]) => ({
        ...{ type: type as 'EVENT', pattern, excludeMatchedPattern },
      })),
    ],
  });

  /** A request as it comes in from outside. */
  async function post(
    { payloadUrl = '' }: Webhook,
    headers: Record<string, string>,
    body: string,
  ): Promise<{ status: number; text: string }> {
    const answer = await server.server.handle({
      ...{
        method: 'POST',
        path: new URL(payloadUrl).pathname,
        query: '',
        remoteAddress: '192.0.2.1',
      },
      ...{ headers, endpoint: new URL(payloadUrl).origin },
      body: Readable.from([Buffer.from(body)]),
    });
    return { status: answer.status, text: String(answer.body) };
  }
  const sign = (secret: string, body: string) =>
    `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const github = (hook: Webhook, event: string, payload: object, secret = hook.secret ?? '') => {
    const body = JSON.stringify(payload);
    const headers = {
      ...{ 'x-github-event': event, 'user-agent': 'GitHub-Hookshot/044aadd' },
      'x-hub-signature-256': sign(secret, body),
    };
    return post(hook, headers, body);
  };
  const builds = async () => {
    const { ids = [] } = await codebuild.send(new ListBuildsCommand({}));
    if (ids.length === 0) return [];
    return (await codebuild.send(new BatchGetBuildsCommand({ ids }))).builds ?? [];
  };
  const token = (serverType: 'GITHUB' | 'GITLAB' | 'BITBUCKET' = 'GITHUB') =>
    codebuild.send(
      new ImportSourceCredentialsCommand({
        ...{ serverType, authType: 'PERSONAL_ACCESS_TOKEN', token: 'token-word' },
      }),
    );
  /** The API of the forge is known. */
  const withApi = () => {
    Object.assign(server.platform.config.upstream, {
      github: `${forge.url}/api`,
      gitlab: `${forge.url}/api`,
    });
  };
  const refused = { name: 'InvalidInputException' };
  const shown = async () =>
    (await codebuild.send(new BatchGetProjectsCommand({ names: ['app'] }))).projects?.[0]?.webhook;
  /** The secret that the forge was given. */
  const givenSecret = (call: number) =>
    (forge.calls.at(call) as unknown as { body: { config: { secret: string } } }).body.config
      .secret;

  test('CB-I3: without a way to its API the answer says what to register by hand', async () => {
    await project();
    const hook = await create(groups(['EVENT', 'PUSH']));
    expect(hook).toMatchObject({
      payloadUrl: expect.stringMatching(/^http:\/\/.+\/_slipway\/codebuild\/webhooks\/[\w-]{43}$/),
      ...{ secret: expect.stringMatching(/^[\w-]{43}$/), status: 'ACTIVE', manualCreation: false },
      statusMessage: expect.stringMatching(/by hand: no API of github.com is configured/),
      filterGroups: [[{ type: 'EVENT', pattern: 'PUSH', excludeMatchedPattern: false }]],
    });
    expect(await shown()).toMatchObject({ payloadUrl: hook.payloadUrl });
    expect((await shown())?.secret).toBeUndefined();
    await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await codebuild.send(new DeleteWebhookCommand({ projectName: 'app' }));
    expect((await github(hook, 'push', push())).status).toBe(404);
    await expect(
      codebuild.send(new DeleteWebhookCommand({ projectName: 'app' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('CB-I1: a push starts a build of its commit, once however often it is told', async () => {
    await project();
    const hook = await create(groups(['EVENT', 'PUSH'], ['HEAD_REF', '^refs/heads/main$']));
    const told = await github(hook, 'push', push());
    expect(told).toEqual({ status: 200, text: expect.stringMatching(/^Started app:/) });
    // Delivered again, by the forge or by who has heard it.
    expect(await github(hook, 'push', push())).toEqual(told);
    const body = JSON.stringify(push());
    const others = { 'x-github-event': 'push', 'user-agent': 'x', 'x-github-delivery': 'other' };
    const replayed = { ...others, 'x-hub-signature-256': sign(hook.secret ?? '', body) };
    expect(await post(hook, replayed, body)).toEqual(told);
    expect(await builds()).toMatchObject([
      { sourceVersion: NEW, initiator: 'GitHub-Hookshot/044aadd', source: { type: 'GITHUB' } },
    ]);
    expect((await github(hook, 'push', push({ ref: 'refs/heads/other' }))).text).toMatch(
      /^No filter/,
    );
    expect((await github(hook, 'push', push({ after: '0'.repeat(40) }))).text).toMatch(/^Nothing/);
    expect((await github(hook, 'ping', { zen: 'x' })).text).toMatch(/^Nothing/);
    expect(await builds()).toHaveLength(1);
  });

  test('what is not signed with its secret, or tells of another repository, starts nothing', async () => {
    await project();
    const hook = await create();
    const body = JSON.stringify(push());
    const event = { 'x-github-event': 'push' };
    const forged: Record<string, string>[] = [
      {},
      { 'x-hub-signature-256': '' },
      { 'x-hub-signature-256': 'sha256=' },
      { 'x-hub-signature-256': sign('other', body) },
      { 'x-hub-signature-256': sign(hook.secret ?? '', `${body} `) },
      {
        'x-hub-signature': `sha1=${createHmac('sha1', hook.secret ?? '')
          .update(body)
          .digest('hex')}`,
      },
      { 'x-gitlab-token': 'other' },
      { 'x-gitlab-token': '' },
    ];
    for (const headers of forged)
      expect((await post(hook, { ...event, ...headers }, body)).status).toBe(401);
    const other = push({ repository: { full_name: 'me/other' } });
    expect((await github(hook, 'push', other)).status).toBe(403);
    const wrong = { ...hook, payloadUrl: `${hook.payloadUrl?.slice(0, -1)}_` };
    expect((await github(wrong, 'push', push())).status).toBe(404);
    expect(await builds()).toEqual([]);
  });

  test('what is no JSON, or JSON of any depth, is answered', async () => {
    await project();
    const hook = await create();
    for (const [body, status] of [
      ['{', 400],
      ['', 400],
      ['null', 200],
      ['[]', 200],
      [`{"repository":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 200],
      ['{"__proto__":{"after":"x"},"repository":"constructor","commits":{"length":1e9}}', 200],
    ] as const) {
      const headers = {
        'x-github-event': 'push',
        'x-hub-signature-256': sign(hook.secret ?? '', body),
      };
      expect([body.slice(0, 20), (await post(hook, headers, body)).status]).toEqual([
        body.slice(0, 20),
        status,
      ]);
    }
    const long = 'x'.repeat(25 * 1024 * 1024 + 1);
    expect((await post(hook, {}, long)).status).toBe(413);
  });

  test('CB-I2: pull requests start builds of pr/N, at the commit that was told', async () => {
    await project();
    const hook = await create(
      groups(
        ['EVENT', 'PULL_REQUEST_CREATED, PULL_REQUEST_MERGED'],
        ['BASE_REF', '^refs/heads/main$'],
        ['ACTOR_ACCOUNT_ID', '^1$', true],
      ),
    );
    await github(hook, 'pull_request', pullRequest('opened'));
    await github(hook, 'pull_request', pullRequest('labeled'));
    await github(hook, 'pull_request', pullRequest('synchronize'));
    await github(hook, 'pull_request', pullRequest('closed'));
    await github(hook, 'pull_request', { ...pullRequest('opened'), sender: { id: 1 } });
    expect((await builds()).map(({ sourceVersion }) => sourceVersion)).toEqual(['pr/7']);
    await github(
      hook,
      'pull_request',
      pullRequest('closed', { merged: true, merge_commit_sha: OLD }),
    );
    expect(await builds()).toHaveLength(2);
  });

  test('CB-I2: files and messages that the forge does not tell are looked up in the repository', async () => {
    const repository = await forge.repository('me/app');
    const base = await repository.commit({ 'README.md': 'a' });
    const sha = await repository.commit({ 'docs/x.md': 'x' }, 'docs: x');
    await project();
    const hook = await create(
      groups(
        ['EVENT', 'PULL_REQUEST_CREATED'],
        ['FILE_PATH', '^docs/'],
        ['COMMIT_MESSAGE', '^docs:'],
      ),
    );
    const its = pullRequest('opened', { base: { ref: 'main', sha: base } }, { sha });
    expect((await github(hook, 'pull_request', its)).text).toMatch(/^Started/);
    await codebuild.send(
      new UpdateWebhookCommand({
        projectName: 'app',
        ...groups(['EVENT', 'PULL_REQUEST_CREATED'], ['FILE_PATH', '^src/']),
      }),
    );
    expect((await github(hook, 'pull_request', { ...its, again: 1 })).text).toMatch(/^No filter/);
    await forge.close();
    expect((await github(hook, 'pull_request', { ...its, again: 2 })).status).toBe(424);
  });

  test('CB-I4: a pull request of somebody else waits for the comment of who may approve, on its last commit', async () => {
    await project();
    withApi();
    await token();
    const roles: Record<string, string> = { boss: 'maintain', them: 'read' };
    forge.answer = ({ path }) => {
      const user = /\/collaborators\/(\w+)\/permission$/.exec(path)?.[1];
      if (user) return { status: 200, body: { role_name: roles[user] } };
      return { status: 201, body: path.endsWith('/hooks') ? { id: 5 } : {} };
    };
    const made = await create({
      pullRequestBuildPolicy: {
        ...{ requiresCommentApproval: 'FORK_PULL_REQUESTS', approverRoles: ['GITHUB_MAINTAIN'] },
      },
    });
    const hook = { ...made, secret: givenSecret(0) };
    const fork = { repo: { full_name: 'them/app' } };
    const opened = pullRequest('opened', {}, fork);
    expect((await github(hook, 'pull_request', opened)).text).toMatch(/approval required/);
    await server.runDue();
    expect(forge.calls.at(-1)).toMatchObject({
      path: `/api/repos/me/app/statuses/${NEW}`,
      body: {
        state: 'failure',
        description: 'Pull request approval required for starting a build',
      },
    });
    const comment = (login: string, body: string) =>
      github(hook, 'issue_comment', {
        ...{ action: 'created', sender: ME, repository: { full_name: 'me/app' } },
        ...{ issue: { number: 7, pull_request: {} }, comment: { body, user: { id: 1, login } } },
      });
    expect((await comment('them', `/codebuild_run(${NEW})`)).text).toMatch(/may not approve/);
    expect((await comment('boss', `/codebuild_run(${OLD})`)).text).toMatch(/not the last commit/);
    expect((await comment('boss', `please /codebuild_run(${NEW})`)).text).toMatch(/^Nothing/);
    expect(await builds()).toEqual([]);
    expect((await comment('boss', `/codebuild_run(${NEW})`)).text).toMatch(/^Started/);
    expect((await comment('boss', `/codebuild_run(${NEW})`)).text).toMatch(/^No build/);
    expect(await builds()).toMatchObject([{ sourceVersion: 'pr/7' }]);
    await github(hook, 'pull_request', pullRequest('opened'));
    expect(await builds()).toHaveLength(2);
    // What a fork proposes is known, and is none of the build's variables.
    const inOrder = (await builds()).toSorted(
      (a, b) => Number(a.buildNumber) - Number(b.buildNumber),
    );
    const stored = inOrder.map(({ id = '', arn = '' }) => {
      const [, , , region = '', accountId = ''] = arn.split(':');
      return findBuild(server.platform.db, { region, accountId }, id);
    });
    const hooks = (await Promise.all(stored)).map((one) => one?.inputs.webhook);
    expect(hooks).toEqual([
      { commit: NEW, fork: true, variables: expect.anything() },
      { commit: NEW, variables: expect.anything() },
    ]);
    expect(JSON.stringify(hooks)).not.toContain('FROM_FORK');
  });

  test('CB-I5: a hook is registered, changed and removed at the forge with the account’s credential', async () => {
    await project();
    withApi();
    await token();
    const { url, secret, payloadUrl } = await create();
    expect({ url, secret }).toEqual({
      url: `${forge.url}/api/repos/me/app/hooks/5`,
      secret: undefined,
    });
    expect(forge.calls).toMatchObject([
      {
        ...{ method: 'POST', path: '/api/repos/me/app/hooks', authorization: 'Bearer token-word' },
        body: { config: { url: payloadUrl, content_type: 'json' } },
      },
    ]);
    const rotated = await codebuild.send(
      new UpdateWebhookCommand({ projectName: 'app', rotateSecret: true }),
    );
    expect(rotated.webhook?.secret).toBeUndefined();
    expect(forge.calls.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/api/repos/me/app/hooks/5',
    });
    const [old, current] = [givenSecret(0), givenSecret(-1)];
    expect(current).not.toBe(old);
    const its = { payloadUrl, secret: current };
    expect((await github(its, 'push', push())).text).toMatch(/^Started/);
    expect((await github(its, 'push', push(), old)).status).toBe(401);
    forge.answer = () => ({ status: 403 });
    const remove = () => codebuild.send(new DeleteWebhookCommand({ projectName: 'app' }));
    await expect(remove()).rejects.toMatchObject({ name: 'OAuthProviderException' });
    forge.answer = () => ({ status: 404 });
    await remove();
    await expect(create()).rejects.toMatchObject({ name: 'OAuthProviderException' });
    forge.answer = () => ({ status: 201, body: { id: 6 } });
    expect((await create()).url).toMatch(/hooks\/6$/);
  });

  test('CB-I5: GitLab tells by its token, and Bitbucket by its signature', async () => {
    await project({ type: 'GITLAB', location: 'https://gitlab.com/a/b/app' });
    const hook = await create(groups(['EVENT', 'PUSH'], ['FILE_PATH', 'x$']));
    const gitlab = JSON.stringify({
      ...{
        object_kind: 'push',
        ref: 'refs/heads/main',
        before: OLD,
        after: NEW,
        checkout_sha: NEW,
      },
      ...{ user_id: 3, project: { path_with_namespace: 'a/b/app' }, total_commits_count: 1 },
      commits: [{ id: NEW, message: 'm', added: ['x'], modified: [], removed: [] }],
    });
    const headers = { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': hook.secret ?? '' };
    expect((await post(hook, headers, gitlab)).text).toMatch(/^Started/);
    await project(
      { type: 'BITBUCKET', location: 'https://bitbucket.org/me/app' },
      { name: 'other' },
    );
    const second = await create({ projectName: 'other' });
    const pushed = JSON.stringify({
      ...{ actor: { account_id: 'x:1' }, repository: { full_name: 'me/app' } },
      push: {
        changes: [
          { new: { type: 'branch', name: 'main', target: { hash: NEW, message: 'm' } }, old: null },
        ],
      },
    });
    const signed = {
      'x-event-key': 'repo:push',
      'x-hub-signature': sign(second.secret ?? '', pushed),
    };
    expect((await post(second, signed, pushed)).text).toMatch(/^Started other:/);
    expect(await builds()).toMatchObject([{ sourceVersion: NEW }, { sourceVersion: NEW }]);
  });

  test('CB-I3: an organization’s webhook builds whichever of its repositories is told of', async () => {
    await project({ location: 'CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION' });
    const scopeConfiguration = { name: 'me', scope: 'GITHUB_ORGANIZATION' } as const;
    const hook = await create({
      ...groups(['EVENT', 'PUSH'], ['REPOSITORY_NAME', '^app$']),
      scopeConfiguration,
    });
    await github(hook, 'push', push());
    await github(hook, 'push', push({ repository: { full_name: 'me/other' } }));
    const foreign = push({ repository: { full_name: 'them/app' } });
    expect((await github(hook, 'push', foreign)).status).toBe(403);
    expect(await builds()).toMatchObject([
      { source: { location: 'https://github.com/me/app.git' } },
    ]);
  });

  test('CB-C7: the forge is told how a build goes, again where it did not answer, and of the last alone', async () => {
    await project({
      reportBuildStatus: true,
      buildStatusConfig: { context: 'ci/$CODEBUILD_BUILD_NUMBER' },
    });
    withApi();
    await token();
    let status = 201;
    forge.answer = () => ({ status, body: { id: 5 } });
    const hook = await create();
    hook.secret = givenSecret(0);
    status = 500;
    await github(hook, 'push', push());
    await server.runDue();
    const told = () =>
      forge.calls.flatMap(({ path, body }) =>
        path.includes('/statuses/') ? [(body as { state: string }).state] : [],
      );
    expect(told().length).toBeGreaterThan(0);
    expect(forge.calls.at(-1)).toMatchObject({
      path: `/api/repos/me/app/statuses/${NEW}`,
      body: { context: 'ci/1', target_url: expect.stringContaining('/builds/app') },
    });
    status = 201;
    server.clock.advance(60_000);
    await server.runDue();
    const [build] = await builds();
    expect(build?.buildStatus).not.toBe('IN_PROGRESS');
    expect(told().at(-1)).not.toBe('pending');
    const count = told().length;
    server.clock.advance(24 * 3600_000);
    await server.sweep();
    expect(told()).toHaveLength(count);
  });

  test('CB-I3, CB-G6: a webhook may start batches, whose status is the commit’s', async () => {
    const buildspec = 'version: 0.2\nbatch: {build-list: [{identifier: one}]}\n';
    await project({ buildspec }, { buildBatchConfig: { serviceRole: roleArn } });
    withApi();
    await token();
    await create({
      buildType: 'BUILD_BATCH',
      ...groups(['EVENT', 'RELEASED'], ['TAG_NAME', '^v']),
    });
    const hook = { payloadUrl: (await shown())?.payloadUrl, secret: givenSecret(0) };
    const release = (tag_name: string) => ({
      ...{ action: 'released', sender: ME, repository: { full_name: 'me/app' } },
      release: { tag_name, name: 'one' },
    });
    expect((await github(hook, 'release', release('x1'))).text).toMatch(/^No filter/);
    expect((await github(hook, 'release', release('v1'))).text).toMatch(/^Started app:/);
    const { ids = [] } = await codebuild.send(new ListBuildBatchesCommand({}));
    const found = await codebuild.send(new BatchGetBuildBatchesCommand({ ids }));
    expect(found.buildBatches).toMatchObject([{ sourceVersion: 'refs/tags/v1' }]);
  });

  test.each([
    [groups(['HEAD_REF', 'x']), 'one filter of type EVENT'],
    [groups(['EVENT', 'PUSH'], ['EVENT', 'PUSH']), 'one filter of type EVENT'],
    [groups(['EVENT', 'NOPE']), 'no event NOPE'],
    [groups(['EVENT', 'PUSH'], ['BASE_REF', 'x']), 'pull requests alone'],
    [groups(['EVENT', 'PUSH'], ['TAG_NAME', 'x']), 'RELEASED and PRERELEASED'],
    [groups(['EVENT', 'PUSH'], ['HEAD_REF', '(']), 'cannot be used'],
    [groups(['EVENT', 'PUSH'], ['HEAD_REF', '((a{1000}){1000}){1000}']), 'cannot be used'],
    [groups(['EVENT', 'PUSH'], ['REPOSITORY_NAME', 'x']), 'organization webhooks alone'],
    [{ branchFilter: 'x', ...groups(['EVENT', 'PUSH']) }, 'do not go together'],
    [{ buildType: 'BUILD_BATCH' as const }, 'buildBatchConfig'],
    [{ scopeConfiguration: { name: 'me', scope: 'GITHUB_GLOBAL' as const } }, 'goes with'],
    [
      {
        pullRequestBuildPolicy: {
          requiresCommentApproval: 'ALL_PULL_REQUESTS' as const,
          approverRoles: ['GITLAB_OWNER' as const],
        },
      },
      'not a role',
    ],
  ])('CreateWebhook refuses %j', async (more, words) => {
    await project();
    await expect(create(more)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining(words),
    });
  });

  test.each([
    groups(['EVENT', 'WORKFLOW_JOB_QUEUED']),
    groups(['EVENT', 'PUSH'], ['WORKFLOW_NAME', 'x']),
    { buildType: 'RUNNER_BUILDKITE_BUILD' as const },
  ])('CB-I6: runners are refused by name: %j', async (more) => {
    await project();
    await expect(create(more)).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});
