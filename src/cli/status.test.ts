import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answerWithoutEnd, ENDLESS_BYTES, temporaryDirectory } from '../agent/testing.ts';
import { statusCommand } from './status.ts';

const health = {
  ...{ status: 'running', database: 'sqlite', auth: 'strict' },
  builds: { executor: 'process', isolation: { kind: 'bubblewrap' } },
};

/** `slipway status` of something that answers without an end to `path`. */
async function status(path: string) {
  let sent: Promise<number> | undefined;
  const server = createServer((request, response) => {
    if (request.url === path) sent = answerWithoutEnd(response);
    else response.end(JSON.stringify(health));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const data = temporaryDirectory();
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = { endpoint, region: 'us-east-1', accessKeyId: 'AKIA', secretAccessKey: 'secret' };
  writeFileSync(join(data, 'server.json'), JSON.stringify(file));
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  onTestFinished(() => write.mockRestore());
  const code = await statusCommand(['--data', data, '--json']);
  return { code, answer: JSON.parse(out), sent: await sent };
}

test('a health without an end is no answer', async () => {
  const { code, answer, sent } = await status('/_slipway/health');
  expect([code, answer.status]).toEqual([1, 'absent']);
  expect(sent).toBeLessThan(ENDLESS_BYTES);
});

test('an engine without an end is not known', async () => {
  const { code, answer, sent } = await status('/_slipway/engine');
  expect([code, answer.status]).toEqual([0, 'running']);
  expect(answer.engine.reason).toContain('longer than');
  expect(sent).toBeLessThan(ENDLESS_BYTES);
});
