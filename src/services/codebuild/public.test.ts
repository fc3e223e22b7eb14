import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { Route } from '../../kit/service.ts';
import { perform } from '../../testing.ts';
import { createProject, updateProject } from './operations/projects.ts';
import { updateProjectVisibility } from './operations/visibility.ts';
import { routes } from './routes/index.ts';
import {
  ACCOUNT,
  defaultProject,
  type FakeCloud,
  freshServer,
  ROLE,
  type TestServer,
  type temporaryDirectory,
} from './testing.ts';

const ARN = `arn:aws:codebuild:eu-west-1:${ACCOUNT}:project/app`;

eachDialect('what of a project is public', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(async () => {
    ({ cloud, directory, server } = await freshServer(makeDatabase));
  });
  afterEach(async () => {
    await server.stop();
    directory.clean();
  });

  const get = async (url: string) => {
    const { pathname, search } = new URL(url, 'http://server');
    const route = routes.find(
      ({ path }) =>
        path.split('/').length === pathname.split('/').length &&
        pathname.startsWith(path.split('/{')[0] ?? ''),
    );
    const [, alias = '', uuid = ''] = /public\/([^/]*)\/?(.*)$/.exec(pathname) ?? [];
    const call = { request: { query: search.slice(1), method: 'GET' }, labels: { alias, uuid } };
    try {
      const { status, body } = await (route as Route).handle(server.platform, call as never);
      return { status, body: String(body) };
    } catch (error) {
      return { status: (error as { status: number }).status, body: (error as Error).message };
    }
  };
  const project = async () => (await server.getProjects(['app'])).projects?.[0];

  test('CB-I7: a badge is of a branch, by a token that goes when it is taken off', async () => {
    const source = { type: 'CODECOMMIT', location: 'http://127.0.0.1/v1/repos/app' } as const;
    for (const type of ['S3', 'NO_SOURCE'] as const) {
      const without = {
        ...defaultProject(),
        source: { type, ...(type === 'S3' && { location: 'b/k' }) },
      };
      const refused = perform(createProject, server.context, { ...without, badgeEnabled: true });
      await expect(refused).rejects.toThrow(`source type ${type} has no branches`);
    }
    await server.createProject({ source, badgeEnabled: true });
    const url = (await project())?.badge?.badgeRequestUrl ?? '';
    expect(url).toMatch(/\/_slipway\/badges\?uuid=[\w-]{32}&branch=main$/);
    expect(await get(url)).toMatchObject({
      status: 200,
      body: expect.stringContaining('build: unknown'),
    });
    const build = async (sourceVersion: string, command: string) => {
      const buildspecOverride = `version: 0.2\nphases: {build: {commands: ["${command}"]}}\n`;
      const input = { sourceVersion, buildspecOverride, sourceTypeOverride: 'NO_SOURCE' as const };
      return server.ended((await server.startBuild(input)).id ?? '');
    };
    await build('refs/heads/main', 'true');
    await build('feature', 'false');
    expect((await get(url)).body).toContain('build: passing');
    expect((await get(url.replace('main', 'feature'))).body).toContain('build: failing');
    expect((await get(url.replace('main', '%3Cscript%3E'))).body).toContain('build: unknown');
    // Attacks: tokens of nobody, none at all, what SQL would read otherwise.
    for (const uuid of ['', 'null', "' OR '1'='1", '%', 'x'.repeat(5000)])
      expect((await get(`/_slipway/badges?${new URLSearchParams({ uuid })}`)).status).toBe(404);
    await perform(updateProject, server.context, { name: 'app', description: 'same' });
    expect((await project())?.badge?.badgeRequestUrl).toBe(url);
    await perform(updateProject, server.context, { name: 'app', badgeEnabled: false });
    expect((await project())?.badge).toEqual({ badgeEnabled: false });
    expect((await get(url)).status).toBe(404);
  });

  test('UpdateProjectVisibility: builds and their log are everybody’s by an unguessable name, and nobody’s again', async () => {
    const spec =
      'version: 0.2\nphases: {build: {commands: ["echo $CODEBUILD_PUBLIC_BUILD_URL"]}}\n';
    await server.createProject({ source: { type: 'NO_SOURCE', buildspec: spec } });
    const change = (projectVisibility: 'PUBLIC_READ' | 'PRIVATE', more = {}) =>
      perform(updateProjectVisibility, server.context, {
        projectArn: ARN,
        projectVisibility,
        ...more,
      });
    const { publicProjectAlias = '' } = await change('PUBLIC_READ', { resourceAccessRole: ROLE });
    expect(await project()).toMatchObject({
      projectVisibility: 'PUBLIC_READ',
      publicProjectAlias,
      resourceAccessRole: ROLE,
    });
    const environmentVariablesOverride = [{ name: 'HIDDEN', value: 'not-for-all' }];
    const { id = '' } = await server.startBuild({ environmentVariablesOverride });
    expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
    const uuid = id.split(':')[1] ?? '';
    const page = `/_slipway/public/${publicProjectAlias}`;
    expect(cloud.text).toContain(`${page}/${uuid}\n`);
    const list = await get(page);
    expect(list).toMatchObject({ status: 200, body: expect.stringContaining(`${page}/${uuid}`) });
    const shown = await get(`${page}/${uuid}`);
    expect(shown.body).toContain('<td>BUILD<td>SUCCEEDED');
    expect(shown.body).toContain(`${page}/${uuid}\n`);
    expect(shown.body).not.toContain('not-for-all');
    cloud.denied.add('GetLogEventsCommand');
    expect((await get(`${page}/${uuid}`)).body).toContain('There is no log to be seen.');
    for (const other of ['', 'app', 'null', `${publicProjectAlias}x`])
      expect((await get(`/_slipway/public/${other}`)).status).toBe(404);
    for (const other of ['x', `${uuid}x`, '%'])
      expect((await get(`${page}/${other}`)).status).toBe(404);
    expect((await change('PRIVATE')).publicProjectAlias).toBe(publicProjectAlias);
    expect((await project())?.resourceAccessRole).toBeUndefined();
    expect([(await get(page)).status, (await get(`${page}/${uuid}`)).status]).toEqual([404, 404]);
    await expect(change('PRIVATE', { resourceAccessRole: ROLE })).rejects.toThrow(
      'resourceAccessRole',
    );
  });

  test('CB-J3: a build that fails is followed by another, as often as its project says', async () => {
    const buildspec =
      'version: 0.2\nphases: {build: {commands: ["test $CODEBUILD_BUILD_NUMBER -ge 3"]}}\n';
    await server.createProject({ source: { type: 'NO_SOURCE', buildspec }, autoRetryLimit: 5 });
    const first = await server.startBuild();
    expect(first.autoRetryConfig).toEqual({ autoRetryLimit: 5, autoRetryNumber: 0 });
    const idOf = (arn = '') => arn.replace(/^.*:build\//, '');
    const one = await server.ended(first.id ?? '');
    expect(one.buildStatus).toBe('FAILED');
    const two = await server.ended(idOf(one.autoRetryConfig?.nextAutoRetry));
    expect(two).toMatchObject({
      buildNumber: 2,
      autoRetryConfig: { autoRetryNumber: 1, previousAutoRetry: one.arn },
    });
    const three = await server.ended(idOf(two.autoRetryConfig?.nextAutoRetry));
    expect(three.buildStatus).toBe('SUCCEEDED');
    expect(three.autoRetryConfig).toEqual({
      autoRetryLimit: 5,
      autoRetryNumber: 2,
      previousAutoRetry: two.arn,
    });
    // The call's own limit counts, and a build that is stopped has not failed.
    const never = await server.startBuild({
      autoRetryLimitOverride: 0,
      environmentVariablesOverride: [{ name: 'X', value: 'y' }],
    });
    expect((await server.ended(never.id ?? '')).autoRetryConfig).toBeUndefined();
    await expect(server.startBuild({ autoRetryLimitOverride: 11 })).rejects.toThrow(
      'auto retry limit',
    );
    await expect(server.startBuild({ autoRetryLimitOverride: -1 })).rejects.toThrow(
      'auto retry limit',
    );
  });
});
