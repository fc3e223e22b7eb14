import { test } from 'vitest';
import { executorContract, fileSystemContract } from '../contract.ts';
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
}
