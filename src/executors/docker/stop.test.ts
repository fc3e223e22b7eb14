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
 * @param options.room a command may be prepared
 */
async function fakeEngine(processes: number, kills: number[], { limit = 4096, room = false } = {}) {
  const asked: string[] = [];
  let running = true;
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
    const ping = pathname === '/_ping' && 'ping';
    const what = ping || pathname.split('/').slice(3).join('/') || 'exec';
    const signal = searchParams.get('signal');
    asked.push(signal ? `${what} ${signal}` : what);
    const answer = (status: number, body: object = {}) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (what === 'json') {
      const State = { Running: running, Status: running ? 'running' : 'exited', ExitCode: 137 };
      answer(200, { State, Config: { Labels: {} }, HostConfig: {}, NetworkSettings: {} });
    } else if (what === 'stats') answer(200, { pids_stats: { current: processes, limit } });
    else if (what === 'wait') {
      if (running) waiting.push(response);
      else answer(200, { StatusCode: 137 });
    } else if (what === 'exec' && room) answer(201, { Id: 'one' });
    else if (what === 'exec') answer(500, { message: 'cannot exec in a stopped container' });
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
    if (server.listening) await new Promise((done) => server.close(done));
    rmSync(directory, { recursive: true });
  });
  /** Told to stop, an engine takes no more connections, and ends its containers. */
  const shutDown = () => {
    server.close();
    for (const one of waiting) one.end('{"StatusCode":137}');
    server.closeIdleConnections();
  };
  return { asked, shutDown, executor: makeDockerExecutor({ network: 'host', socketPath }) };
}

test('work in which no process can be started is ended all the same', async () => {
  const { asked, executor } = await fakeEngine(3, []);
  await executor.stop('docker:work', 50);
  expect(asked).toContain('exec');
  expect(asked).toContain('kill SIGTERM');
  expect(asked.filter((one) => one === 'kill SIGKILL')).toHaveLength(1);
});

test('a crowd is not told one process more, and is killed until it has gone', async () => {
  const { asked, executor } = await fakeEngine(3000, [500, 500], { room: true });
  await executor.stop('docker:work', 50);
  expect(asked).not.toContain('start');
  expect(asked.filter((one) => one === 'kill SIGKILL')).toHaveLength(3);
});

test('work that has no room for a process more is killed at once', async () => {
  const { asked, executor } = await fakeEngine(180, [], { limit: 180, room: true });
  await executor.stop('docker:work', 60_000);
  expect(asked).not.toContain('start');
  expect(asked.filter((one) => one === 'kill SIGKILL')).toHaveLength(1);
});

test('work that is told to end is told once, unless its first process is its own', async () => {
  const { asked, executor } = await fakeEngine(3, [], { room: true });
  await executor.stop('docker:work', 50);
  expect(asked).toContain('start');
  expect(asked).not.toContain('kill SIGTERM');
});

test('stops at the same time are one; a harder one does not wait', async () => {
  const { asked, executor } = await fakeEngine(3, []);
  const soft = [executor.stop('docker:work', 60_000), executor.stop('docker:work', 60_000)];
  await expect.poll(() => asked).toContain('exec');
  await executor.stop('docker:work', 0);
  await Promise.all(soft);
  expect(asked.filter((one) => one === 'exec')).toHaveLength(1);
  expect(asked.filter((one) => one === 'kill SIGKILL')).toHaveLength(1);
});

test('work that an engine ended as it was stopped itself is lost, and it is said by what', async () => {
  const { asked, executor, shutDown } = await fakeEngine(3, []);
  const end = executor.wait('docker:work');
  await expect.poll(() => asked).toContain('wait');
  shutDown();
  const lost = { kind: 'lost', reason: 'the Docker Engine was stopped, and its container with it' };
  expect(await end).toEqual(lost);
  // Once the engine is back, nothing but this tells.
  expect(await executor.wait('docker:work')).toEqual(lost);
  await expect
    .poll(() => executor.start('docker:work').catch(({ message }) => message))
    .toBe('the Docker Engine does not answer');
});

test('an engine that cannot kill is an error in the end', async () => {
  const { executor } = await fakeEngine(3, Array(9).fill(500));
  await expect(executor.stop('docker:work', 0)).rejects.toThrow('exit event');
});
