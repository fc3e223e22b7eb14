import type { CreateProjectInput } from '@aws-sdk/client-codebuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { makeDummyExecutor } from '../../executors/dummy/dummy-executor.ts';
import type { Executor, WorkSpec } from '../../executors/executor.ts';
import { ManualClock } from '../../lib/clock.ts';
import { databaseOf, perform } from '../../testing.ts';
import service from './index.ts';
import { ORPHANS_AFTER_MS } from './limits.ts';
import { deleteProject, updateProject } from './operations/projects.ts';
import { buildKey } from './reconcilers/names.ts';
import { placesReconciler } from './reconcilers/places.ts';
import { ACCOUNT, FakeCloud, type TestServer, temporaryDirectory, testServer } from './testing.ts';

const vpcConfig = { vpcId: 'vpc-1', subnets: ['subnet-1'], securityGroupIds: ['sg-1'] };
const fileSystem = (id: string) => ({
  ...({
    type: 'EFS',
    location: `fs-${id}.efs.eu-west-1.amazonaws.com`,
    mountPoint: '/mnt',
  } as const),
  identifier: 'shared',
});

/** An executor with networks and volumes, as Docker's, whose work lasts until it is ended; it notes what is made and removed. */
function noting(notes: string[]): Executor {
  const work = makeDummyExecutor(() => async ({ terminate }) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    terminate.addEventListener('abort', () => resolve(143));
    return promise;
  });
  const more: Partial<Executor> = {
    capabilities: ['privileged', 'mounts', 'network'],
    async prepare({ network, mounts = [], ...spec }: WorkSpec) {
      if (network) notes.push(`has ${network}`);
      for (const { volume } of mounts) notes.push(`has ${volume}`);
      return work.prepare(spec);
    },
    removeNetwork: async (network) => void notes.push(`removed ${network}`),
    removeVolume: async (volume) => void notes.push(`removed ${volume}`),
  };
  return new Proxy(work, {
    get(target, name) {
      const value = Reflect.get(more, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

eachDialect('what stands for VPCs and file systems', (makeDatabase) => {
  let server: TestServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  let clock: ManualClock;
  let notes: string[];

  beforeEach(async () => {
    notes = [];
    clock = new ManualClock(new Date());
    directory = temporaryDirectory();
    server = await testServer({
      ...{ database: await databaseOf(makeDatabase, [service]), cloud: new FakeCloud(), clock },
      ...{ dataDir: directory.path, executor: noting(notes) },
    });
  });
  afterEach(async () => {
    await server.stop();
    directory.clean();
  });

  const project = (name: string, more: Partial<CreateProjectInput> = {}) =>
    server.createProject({
      ...{ name, vpcConfig, ...more },
      environment: {
        ...{ type: 'LINUX_CONTAINER', image: 'alpine', computeType: 'BUILD_GENERAL1_SMALL' },
        privilegedMode: true,
      },
    });
  async function running(projectName: string): Promise<string> {
    const { id = '' } = await server.startBuild({ projectName });
    await server.reached(id, 'INSTALL');
    return id;
  }
  const removed = () => notes.filter((note) => note.startsWith('removed'));
  /** Only where nothing runs: the work of a build is not done before its end. */
  const later = async (ms: number) => {
    clock.advance(ms);
    await server.platform.engine.idle();
  };
  /** Looks at a place as if it had been woken. @returns when to look again */
  const look = (place: string) =>
    placesReconciler.reconcile(
      server.platform,
      buildKey({ accountId: ACCOUNT, region: 'eu-west-1' }, place),
      new AbortController().signal,
    );
  /** As it was prepared for a build. */
  const nameAt = (index: number) => notes[index]?.replace('has ', '') ?? '';

  test('CB-J7: a network goes with the last build in it, and with no other', async () => {
    await project('app');
    await project('lib');
    await project('apart', { vpcConfig: { ...vpcConfig, vpcId: 'vpc-2' } });
    const [app, lib, apart] = [await running('app'), await running('lib'), await running('apart')];
    const [own, same, other] = [0, 1, 2].map(nameAt);
    expect(own).toMatch(/^vpc-1-[0-9a-f]{16}$/);
    expect(same).toBe(own);
    expect(other).toMatch(/^vpc-2-/);
    await server.stopBuild(app);
    expect(await look(`network/${own}`)).toBeUndefined();
    expect(removed()).toEqual([]);
    await server.stopBuild(apart);
    await expect.poll(removed).toEqual([`removed ${other}`]);
    await server.stopBuild(lib);
    await expect.poll(removed).toEqual([`removed ${other}`, `removed ${own}`]);
  });

  test('CB-C9: a file system goes an hour after the last project has named it', async () => {
    await project('app', { fileSystemLocations: [fileSystem('0000000a')] });
    await project('lib', { fileSystemLocations: [fileSystem('0000000a')] });
    await perform(deleteProject, server.context, { name: 'app' });
    await later(2 * ORPHANS_AFTER_MS);
    expect(removed()).toEqual([]);
    // It names another one from now on.
    const fileSystemLocations = [fileSystem('0000000b')];
    await perform(updateProject, server.context, { name: 'lib', fileSystemLocations });
    await later(ORPHANS_AFTER_MS - 1);
    expect(removed()).toEqual([]);
    await later(1);
    expect(removed()).toEqual([expect.stringMatching(/^removed efs-fs-0000000a-/)]);
  });

  test('CB-C9: a file system stays where a project names it again, or a build is in it', async () => {
    const its = { fileSystemLocations: [fileSystem('0000000a')] };
    await project('app', its);
    await perform(deleteProject, server.context, { name: 'app' });
    await project('app', its);
    await later(ORPHANS_AFTER_MS);
    expect(removed()).toEqual([]);
    const build = await running('app');
    const volume = nameAt(1);
    await perform(deleteProject, server.context, { name: 'app' });
    const again = clock.now().getTime() + ORPHANS_AFTER_MS;
    expect(await look(`volume/${volume}`)).toEqual(new Date(again));
    expect(removed()).toEqual([]);
    await server.stopBuild(build);
    await later(ORPHANS_AFTER_MS);
    expect(removed()).toContain(`removed ${volume}`);
  });
});
