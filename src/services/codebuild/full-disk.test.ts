import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateProjectInput } from '@aws-sdk/client-codebuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenDatabase } from '../../db/database.ts';
import { embedded } from '../../db/testing.ts';
import { isSleeping } from '../../executors/testing.ts';
import { ManualClock } from '../../lib/clock.ts';
import { databaseOf } from '../../testing.ts';
import service from './index.ts';
import { STUCK_MS } from './limits.ts';
import { FakeCloud, type TestServer, temporaryDirectory, testServer } from './testing.ts';

const TIMEOUT_MS = 5 * 60_000;
/** So that no test takes another's process for its own, should one be left. */
let sleepers = 0;
const noRoom = () => Object.assign(new Error('write'), { code: 'ENOSPC' });

/** The disk counts as full while a build has a file called `big`. */
embedded('a build that fills the disk', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  let clock: ManualClock;
  const full = () => globSync(join(directory.path, 'work/*/root/**/big')).length > 0;
  beforeEach(async () => {
    cloud = new FakeCloud();
    directory = temporaryDirectory();
    clock = new ManualClock(new Date());
    const database = await databaseOf(makeDatabase, [service]);
    // The engine's own notes, which alone have options, are small and find room.
    const transaction: OpenDatabase['transaction'] = (run, options) =>
      full() && !options ? Promise.reject(noRoom()) : database.transaction(run, options);
    server = await testServer({
      database: { ...database, transaction },
      cloud,
      dataDir: directory.path,
      clock,
    });
  });
  afterEach(async () => {
    await server.stop();
    directory.clean();
  });

  /** Starts a build that fills the disk in BUILD, and then does this. */
  const fill = async (then: string, project: Partial<CreateProjectInput> = {}, spec = '') => {
    const go = join(directory.path, 'go');
    const command = `while [ ! -e ${go} ]; do sleep 0.05; done; touch big; ${then}`;
    const buildspec = `version: 0.2\nphases: {build: {commands: ${JSON.stringify([command])}}}\n${spec}`;
    await server.createProject({ ...project, source: { type: 'NO_SOURCE', buildspec } });
    const { id = '' } = await server.startBuild();
    await server.reached(id, 'BUILD');
    writeFileSync(go, '');
    await expect.poll(full, { timeout: 10_000 }).toBe(true);
    return id;
  };
  /** Lets time pass until the build is over. */
  const over = async (id: string) => {
    const look = async () => {
      clock.advance(200);
      return (await server.getBuild(id)).buildComplete;
    };
    await expect.poll(look, { timeout: 30_000 }).toBe(true);
    const { phases = [], ...build } = await server.getBuild(id);
    const bad = phases.find(({ phaseStatus }) => phaseStatus && phaseStatus !== 'SUCCEEDED');
    return { ...build, end: [build.buildStatus, bad?.phaseType, bad?.contexts?.[0]?.message] };
  };

  test('its time-out holds', async () => {
    const seconds = `600${process.pid}.${sleepers++}`;
    const id = await fill(`sleep ${seconds}`, { timeoutInMinutes: 5 });
    await expect.poll(() => isSleeping(seconds)).toBe(true);
    clock.advance(TIMEOUT_MS);
    // By that alone: what never ends would be given up later. Time goes on a little, for between two steps a build waits a second.
    const enough = clock.now().getTime() + STUCK_MS / 2;
    const look = () => {
      if (clock.now().getTime() < enough) clock.advance(200);
      return isSleeping(seconds);
    };
    await expect.poll(look, { timeout: 30_000 }).toBe(false);
    const { end } = await over(id);
    expect(end).toEqual(['TIMED_OUT', 'BUILD', 'Build has timed out after 5 minutes.']);
  });

  test('StopBuild holds', async () => {
    const id = await fill('sleep 600');
    const stopped = server.stopBuild(id);
    expect((await over(id)).end).toEqual(['STOPPED', 'BUILD', '']);
    expect((await stopped).id).toBe(id);
  });

  test('it goes on to its end when it needs its tree no more', async () => {
    const id = await fill('echo the end');
    expect((await over(id)).end[0]).toBe('SUCCEEDED');
    expect(cloud.text).toContain('The disk of the build machine was full: what the build left');
  });

  test('it is ended with the reason, though that could not be noted before', async () => {
    const disk = { bytes: 0, isFull: full, fullSince: { at: 0, found: true } };
    Object.assign(server.platform, { disk });
    const id = await fill('sleep 600');
    expect((await over(id)).end).toEqual([
      'FAULT',
      'BUILD',
      'Build container found dead before completing the build: ' +
        'the disk of the build machine was full, and this build had filled it. ErrorCode: 500',
    ]);
  });

  test('it says that its artifacts went with its tree', async () => {
    const artifacts = { type: 'S3' as const, location: 'store', name: 'out' };
    const id = await fill('echo the end', { artifacts }, "artifacts: {files: '**/*'}\n");
    expect((await over(id)).end).toEqual([
      'FAULT',
      'UPLOAD_ARTIFACTS',
      'The disk of the build machine was full, and the artifacts were given up. ErrorCode: 500',
    ]);
    expect(cloud.puts).toEqual([]);
  });
});
