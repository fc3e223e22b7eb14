import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type FakeCloud, freshServer, type TestServer } from './testing.ts';

eachDialect('CodeBuild debug sessions', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let fresh: Awaited<ReturnType<typeof freshServer>>;

  beforeEach(async () => {
    fresh = await freshServer(makeDatabase);
    ({ cloud, server } = fresh);
  });
  afterEach(async () => {
    await server.stop();
    fresh.directory.clean();
  });

  const OWNER = { accountId: '123456789012', region: 'eu-west-1' };
  const WAIT = { timeout: 50_000 };

  async function started(commands: string[], more: object = {}, shell = 'sh') {
    const buildspec = JSON.stringify({
      ...{ version: '0.2', env: { shell }, phases: { build: { commands } } },
    });
    await server.createProject({ source: { type: 'NO_SOURCE', buildspec } });
    const build = await server.startBuild({ debugSessionEnabled: true, ...more });
    return build.id ?? '';
  }

  /** What a session's shell would do. */
  async function inside(id: string, line: string): Promise<string> {
    const target = (await server.getBuild(id)).debugSession?.sessionTarget ?? '';
    const found = await server.platform.sessionTarget(OWNER, target);
    const { work, command } = found?.open ?? {};
    if (!work || !command) throw new Error(`${target} is not connected`);
    const { output } = await server.platform.executors.exec(work, command(line));
    return text(output);
  }

  test.each(['sh', 'bash'])(
    'CB-A30 codebuild-breakpoint keeps the build, with directory and variables, until codebuild-resume (%s)',
    async (shell) => {
      const id = await started(
        [
          'export WHO=me; cd /tmp',
          'codebuild-breakpoint',
          'true && codebuild-breakpoint; echo $WHO after',
        ],
        {},
        shell,
      );
      await expect.poll(() => cloud.text, WAIT).toContain('Paused at: breakpoint');
      // Its log and its phases come by two ways.
      await server.reached(id, 'BUILD');
      expect(await server.getBuild(id)).toMatchObject({
        ...{ buildStatus: 'IN_PROGRESS', currentPhase: 'BUILD' },
        debugSession: { sessionEnabled: true, sessionTarget: `codebuild:${id.split(':')[1]}` },
      });
      expect(await inside(id, 'echo $WHO in $PWD; codebuild-resume')).toBe('me in /tmp\n');
      const pauses = () => cloud.text.match(/Paused at: breakpoint/g)?.length;
      await expect.poll(pauses, WAIT).toBe(2);
      expect(await inside(id, 'codebuild-resume; codebuild-resume')).toContain('is not paused');
      expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
      expect(cloud.text).toContain('me after');
      await expect(inside(id, 'id')).rejects.toThrow('is not connected');
    },
  );

  test('pauses where a command fails, and then fails as it would have', async () => {
    const id = await started(['export WHO=me', 'cd /tmp; exit 4', 'echo never'], {
      environmentVariablesOverride: [{ name: 'SLIPWAY_PAUSE_ON_FAILURE', value: 'true' }],
    });
    await expect.poll(() => cloud.text, WAIT).toContain('Paused at: the command that failed, cd');
    expect(await inside(id, 'echo $WHO in $PWD; codebuild-resume')).toBe('me in /tmp\n');
    const { buildStatus, phases, environment } = await server.ended(id);
    expect(buildStatus).toBe('FAILED');
    expect(JSON.stringify(phases)).toContain('exit status 4');
    expect(environment?.environmentVariables).toEqual([]);
  });

  test('a paused build is stopped at once', async () => {
    const id = await started(['codebuild-breakpoint']);
    await expect.poll(() => cloud.text, WAIT).toContain('Paused at: breakpoint');
    expect((await server.stopBuild(id)).buildStatus).toBe('STOPPED');
  });

  test('CB-J10 nobody is let in whose role may not connect, nor from another account, nor without a debug session', async () => {
    const id = await started(['codebuild-breakpoint']);
    await expect.poll(() => cloud.text, WAIT).toContain('Paused at: breakpoint');
    const target = `codebuild:${id.split(':')[1]}`;
    const other = { ...OWNER, accountId: '222222222222' };
    expect((await server.platform.sessionTarget(other, target))?.open).toBeUndefined();
    cloud.denied.add('ssmmessages:OpenDataChannel');
    expect((await server.platform.sessionTarget(OWNER, target))?.open).toBeUndefined();
    cloud.denied.clear();
    await inside(id, 'codebuild-resume');
    await server.ended(id);
    const plain = await server.startBuild({
      buildspecOverride:
        'version: 0.2\nphases: {build: {commands: [codebuild-breakpoint, sleep 20]}}\n',
    });
    await server.reached(plain.id ?? '', 'BUILD');
    const ofPlain = `codebuild:${plain.id?.split(':')[1]}`;
    expect((await server.platform.sessionTarget(OWNER, ofPlain))?.open).toBeUndefined();
    await server.stopBuild(plain.id ?? '');
  });
});
