import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenDatabase } from '../../db/database.ts';
import { eachDialect } from '../../db/testing.ts';
import { makeDummyExecutor } from '../../executors/dummy/dummy-executor.ts';
import { ComputeAway, type Executor, StartError } from '../../executors/executor.ts';
import { makeProcessExecutor } from '../../executors/process/process-executor.ts';
import { ManualClock } from '../../lib/clock.ts';
import { databaseOf, perform } from '../../testing.ts';
import service from './index.ts';
import { batchDeleteBuilds } from './operations/builds.ts';
import { leftoversReconciler } from './reconcilers/leftovers.ts';
import { buildKey } from './reconcilers/names.ts';
import { FakeCloud, type TestServer, temporaryDirectory, testServer } from './testing.ts';

const LASTING = 'version: 0.2\nphases: {build: {commands: [sleep 600]}}\n';

/** The executor as one that can go away, as a Docker Engine does: calls fail then, those under way too; its work runs on. */
function awayable(executor: Executor) {
  let gone = new AbortController();
  let [away, losesPlaces] = [false, false];
  const trouble = () => new ComputeAway('the engine does not answer');
  const broken = () =>
    new Promise<never>((_, reject) => {
      gone.signal.addEventListener('abort', () => reject(trouble()));
    });
  const leave = () => {
    away = true;
    gone.abort();
  };
  const called =
    (name: string, call: (...input: unknown[]) => unknown) =>
    async (...input: unknown[]) => {
      if (away) throw trouble();
      const answer = await Promise.race([call(...input), broken()]);
      if (name !== 'prepare' || !losesPlaces) return answer;
      leave();
      throw trouble();
    };
  const logs: Executor['logs'] = (handle, options = {}) => {
    if (away)
      return new Readable({ read: (self) => void self, construct: (done) => done(trouble()) });
    const signal = AbortSignal.any([gone.signal, ...(options.signal ? [options.signal] : [])]);
    return executor.logs(handle, { ...options, signal });
  };
  return {
    executor: new Proxy(executor, {
      get(target, name: string) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return name === 'logs' ? logs : called(name, value.bind(target));
      },
    }),
    leave,
    /** Makes the next place to run, and is away before it says so. */
    leavesWithPlace() {
      losesPlaces = true;
    },
    comeBack() {
      gone = new AbortController();
      [away, losesPlaces] = [false, false];
    },
  };
}

