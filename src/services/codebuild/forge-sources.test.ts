import { afterEach, beforeEach, expect, test } from 'vitest';
import { embedded } from '../../db/testing.ts';
import { type StandInForge, standInForge } from '../../kit/forges/testing.ts';
import { perform } from '../../testing.ts';
import { startBuild } from './operations/builds.ts';
import { invalidateProjectCache } from './operations/projects.ts';
import {
  deleteSourceCredentials,
  importSourceCredentials,
  listSourceCredentials,
} from './operations/source-credentials.ts';
import { allLocalCaches } from './store/local-caches.ts';
import {
  ACCOUNT,
  defaultProject,
  type FakeCloud,
  freshServer,
  type TestServer,
  type temporaryDirectory,
} from './testing.ts';

const TOKEN = 'token-word';
const BUILDSPEC = `version: 0.2
phases:
  build:
    commands:
      - echo "at $CODEBUILD_RESOLVED_SOURCE_VERSION of $CODEBUILD_SOURCE_REPO_URL, $CODEBUILD_SOURCE_VERSION"
      - echo "in ${'$'}{CODEBUILD_SRC_DIR#*/output/}"
      - echo "token $(grep -rc 'token-w[o]rd' .git/config) $(git remote get-url origin)"
      - if [ -e lib/file ]; then echo "sub $(cat lib/file)"; fi
`;

