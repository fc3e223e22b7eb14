import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeDockerExecutor } from './docker-executor.ts';

const engines: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of engines.splice(0)) await stop();
});

/**
 * An engine with a running container of so many processes, which only SIGKILL ends.
 * @param kills how it answers each SIGKILL
 */
async function fakeEngine(processes: number, kills: number[]) {
  const asked: string[] = [];
  let running = true;
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
    const what = pathname.split('/').slice(3).join('/') || 'exec';
    const signal = searchParams.get('signal');
    asked.push(signal ? `${what} ${signal}` : what);
    const answer = (status: number, body: object = {}) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (what === 'json') {
      const State = { Running: running, Status: running ? 'running' : 'exited', ExitCode: 137 };
      answer(200, { State, Config: { Labels: {} }, HostConfig: {}, NetworkSettings: {} });
    } else if (what === 'stats') answer(200, { pids_stats: { current: processes } });
    else if (what === 'wait') {
      if (running) waiting.push(response);
      else answer(200, { StatusCode: 137 });
    } else if (what === 'exec') answer(500, { message: 'cannot exec in a stopped container' });
    else if (signal === 'SIGKILL') {
      const status = kills.shift() ?? 204;
      if (status === 204) {
        running = false;
        for (const one of waiting) one.end('{}');
        response.writeHead(204).end();
      } else
        answer(status, { message: 'tried to kill container, but did not receive an exit event' });
    } else response.writeHead(204).end();
  });
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
  const socketPath = join(directory, 'engine.sock');
  await new Promise<void>((done) => void server.listen(socketPath, done));
  engines.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(directory, { recursive: true });
  });
  return { asked, executor: makeDockerExecutor({ network: 'host', socketPath }) };
}

test('work in which no process can be started is ended all the same', async () => {
  const { asked, executor } = await fakeEngine(3, []);
  await executor.stop('docker:work', 50);
  expect(asked).toContain('exec');
  expect(asked).toContain('kill SIGTERM');
  expect(asked.filter((one) => one === 'kill SIGKILL')).toHaveLength(1);
});

test('a crowd is not told one process more, and is killed until it has gone', async () => {
  const { asked, executor } = await fakeEngine(3000, [500, 500]);
  await executor.stop('docker:work', 50);
  expect(asked).not.toContain('exec');
  expect(asked.filter((one) => one === 'kill SIGKILL')).toHaveLength(3);
});

test('an engine that cannot kill is an error in the end', async () => {
  const { executor } = await fakeEngine(3, Array(9).fill(500));
  await expect(executor.stop('docker:work', 0)).rejects.toThrow('exit event');
});
