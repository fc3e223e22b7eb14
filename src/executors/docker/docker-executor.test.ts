import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { expect, test } from 'vitest';
import { capabilityContract } from '../capabilities/contract.ts';
import { executorContract } from '../contract.ts';
import { fileSystemContract } from '../file-system/contract.ts';
import { terminalContract } from '../terminal/contract.ts';
import { isSleeping } from '../testing.ts';
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
  const from = new URL('./docker-executor.ts', import.meta.url);
  const options = { network: 'host', ...(socketPath && { socketPath }) };
  terminalContract('docker', {
    ...{ open, image },
    made: { by: 'makeDockerExecutor', from, options },
  });

  test('a terminal ends also where what guards it has been killed', async () => {
    const executor = open();
    const handle = await executor.prepare({
      ...{ id: `guard-${Date.now()}`, command: () => ['/bin/sleep', '60'], image },
      ...{ environment: {}, labels: {} },
    });
    await executor.start(handle);
    const size = { columns: 80, rows: 24 };
    const seconds = `62${process.pid}.1`;
    const session = await executor.exec(handle, ['sleep', seconds], size);
    await expect.poll(() => isSleeping(seconds)).toBe(true);
    const kill = 'kill -9 $(grep -ls "slipway-guar[d]" /proc/[0-9]*/cmdline | cut -d/ -f3)';
    await (await executor.exec(handle, ['/bin/sh', '-c', kill])).status;
    await session.end();
    await expect.poll(() => isSleeping(seconds)).toBe(false);
    await executor.remove(handle);
  });

  test('a network that several ask for at once is one', async () => {
    const executor = open();
    const network = `crowd-${Date.now()}`;
    const spec = { command: () => ['/bin/true'], environment: {}, image, labels: {}, network };
    const works = await Promise.all(
      [1, 2, 3, 4].map((n) => executor.prepare({ ...spec, id: `${network}-${n}` })),
    );
    await Promise.all(works.map((handle) => executor.start(handle)));
    for (const handle of works) {
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      await executor.remove(handle);
    }
    await executor.removeNetwork?.(network);
    const filters = JSON.stringify({ name: [network] });
    const docker = new Docker(socketPath ? { socketPath } : {});
    expect(await docker.listNetworks({ filters })).toEqual([]);
  });

  test('CB-J6, CB-J7: privileged work, and work of a named network, never has the machine’s network', async () => {
    const executor = open();
    const network = `test-${Date.now()}`;
    const spec = { command: () => ['/bin/true'], environment: {}, image, labels: {} };
    const docker = new Docker(socketPath ? { socketPath } : {});
    const modeOf = async (more: object) => {
      const id = `network-${Math.random()}`;
      const handle = await executor.prepare({ ...spec, id, ...more });
      const { HostConfig } = await docker.getContainer(`slipway-${id}`).inspect();
      await executor.remove(handle);
      return HostConfig.NetworkMode;
    };
    try {
      expect(await modeOf({})).toBe('host');
      expect(await modeOf({ privileged: true })).toBe('bridge');
      expect(await modeOf({ network })).toBe(`slipway-${network}`);
      expect(await modeOf({ network, privileged: true })).toBe(`slipway-${network}`);
      const its = docker.getNetwork(`slipway-${network}`);
      const handle = await executor.prepare({ ...spec, id: `network-${Math.random()}`, network });
      // Work that has not begun keeps it.
      await executor.removeNetwork?.(network);
      await its.inspect();
      // Somebody who did not know of it.
      await its.remove();
      await executor.start(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      await executor.removeNetwork?.(network);
      await its.inspect();
      await executor.remove(handle);
      await executor.removeNetwork?.(network);
      await expect(its.inspect()).rejects.toMatchObject({ statusCode: 404 });
      await executor.removeNetwork?.(network);
    } finally {
      await docker
        .getNetwork(`slipway-${network}`)
        .remove()
        .catch(() => {});
    }
  });

  test('CB-J4: work has the memory and the processors that it was given, and no more than there are', async () => {
    const executor = open();
    const handle = await executor.prepare({
      id: `limited-${Date.now()}`,
      command: () => [
        ...['/bin/sh', '-c'],
        'cd /sys/fs/cgroup; cat memory.max cpu.max 2>/dev/null || cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us',
      ],
      ...{ environment: {}, image, labels: {}, memoryBytes: 96 * 1024 ** 2, cpus: 1 },
    });
    await executor.start(handle);
    await executor.wait(handle);
    expect(await text(executor.logs(handle))).toMatch(/^100663296\n100000\b/);
    await executor.remove(handle);
    const greedy = { memoryBytes: 8 * 1024 ** 2, cpus: 1000, environment: {}, image, labels: {} };
    const killed = await executor.prepare({
      ...{ ...greedy, id: `greedy-${Date.now()}` },
      command: () => ['/bin/sh', '-c', 'head -c 64m /dev/zero | tail; echo "status $?"'],
    });
    await executor.start(killed);
    await executor.wait(killed);
    expect(await text(executor.logs(killed))).toMatch(/^status (137|1)\n$|^$/);
    await executor.remove(killed);
  });

  test('an image is told by its digest, and pulled when the server says so', async () => {
    const executor = open();
    const spec = { command: () => ['/bin/true'], environment: {}, image, labels: {} };
    const handle = await executor.prepare({ ...spec, id: `digest-${Date.now()}` });
    expect(await executor.imageDigest?.(handle)).toMatch(/^sha256:[0-9a-f]{64}$/);
    await executor.remove(handle);
    const never = makeDockerExecutor({
      network: 'host',
      pull: 'never',
      ...(socketPath && { socketPath }),
    });
    const missing = never.prepare({
      ...spec,
      id: `never-${Date.now()}`,
      image: 'not-there.invalid/x:1',
    });
    await expect(missing).rejects.toThrow('this server pulls no images');
  });

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
