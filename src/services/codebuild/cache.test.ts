import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { embedded } from '../../db/testing.ts';
import { ComputeAway } from '../../executors/executor.ts';
import { perform } from '../../testing.ts';
import { cacheScope } from './model/cache.ts';
import { deleteProject, invalidateProjectCache } from './operations/projects.ts';
import { allLocalCaches } from './store/local-caches.ts';
import {
  type FakeCloud,
  freshServer,
  type TestServer,
  type temporaryDirectory,
} from './testing.ts';

const S3 = { type: 'S3', location: 'caches/some' } as const;

embedded('the cache of a build', (makeDatabase) => {
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

  const spec = (cache: string[], commands: string[]) =>
    [
      'version: 0.2',
      'phases: {build: {commands:',
      ...commands.map((command) => `  - ${command}`),
      '  ]}}',
      'cache:',
      ...cache.map((line) => `  ${line}`),
      '',
    ]
      .join('\n')
      .replace('commands:\n', 'commands: [\n')
      .replaceAll(/^ {2}- (.*)$/gm, "  '$1',");
  const build = async (cache: string[], commands: string[], name = 'app', more: object = {}) => {
    const before = cloud.text.length;
    const { id = '' } = await server.startBuild({
      projectName: name,
      ...more,
      buildspecOverride: spec(cache, commands),
    });
    const ended = await server.ended(id);
    expect(ended.buildStatus).toBe('SUCCEEDED');
    return cloud.text.slice(before);
  };
  const entries = () =>
    [...cloud.objects.keys()].map((key) => decodeURIComponent(key.split('/').at(-2) ?? ''));

  test('CB-A23, CB-F3: one with a key is read by it, and never written again', async () => {
    await server.createProject({ cache: S3 });
    const cache = ['key: "npm-$(codebuild-hash-files lock)-$NONE"', 'paths: [kept/**/*]'];
    // The key is worked out before the first command, in the source as it is.
    const none = await build(
      ['key: a-$CODEBUILD_BUILD_NUMBER', 'paths: [kept/**/*]'],
      ['mkdir kept && echo one > kept/file'],
    );
    expect(none).toContain('There is no cache with the key a-1\n');
    expect(none).toContain('Kept 1 file(s) in the cache\n');
    const fixed = ['key: "a-$(echo 1)"', 'paths: [kept/**/*]'];
    const hit = await build(fixed, ['cat kept/file; echo two > kept/file']);
    expect(hit).toContain('Restored 1 file(s) from the cache with the key a-1\n');
    expect(hit).toContain('\none\n');
    expect(hit).toContain('The cache is not kept: there is one with the key a-1\n');
    const again = await build(fixed, ['cat kept/file']);
    expect(again).toContain('\none\n');
    expect(entries()).toEqual(['a-1']);
    // Of other paths it is another cache.
    expect(await build(['key: a-1', 'paths: [other/**/*]'], ['true'])).toContain(
      'There is no cache with the key a-1\n',
    );
    // A hash of nothing is no text, and the build goes on.
    expect(await build(cache, ['true'])).toContain('There is no cache with the key npm--\n');
  });

  test('CB-A23: in place of it, the last of those that begin with a fallback key; action says what is done', async () => {
    await server.createProject({ cache: S3 });
    const paths = 'paths: [kept/**/*]';
    for (const key of ['x-1', 'y-1', 'y-2'])
      await build([`key: ${key}`, paths], [`mkdir -p kept && echo ${key} > kept/file`]);
    const found = await build(
      ['key: new', 'fallback-keys: [nothing-, y-, x-]', 'action: restore', paths],
      ['cat kept/file'],
    );
    expect(found).toContain('Restored 1 file(s) from the cache with the key y-2\n');
    expect(found).toContain('\ny-2\n');
    expect(entries()).toEqual(['x-1', 'y-1', 'y-2']);
    const saved = await build(['key: y-2', 'action: save', paths], ['ls kept || echo none']);
    expect(saved).toContain('\nnone\n');
    expect(saved).not.toContain('Restored');
  });

  test('CB-F3: a namespace shares entries between projects, and InvalidateProjectCache ends that', async () => {
    const cache = { ...S3, cacheNamespace: 'team' };
    for (const name of ['app', 'other']) await server.createProject({ name, cache });
    await server.createProject({ name: 'alone', cache: S3 });
    const lines = ['key: k', 'paths: [kept/**/*]'];
    await build(lines, ['mkdir kept && echo shared > kept/file']);
    expect(await build(lines, ['cat kept/file'], 'other')).toContain('\nshared\n');
    expect(await build(lines, ['true'], 'alone')).toContain('There is no cache with the key k\n');
    await perform(invalidateProjectCache, server.context, { projectName: 'other' });
    expect(await build(lines, ['true'], 'other')).toContain('There is no cache with the key k\n');
  });

  test('CB-F3: what somebody else put into an entry does not leave the cached paths', async () => {
    await server.createProject({ cache: S3 });
    const lines = ['key: k', 'paths: [kept/**/*]'];
    await build(lines, ['mkdir kept && touch kept/file']);
    const [key = ''] = cloud.objects.keys();
    const tar = pack();
    const link = (name: string, linkname: string) => tar.entry({ name, type: 'symlink', linkname });
    link('source/kept/out', directory.path);
    tar.entry({ name: 'source/kept/out/planted' }, 'evil');
    tar.entry({ name: 'source/kept/../../planted' }, 'evil');
    tar.entry({ name: 'source/planted' }, 'evil');
    tar.entry({ name: `root${directory.path}/planted` }, 'evil');
    tar.entry({ name: 'home/.profile' }, 'evil');
    tar.entry({ name: 'source/kept/hard', type: 'link', linkname: '/etc/passwd' });
    tar.entry({ name: 'source/kept/good' }, 'good');
    tar.finalize();
    cloud.objects.set(key, gzipSync(await buffer(tar)));
    const log = await build(lines, [
      'ls -A "$HOME" .; ls kept; cat kept/good',
      `if ls -A ${directory.path} .. | grep planted; then exit 1; fi`,
    ]);
    expect(log).toContain('Restored 2 file(s) from the cache with the key k\n');
    expect(log).not.toMatch(/^(planted|\.profile|hard)$/m);
  });

  test('CB-F1: of a cache that broke off on its way in nothing is used: it is brought again', async () => {
    await server.createProject({ cache: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } });
    const lines = ['paths: [kept/**/*]'];
    await build(lines, ['mkdir kept && echo own > kept/file']);
    const { executors } = server.platform;
    const copyIn = executors.copyIn.bind(executors);
    executors.copyIn = async (_, into, tar) => {
      if (!into.endsWith('/slipway')) return copyIn(_, into, tar);
      executors.copyIn = copyIn;
      tar.destroy();
      throw new ComputeAway('the engine does not answer');
    };
    const log = await build(lines, ['cat kept/file']);
    expect(log).toContain('Restored 1 file(s) from the cache\n');
    expect(log).toContain('\nown\n');
  });

  test('CB-F3: a pull request reads a cache in S3, and writes none', async () => {
    await server.createProject({ cache: S3 });
    const lines = ['key: $CODEBUILD_BUILD_NUMBER', 'fallback-keys: ["1"]', 'paths: [kept/**/*]'];
    await build(lines, ['mkdir kept && echo own > kept/file']);
    const more = { sourceVersion: 'pr/7' };
    const log = await build(lines, ['cat kept/file; echo evil > kept/file'], 'app', more);
    expect(log).toContain('\nown\n');
    const none = 'The cache is not kept: pull requests do not write to a cache in S3\n';
    expect(log).toContain(none);
    expect(await build(['paths: [kept/**/*]'], ['mkdir kept'], 'app', more)).toContain(none);
    expect(entries()).toEqual(['1']);
  });

  test('CB-F1: what a pull request leaves in a local cache is for that pull request alone', async () => {
    await server.createProject({ cache: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } });
    const lines = ['paths: [kept/**/*]'];
    const show = 'cat kept/file || echo none';
    const pull = (number: number, commands: string[]) =>
      build(lines, commands, 'app', { sourceVersion: `pr/${number}` });
    await build(lines, ['mkdir kept && echo own > kept/file']);
    expect(await pull(7, [show, 'mkdir kept && echo evil > kept/file'])).toContain('\nnone\n');
    expect(await pull(8, [show])).toContain('\nnone\n');
    expect(await pull(7, [show])).toContain('\nevil\n');
    expect(await build(lines, [show])).toContain('\nown\n');
    await perform(invalidateProjectCache, server.context, { projectName: 'app' });
    await expect.poll(() => allLocalCaches(server.platform.db)).toEqual([]);
  });

  test('CB-F1: a local cache is the project’s alone, and goes with it', async () => {
    const cache = { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } as const;
    for (const name of ['app', 'other'])
      await server.createProject({ name, cache: { ...cache, modes: [...cache.modes] } });
    const lines = ['paths: [kept/**/*]'];
    expect(await build(lines, ['mkdir kept && echo mine > kept/file'])).toContain(
      'There is no cache yet\n',
    );
    expect(await build(lines, ['cat kept/file; echo later > kept/file'])).toContain('\nmine\n');
    expect(await build(lines, ['cat kept/file'])).toContain('\nlater\n');
    expect(await build(lines, ['ls kept || echo none'], 'other')).toContain('\nnone\n');
    const kept = () => allLocalCaches(server.platform.db);
    expect((await kept()).map(({ projectName }) => projectName).sort()).toEqual(['app', 'other']);
    await perform(invalidateProjectCache, server.context, { projectName: 'app' });
    await expect.poll(async () => (await kept()).length).toBe(1);
    expect(await build(lines, ['ls kept || echo none'])).toContain('\nnone\n');
    for (const name of ['app', 'other']) await perform(deleteProject, server.context, { name });
    await expect.poll(async () => (await kept()).length).toBe(0);
  });
});

test('a project that was deleted and made again has other caches', () => {
  const project = {
    arn: 'arn:aws:codebuild:us-east-1:111122223333:project/p',
    created: 1,
    version: 0,
  };
  const scopes = [
    project,
    { ...project, created: 2 },
    { ...project, version: 1 },
    { ...project, arn: 'other' },
  ];
  expect(new Set(scopes.map(cacheScope)).size).toBe(4);
});
