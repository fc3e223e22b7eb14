import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ComputeAway, type Executor } from '../executor.ts';
import { makeDockerExecutor } from './docker-executor.ts';
import { takesConnections } from './engine.ts';

const ANSWER_MS = 50;
/** Where some answers must come in time. */
const LONG_MS = 500;
const WORK = 'docker:work';

/** An engine that takes every connection, and says nothing but what a test gives it. */
let answers: Record<string, (response: ServerResponse) => void>;
let executor: Executor;
let socketPath: string;
let stop: () => Promise<void>;
beforeEach(async () => {
  answers = {};
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    answers[path.split('/').at(-1) ?? '']?.(response);
  });
  const directory = mkdtempSync(join(tmpdir(), 'slipway-silent-'));
  socketPath = join(directory, 'engine.sock');
  await new Promise<void>((done) => void server.listen(socketPath, done));
  executor = executorFor(ANSWER_MS);
  stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(directory, { recursive: true });
  };
});
afterEach(() => stop());
const executorFor = (answerMs: number) =>
  makeDockerExecutor({ network: 'host', socketPath, answerMs });

const says = (response: ServerResponse, status: number, body: object) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const found = (State: object) => (response: ServerResponse) =>
  void says(response, 200, { State, Config: { Labels: {} }, HostConfig: {}, NetworkSettings: {} });
const running = found({ Running: true, Status: 'running' });

const files = (size = 4) => {
  const tar = pack();
  tar.entry({ name: 'file' }, Buffer.alloc(size));
  tar.finalize();
  return Readable.from(tar);
};
const read = async (stream: Readable) => {
  for await (const _ of stream);
};
const spec = { id: 'work', image: 'image:1', environment: {}, labels: {} };
const CALLS: Record<string, () => Promise<unknown>> = {
  prepare: () => executor.prepare({ ...spec, command: () => ['true'] }),
  attach: () => executor.attach(WORK),
  start: () => executor.start(WORK),
  logs: () => read(executor.logs(WORK)),
  wait: () => executor.wait(WORK),
  'stop at once': () => executor.stop(WORK, 0),
  'stop gently': () => executor.stop(WORK, 20),
  exec: () => executor.exec(WORK, ['true']),
  copyIn: () => executor.copyIn(WORK, '/codebuild/src', files()),
  copyOut: () => executor.copyOut(WORK, '/codebuild/src'),
  largest: async () => executor.largest?.(),
  remove: () => executor.remove(WORK),
};

test.each(Object.entries(CALLS))(
  '%s does not wait for an engine that never answers',
  async (_, call) => {
    await expect(call()).rejects.toThrow('the Docker Engine does not answer');
  },
);

describe('an engine that answers one question and no other', () => {
  beforeEach(() => {
    answers.json = running;
  });

  test.each(['logs', 'wait', 'stop at once', 'stop gently', 'exec', 'copyIn', 'copyOut'])(
    'is not waited for: %s',
    async (name) => {
      await expect(CALLS[name]?.()).rejects.toThrow(ComputeAway);
    },
  );

  test('may say nothing of work that goes on, as long as it is there', async () => {
    let pings = 0;
    answers._ping = (response) => {
      pings += 1;
      if (pings === 1) response.end('OK');
    };
    await expect(executorFor(LONG_MS).wait(WORK)).rejects.toThrow(ComputeAway);
    expect(pings).toBe(2);
  });

  test('is not waited for: its refusal, of which the end never comes', async () => {
    answers.logs = (response) => void response.writeHead(500).write('{"message":');
    await expect(read(executor.logs(WORK))).rejects.toThrow(ComputeAway);
  });

  test('is not waited for: it takes a part of what is sent', async () => {
    const sent = executorFor(LONG_MS).copyIn(WORK, '/codebuild/src', files(16 * 1024 * 1024));
    await expect(sent).rejects.toThrow(ComputeAway);
  });

  test('has its time for each piece that is sent to it', async () => {
    const { promise: taken, resolve } = Promise.withResolvers<void>();
    answers.archive = (response) => {
      let bytes = 0;
      response.req
        .on('data', (chunk) => {
          bytes += chunk.length;
          if (bytes > 900_000) setImmediate(resolve);
        })
        .on('end', () => response.end());
    };
    const slow = async function* () {
      let bytes = 0;
      for await (const part of files(1_000_000)) {
        // As soon as it has all that it may have, the source takes its time.
        if (bytes > 1_000_000) {
          await taken;
          vi.advanceTimersByTime(3 * LONG_MS);
        }
        bytes += part.length;
        yield part;
      }
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await executorFor(LONG_MS).copyIn(WORK, '/codebuild/src', Readable.from(slow()));
    } finally {
      vi.useRealTimers();
    }
  });
});

test('a container that it is still at making is waited for, and is there then', async () => {
  let looks = 0;
  answers.json = (response) => {
    const isImage = response.req.url?.startsWith('/images/');
    if (isImage) return void says(response, 200, {});
    looks += 1;
    if (looks < 3) says(response, 404, { message: 'no such container' });
    else found({ Status: 'created' })(response);
  };
  answers.info = (response) => void says(response, 200, { NCPU: 2 });
  answers.create = (response) => void says(response, 409, { message: 'the name is in use' });
  const patient = executorFor(LONG_MS);
  const handle = await patient.prepare({ ...spec, command: () => ['true'] });
  expect((await patient.attach(handle)).state).toBe('prepared');
  looks = -100;
  await expect(executor.prepare({ ...spec, command: () => ['true'] })).rejects.toThrow(
    'the Docker Engine has begun to make the container, and does not end it',
  );
});

test('it is told once to start a container, however long it takes to answer', async () => {
  const starts: ServerResponse[] = [];
  answers.json = found({ Status: 'created' });
  answers.start = (response) => void starts.push(response);
  const slow = executorFor(LONG_MS);
  await expect(slow.start(WORK)).rejects.toThrow(ComputeAway);
  await expect(slow.start(WORK)).rejects.toThrow(ComputeAway);
  expect(starts).toHaveLength(1);
});

test('it is not taken for one that can be used, nor for one that was stopped', async () => {
  expect(await executor.unavailable()).toBe(
    'no Docker Engine answers: the Docker Engine does not answer',
  );
  expect(await takesConnections({ socketPath }, { answerMs: ANSWER_MS })).toBe(true);
});