embedded('a source at a forge', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let forge: StandInForge;
  let directory: ReturnType<typeof temporaryDirectory>;
  let app: Awaited<ReturnType<StandInForge['repository']>>;
  let first: string;

  beforeEach(async () => {
    ({ cloud, directory, server } = await freshServer(makeDatabase));
    forge = await standInForge();
    server.platform.config.forges = { 'github.com': forge.url, 'gitlab.com': forge.url };
    app = await forge.repository('me/app');
    first = await app.commit({ 'buildspec.yml': BUILDSPEC });
  });
  afterEach(async () => {
    await server.stop();
    await forge.close();
    directory.clean();
  });

  const source = { type: 'GITHUB', location: 'https://github.com/me/app.git' } as const;
  const build = async (more: object = {}, input: object = {}) => {
    const name = 'app';
    await server.createProject({ name, source: { ...source, ...more } });
    const { id = '' } = await server.startBuild({ projectName: name, ...input });
    return server.ended(id);
  };
  const token = (more: object = {}) =>
    perform(importSourceCredentials, server.context, {
      ...{ serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', token: TOKEN },
      ...more,
    });
  const reason = ({ phases = [] }: Awaited<ReturnType<typeof build>>) =>
    phases.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')?.contexts?.[0]?.message;

  test('CB-C1: is cloned from where it is said to be, and known by its own URL', async () => {
    const ended = await build();
    expect(reason(ended)).toBe('');
    expect(ended).toMatchObject({ buildStatus: 'SUCCEEDED', resolvedSourceVersion: first });
    expect(cloud.text).toContain(`\nat ${first} of https://github.com/me/app.git, \n`);
    expect(cloud.text).toMatch(/\nin src\d+\/src\/github\.com\/me\/app\n/);
    expect(cloud.text).toContain('\ntoken 0 https://github.com/me/app.git\n');
    expect(forge.logins.every((login) => login === undefined)).toBe(true);
  });

  test('CB-C8: signs in with what the account has, which no log, file or answer shows', async () => {
    forge.password = TOKEN;
    const denied = await build();
    expect(reason(denied)).toContain('authorization failed for primary source');
    const { arn } = await token();
    expect(arn).toMatch(/:token\/github$/);
    const { id = '' } = await server.startBuild({ projectName: 'app' });
    const ended = await server.ended(id);
    expect(ended.buildStatus).toBe('SUCCEEDED');
    expect(forge.logins.at(-1)).toBe(`Basic ${btoa(`x-access-token:${TOKEN}`)}`);
    expect(cloud.text).not.toContain(TOKEN);
    const listed = await perform(listSourceCredentials, server.context, {});
    expect(listed).toEqual({
      sourceCredentialsInfos: [{ arn, serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN' }],
    });
    await expect(token({ shouldOverwrite: false })).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    await perform(deleteSourceCredentials, server.context, { arn: arn ?? '' });
    await expect(
      perform(deleteSourceCredentials, server.context, { arn: arn ?? '' }),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('CB-C8: or with a secret, which takes the right of the role', async () => {
    forge.password = TOKEN;
    const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:forge-abc';
    cloud.secrets.set(
      secret,
      JSON.stringify({ ServerType: 'GITHUB', AuthType: 'PERSONAL_ACCESS_TOKEN', Token: TOKEN }),
    );
    const auth = { type: 'SECRETS_MANAGER', resource: secret };
    expect((await build({ auth })).buildStatus).toBe('SUCCEEDED');
    cloud.secrets.set(secret, JSON.stringify({ ServerType: 'GITLAB', Token: TOKEN }));
    const again = async () => server.ended((await server.startBuild()).id ?? '');
    expect(reason(await again())).toContain('holds no credential for GITHUB');
    cloud.denied.add('GetSecretValueCommand');
    expect(reason(await again())).toContain('not authorized');
  });

  test('CB-C6: submodules come with it: of the same host as itself, of others without credentials', async () => {
    forge.password = TOKEN;
    await token();
    const lib = await forge.repository('me/lib');
    const at = await lib.commit({ file: 'of the library' });
    await lib.commit({ file: 'later' });
    await app.commit({ '.gitmodules': '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n' });
    await app.git('update-index', '--add', '--cacheinfo', `160000,${at},lib`);
    await app.git('commit', '--quiet', '-m', 'with a library');
    const config = { gitSubmodulesConfig: { fetchSubmodules: true } };
    const ended = await build(config);
    expect(reason(ended)).toBe('');
    expect(cloud.text).toContain('\nsub of the library\n');
    const { id = '' } = await server.startBuild({
      gitSubmodulesConfigOverride: { fetchSubmodules: false },
    });
    expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
    expect(cloud.text.match(/\nsub of the library\n/g)).toHaveLength(1);
  });

  test('CB-I4: what a webhook told of is built, and not what has been pushed since', async () => {
    await app.commit({ 'evil.txt': 'later' });
    await app.git('update-ref', 'refs/pull/7/head', 'HEAD');
    const project = { ...defaultProject(), source: { ...source, sourceIdentifier: 'own' } };
    await server.createProject(project);
    const told = { CODEBUILD_RESOLVED_SOURCE_VERSION: first, CODEBUILD_WEBHOOK_TRIGGER: 'pr/7' };
    const variables = Object.entries(told).map(([name, value]) => ({ name, value }));
    const input = { sourceVersion: 'pr/7', environmentVariablesOverride: variables };
    const ofUser = await server.startBuild(input);
    const principal = { type: 'service', accountId: ACCOUNT, service: 'codebuild.amazonaws.com' };
    const asCodeBuild = Object.assign(Object.create(server.context), { principal });
    const its = { projectName: 'app', ...input };
    const { build: ofWebhook } = await perform(startBuild, asCodeBuild, its);
    const [byUser, byWebhook] = [
      await server.ended(ofUser.id ?? ''),
      await server.ended(ofWebhook?.id ?? ''),
    ];
    expect(byUser.resolvedSourceVersion).not.toBe(first);
    expect(byWebhook.resolvedSourceVersion).toBe(first);
  });

  test('CB-C3: a secondary source is one too', async () => {
    const other = await forge.repository('group/sub/lib');
    await other.commit({ file: 'secondary' });
    const buildspec =
      'version: 0.2\nphases: {build: {commands: ["echo got $(cat $CODEBUILD_SRC_DIR_lib/file) $CODEBUILD_SOURCE_REPO_URL_lib"]}}\n';
    await server.createProject({
      source: { type: 'NO_SOURCE', buildspec },
      secondarySources: [
        { type: 'GITLAB', location: 'https://gitlab.com/group/sub/lib', sourceIdentifier: 'lib' },
      ],
    });
    const { id = '' } = await server.startBuild();
    expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
    expect(cloud.text).toContain('\ngot secondary https://gitlab.com/group/sub/lib\n');
  });

  test.each([
    [{ authType: 'OAUTH' }, 'OAUTH'],
    [{ authType: 'BASIC_AUTH', username: 'me' }, 'BITBUCKET alone'],
    [{ authType: 'BASIC_AUTH', serverType: 'BITBUCKET' }, 'needs one'],
    [{ username: 'me' }, 'only BASIC_AUTH'],
    [{ authType: 'CODECONNECTIONS' }, 'ARN of a connection'],
    [{ authType: 'SECRETS_MANAGER' }, 'ARN of a secret'],
    [{ token: 'a\r\nHost: x' }, 'cannot be sent'],
  ])('ImportSourceCredentials refuses %j', async (more, words) => {
    await expect(token(more)).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: expect.stringContaining(words),
    });
  });

  test('CB-F1: LOCAL_SOURCE_CACHE keeps clones for the project’s next build, and for no other’s', async () => {
    const cache = { type: 'LOCAL' as const, modes: ['LOCAL_SOURCE_CACHE' as const] };
    for (const name of ['app', 'other']) await server.createProject({ name, source, cache });
    const run = async (projectName: string, more: object = {}) => {
      const { id = '' } = await server.startBuild({ projectName, ...more });
      expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
    };
    const kept = () => allLocalCaches(server.platform.db);
    await run('app', { gitCloneDepthOverride: 1 });
    expect(await kept()).toEqual([]);
    expect(cloud.text).toContain('Skipping LOCAL_SOURCE_CACHE: it is for clones that are whole');
    await run('app');
    const [first] = await kept();
    expect(first).toMatchObject({ projectName: 'app', kind: expect.stringMatching(/^source:/) });
    await run('app');
    expect((await kept()).map(({ id }) => id)).toEqual([first?.id]);
    await run('other');
    const both = await kept();
    expect(new Set(both.map(({ scope }) => scope)).size).toBe(2);
    expect(new Set(both.map(({ kind }) => kind)).size).toBe(1);
    await perform(invalidateProjectCache, server.context, { projectName: 'app' });
    await expect.poll(async () => (await kept()).map((one) => one.projectName)).toEqual(['other']);
  });
});
