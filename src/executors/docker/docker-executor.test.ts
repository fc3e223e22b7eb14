import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { capabilityContract, executorContract, fileSystemContract } from '../contract.ts';
import { makeDockerExecutor } from './docker-executor.ts';

/** An image with a POSIX shell that the engine has already: tests pull nothing. */
const image = process.env.SLIPWAY_TEST_IMAGE ?? '';
const socketPath = process.env.SLIPWAY_TEST_DOCKER_SOCKET;
const open = (more: { disk?: string } = {}) =>
  makeDockerExecutor({ network: 'host', ...(socketPath && { socketPath }), ...more });

const reason = image ? await open().unavailable() : 'SLIPWAY_TEST_IMAGE names no image';
if (reason) test.skip(`executor contract: docker: skipped: ${reason}`, () => {});
else {
  executorContract('docker', { open, image });
  fileSystemContract('docker', { open, image });
  capabilityContract('docker', { open, image });

  test('work cannot listen to what others say to the server', async () => {
    const executor = open();
    const [PACKET, RAW, ALL] = [17, 3, 0x0300];
    const handle = await executor.prepare({
      id: `listener-${Date.now()}`,
      command: () => ['perl', '-e', `print socket(S, ${PACKET}, ${RAW}, ${ALL}) ? 'open' : $!`],
      ...{ environment: {}, image, labels: {} },
    });
    await executor.start(handle);
    await executor.wait(handle);
    expect(await text(executor.logs(handle))).toBe('Operation not permitted');
    await executor.remove(handle);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'which work has filled the disk is known, and its end gives the room back (skipped without root)',
    async () => {
      const executor = open();
      const run = async (name: string, script: string) => {
        const handle = await executor.prepare({
          id: `${name}-${Date.now()}`,
          command: () => ['/bin/sh', '-c', `${script}; echo written; sleep 1000`],
          ...{ environment: {}, image, labels: {} },
        });
        await executor.start(handle);
        const log = executor.logs(handle);
        log.setEncoding('latin1');
        for await (const text of log) if (/written/.test(text)) break;
        return handle;
      };
      const MEBIBYTE = 1024 * 1024;
      const small = await run('small', 'true');
      const files = await run('files', `head -c ${40 * MEBIBYTE} /dev/urandom >/filler`);
      const largest = async (since?: number) => await executor.largest?.(since);
      await expect.poll(largest, { timeout: 10_000 }).toMatchObject({ handle: files });
      expect((await largest())?.bytes).toBeGreaterThan(40 * MEBIBYTE);
      expect((await largest(Date.now() + 60_000))?.bytes ?? 0).toBeLessThan(MEBIBYTE);
      // Another disk than the engine's.
      expect(await open({ disk: '/dev/shm' }).largest?.()).toBeUndefined();
      const talker = await run('talker', `head -c ${60 * MEBIBYTE} /dev/zero | tr "\\0" x`);
      await expect.poll(largest, { timeout: 10_000 }).toMatchObject({ handle: talker });
      await executor.reclaim?.(talker, { output: true });
      expect((await executor.attach(talker)).state).toBe('running');
      await executor.stop(talker, 0);
      await executor.reclaim?.(talker);
      expect((await executor.attach(talker)).state).toBe('ended');
      await executor.reclaim?.(talker, { output: true });
      expect((await executor.attach(talker)).state).toBe('absent');
      for (const handle of [small, files]) await executor.remove(handle);
    },
    60_000,
  );
}
