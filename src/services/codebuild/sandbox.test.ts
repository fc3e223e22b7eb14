import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { perform } from '../../testing.ts';
import { batchGetBuilds, listBuilds, stopBuild } from './operations/builds.ts';
import {
  batchGetCommandExecutions,
  batchGetSandboxes,
  listCommandExecutionsForSandbox,
  listSandboxes,
  listSandboxesForProject,
  startCommandExecution,
  startSandbox,
  stopSandbox,
} from './operations/sandboxes.ts';
import { type FakeCloud, freshServer, type TestServer, testServer } from './testing.ts';

eachDialect('CodeBuild sandboxes', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let fresh: Awaited<ReturnType<typeof freshServer>>;

  beforeEach(async () => {
    fresh = await freshServer(makeDatabase);
    ({ cloud, server } = fresh);
    await server.createProject({
      environment: {
        ...{ type: 'LINUX_CONTAINER', image: 'alpine', computeType: 'BUILD_GENERAL1_SMALL' },
        environmentVariables: [{ name: 'GREETING', value: 'hello' }],
      },
    });
  });
  afterEach(async () => {
    await server.stop();
    fresh.directory.clean();
  });

  const get = async (id: string) => {
    const { sandboxes } = await perform(batchGetSandboxes, server.context, { ids: [id] });
    return sandboxes?.[0];
  };
  async function running(): Promise<string> {
    const started = await perform(startSandbox, server.context, { projectName: 'app' });
    const id = started.sandbox?.id ?? '';
    await expect.poll(async () => (await get(id))?.status, WAIT).toBe('RUN_SANDBOX');
    return id;
  }
  const run = async (sandboxId: string, command: string) =>
    (await perform(startCommandExecution, server.context, { sandboxId, command })).commandExecution
      ?.id ?? '';
  const execution = async (sandboxId: string, id: string) => {
    const input = { sandboxId, commandExecutionIds: [id] };
    const { commandExecutions } = await perform(batchGetCommandExecutions, server.context, input);
    return commandExecutions?.[0];
  };
  const WAIT = { timeout: 50_000 };

  test('CB-J9 runs commands one after another, each in a shell of its own', async () => {
    const id = await running();
    expect(await get(id)).toMatchObject({
      arn: expect.stringContaining(`:sandbox/${id}`),
      currentSession: { currentPhase: 'RUN_SANDBOX', status: 'IN_PROGRESS' },
    });
    const first = await run(id, 'echo $GREETING; echo no >&2; touch made; exit 3');
    const second = await run(`arn:aws:codebuild:eu-west-1:123456789012:sandbox/${id}`, 'ls');
    await expect.poll(async () => (await execution(id, second))?.status, WAIT).toBe('SUCCEEDED');
    expect(await execution(id, first)).toMatchObject({
      ...{ status: 'FAILED', exitCode: '3', type: 'SHELL', sandboxId: id },
      ...{ standardOutputContent: 'hello\n', standardErrContent: 'no\n' },
    });
    expect((await execution(id, second))?.standardOutputContent).toBe('made\n');
    await expect.poll(() => cloud.text, WAIT).toContain('exit status 0');
    expect(cloud.text).toMatch(/hello\nno\n\[Container\] .* exit status 3/);
    const listed = await perform(listCommandExecutionsForSandbox, server.context, {
      ...{ sandboxId: id, sortOrder: 'ASCENDING' },
    });
    expect(listed.commandExecutions?.map((one) => one.id)).toEqual([first, second]);
    const stopped = await perform(stopSandbox, server.context, { id });
    expect(stopped.sandbox).toMatchObject({ status: 'STOPPED', endTime: expect.any(Date) });
    const late = perform(startCommandExecution, server.context, { sandboxId: id, command: 'x' });
    await expect(late).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  test('is no build, and a build is no sandbox', async () => {
    const id = await running();
    expect((await perform(listSandboxes, server.context, {})).ids).toEqual([id]);
    const ofProject = { projectName: 'app' };
    expect((await perform(listSandboxesForProject, server.context, ofProject)).ids).toEqual([id]);
    expect((await perform(listBuilds, server.context, {})).ids).toEqual([]);
    const { buildsNotFound } = await perform(batchGetBuilds, server.context, { ids: [id] });
    expect(buildsNotFound).toEqual([id]);
    await expect(perform(stopBuild, server.context, { id })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const build = await server.startBuild();
    const asked = await perform(batchGetSandboxes, server.context, { ids: [build.id ?? ''] });
    expect(asked).toEqual({ sandboxes: [], sandboxesNotFound: [build.id] });
    await server.ended(build.id ?? '');
    expect(server.events.some(({ detail }) => JSON.stringify(detail).includes(id))).toBe(false);
    await perform(stopSandbox, server.context, { id });
  });

  test('goes on with its command when the server is another one', async () => {
    const id = await running();
    const command = await run(id, 'until [ -e go ]; do sleep 0.1; done; echo went on');
    await expect.poll(async () => (await execution(id, command))?.status, WAIT).toBe('IN_PROGRESS');
    await server.stop();
    server = await testServer({ database: fresh.database, cloud, dataDir: fresh.directory.path });
    const stored = await server.platform.sessionTarget(
      { accountId: '123456789012', region: 'eu-west-1' },
      `codebuild:${id.split(':')[1]}`,
    );
    const { work = '', command: of = () => [] } = stored?.open ?? {};
    const touched = await server.platform.executors.exec(work, of('touch go'));
    touched.output.resume();
    await touched.status;
    await expect
      .poll(async () => (await execution(id, command))?.standardOutputContent, WAIT)
      .toBe('went on\n');
    await perform(stopSandbox, server.context, { id });
  });
});