eachDialect('a build that is given up while what runs it is away', (makeDatabase) => {
  const clock = new ManualClock(new Date());
  const cloud = new FakeCloud();
  let server: TestServer;
  let database: OpenDatabase;
  let directory: ReturnType<typeof temporaryDirectory>;
  let real: Executor;
  let engine: ReturnType<typeof awayable>;
  let moving: NodeJS.Timeout;
  const start = async () => {
    const { executor } = engine;
    server = await testServer({ database, cloud, dataDir: directory.path, executor, clock });
  };
  beforeEach(async () => {
    directory = temporaryDirectory();
    database = await databaseOf(makeDatabase, [service]);
    const stateDir = join(directory.path, 'work');
    real = makeProcessExecutor({
      ...{ stateDir, path: process.env.PATH ?? '', sandbox: 'off', hidden: [] },
    });
    engine = awayable(real);
    await start();
  });
  /** From when it is away: before, a slow machine would take up a build's time. */
  const timePasses = () => {
    moving = setInterval(() => clock.advance(5000), 20);
  };
  afterEach(async () => {
    clearInterval(moving);
    engine.comeBack();
    await server.stop();
    directory.clean();
  });

  const running = async (timeoutInMinutes = 5) => {
    await server.createProject({
      source: { type: 'NO_SOURCE', buildspec: LASTING },
      timeoutInMinutes,
    });
    const { id = '' } = await server.startBuild();
    await server.reached(id, 'BUILD');
    return { id, state: stateOf(id) };
  };
  const stateOf = (id: string) => async () =>
    (await real.attach(`process:build-${id.split(':')[1]}`)).state;
  const poll = (state: () => Promise<string>) => expect.poll(state, { timeout: 20_000 });

  test('StopBuild: what runs on is ended once that is back', async () => {
    const { id, state } = await running();
    engine.leave();
    timePasses();
    const stopping = server.stopBuild(id);
    const build = await server.ended(id);
    await stopping;
    expect(build.buildStatus).toBe('STOPPED');
    expect(await state()).toBe('running');
    engine.comeBack();
    await poll(state).toBe('absent');
  });

  test('its time is up, it is deleted, and the server is started again', async () => {
    const { id, state } = await running();
    engine.leave();
    timePasses();
    await server.ended(id);
    await perform(batchDeleteBuilds, server.context, { ids: [id] });
    await server.stop();
    engine.comeBack();
    expect(await state()).toBe('running');
    await start();
    await poll(state).toBe('absent');
  });

  test('it stays away: the build is a FAULT, long before its time is up', async () => {
    // More than passes on a slow machine between two tries.
    const { id, state } = await running(36 * 60);
    engine.leave();
    timePasses();
    const { buildStatus, phases = [] } = await server.ended(id);
    expect(buildStatus).toBe('FAULT');
    const contexts = phases.flatMap((phase) => phase.contexts ?? []).map((each) => each.message);
    expect(contexts).toContain(
      'The build could not go on: the engine does not answer. ErrorCode: 500',
    );
    engine.comeBack();
    await poll(state).toBe('absent');
  });

  test('a place to run that nobody has heard of', async () => {
    engine.leavesWithPlace();
    await server.createProject();
    const { id = '' } = await server.startBuild();
    await poll(stateOf(id)).toBe('prepared');
    timePasses();
    const build = await server.ended(id);
    expect(build.buildStatus).toBe('FAULT');
    expect(await stateOf(id)()).toBe('prepared');
    engine.comeBack();
    await poll(stateOf(id)).toBe('absent');
    // An engine that was told to make it makes it still, however late.
    const spec = { id: `build-${id.split(':')[1]}`, environment: {}, labels: {} };
    await real.prepare({ ...spec, command: () => ['true'] });
    const { platform } = server;
    const look = (at: Date) => {
      const then = { ...platform, clock: new ManualClock(at) };
      const { signal } = new AbortController();
      return leftoversReconciler.reconcile(then, buildKey(server.context, id), signal);
    };
    const { endTime = new Date() } = build;
    const again = await look(endTime);
    expect(again).toEqual(new Date(endTime.getTime() + 5 * 60_000));
    await real.prepare({ ...spec, command: () => ['true'] });
    expect(await look(again as Date)).toBeUndefined();
    expect(await stateOf(id)()).toBe('absent');
  });

  test('a container that cannot be started is a FAULT that says why', async () => {
    engine.executor.start = async () => {
      timePasses();
      throw new StartError('the engine cannot start it: unable to apply caps');
    };
    await server.createProject();
    const { id = '' } = await server.startBuild();
    const { buildStatus, phases = [] } = await server.ended(id);
    expect(buildStatus).toBe('FAULT');
    expect(phases.find(({ phaseType }) => phaseType === 'INSTALL')?.contexts).toEqual([
      {
        statusCode: 'INTERNAL_SERVICE_ERROR',
        message:
          'The build could not go on: the engine cannot start it: unable to apply caps. ErrorCode: 500',
      },
    ]);
  });
});

eachDialect('a build that is stopped and is slow to end', (makeDatabase) => {
  test('is STOPPED at once, and what it has left goes later', async () => {
    const directory = temporaryDirectory();
    const held = Promise.withResolvers<void>();
    const real = makeDummyExecutor(() => ({ terminate }) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      terminate.addEventListener('abort', () => resolve(143));
      return promise;
    });
    const slow = new Set(['stop', 'remove']);
    const executor = new Proxy(real, {
      get(target, name: string) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (!slow.has(name)) return value.bind(target);
        return (...input: unknown[]) => held.promise.then(() => value.apply(target, input));
      },
    });
    const server = await testServer({
      ...{ database: await databaseOf(makeDatabase, [service]), cloud: new FakeCloud() },
      ...{ dataDir: directory.path, executor },
    });
    try {
      await server.createProject();
      const { id = '' } = await server.startBuild();
      await server.reached(id, 'INSTALL');
      // In less than StopBuild waits at most: it has not given up.
      expect(await server.stopBuild(id)).toMatchObject({
        ...{ buildStatus: 'STOPPED', buildComplete: true },
      });
      const left = async () => (await real.attach(`dummy:build-${id.split(':')[1]}`)).state;
      expect(await left()).toBe('running');
      held.resolve();
      await expect.poll(left).toBe('absent');
    } finally {
      held.resolve();
      await server.stop();
      directory.clean();
    }
  });
});
