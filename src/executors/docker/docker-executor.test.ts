import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { capabilityContract, executorContract, fileSystemContract } from '../contract.ts';
import { makeDockerExecutor } from './docker-executor.ts';

/** An image with a POSIX shell that the engine has already: tests pull nothing. */
const image = process.env.SLIPWAY_TEST_IMAGE ?? '';
const socketPath = process.env.SLIPWAY_TEST_DOCKER_SOCKET;
const open = () => makeDockerExecutor({ network: 'host', ...(socketPath && { socketPath }) });

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
}
