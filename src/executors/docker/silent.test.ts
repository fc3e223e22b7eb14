import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ComputeAway, type Executor } from '../executor.ts';
import { makeDockerExecutor } from './docker-executor.ts';
import { takesConnections } from './engine.ts';

const ANSWER_MS = 50;
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
  executor = makeDockerExecutor({ network: 'host', socketPath, answerMs: ANSWER_MS });
  stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(directory, { recursive: true });
  };
});
afterEach(() => stop());

const running = (response: ServerResponse) => {
  const State = { Running: true, Status: 'running' };
  const info = { State, Config: { Labels: {} }, HostConfig: {}, NetworkSettings: {} };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(info));
};

const files = () => {
  const tar = pack();
  tar.entry({ name: 'file' }, 'text');
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
      if (pings <= 2) response.end('OK');
    };
    await expect(executor.wait(WORK)).rejects.toThrow(ComputeAway);
    expect(pings).toBe(3);
  });

  test('has its time for each piece that is sent to it', async () => {
    answers.archive = (response) => void response.req.resume().on('end', () => response.end());
    const slow = async function* () {
      for await (const part of files()) {
        await new Promise((later) => setTimeout(later, 3 * ANSWER_MS));
        yield part;
      }
    };
    await executor.copyIn(WORK, '/codebuild/src', Readable.from(slow()));
  });
});

test('it is not taken for one that can be used, nor for one that was stopped', async () => {
  expect(await executor.unavailable()).toBe(
    'no Docker Engine answers: the Docker Engine does not answer',
  );
  const soon = AbortSignal.timeout(ANSWER_MS);
  const asked = takesConnections({ socketPath }, { answerMs: ANSWER_MS });
  expect(await asked).toBe(true);
  expect(soon.aborted).toBe(true);
});
