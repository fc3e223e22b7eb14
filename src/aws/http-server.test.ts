import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { WireRequest, WireResponse } from './http.ts';
import { makeHttpServer } from './http-server.ts';

type Handle = (request: WireRequest) => Promise<WireResponse>;
let close: () => void;
afterEach(() => close());

async function serve(handle: Handle, stallMs?: number): Promise<number> {
  const { tcp } = makeHttpServer({
    handle,
    ...(stallMs !== undefined && { stallMs }),
    upgrades: () => false,
    upgrade: async () => {},
    tls: () => Promise.reject(new Error('No TLS here')),
    failed: () => {},
  });
  close = () => tcp.close();
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  return (tcp.address() as AddressInfo).port;
}

test('a request whose client goes away is told so', async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  const port = await serve(({ signal }) => {
    if (signal) asked.resolve(signal);
    return new Promise(() => {});
  });
  const client = connect(port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const signal = await asked.promise;
  expect(signal.aborted).toBe(false);
  client.destroy();
  await once(signal, 'abort');
  expect(signal.reason).toMatchObject({ message: 'The client has gone' });
});

test('one that has its answer is not', async () => {
  let signal: AbortSignal | undefined;
  const port = await serve(async (request) => {
    signal = request.signal;
    return { status: 200, headers: {}, body: 'x' };
  });
  const client = connect(port, '127.0.0.1');
  client.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  client.resume();
  await once(client, 'close');
  expect(signal?.aborted).toBe(false);
});

describe('a client that takes nothing of its answer', () => {
  const STALL_MS = 100;
  const endless = () =>
    Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536);
      })(),
    );

  test.each([
    ['an endless one', () => endless()],
    ['a long one', () => Buffer.alloc(16 * 1_048_576)],
  ])('is hung up on: %s', async (_, bodyOf) => {
    const asked = Promise.withResolvers<AbortSignal>();
    const port = await serve(async ({ signal }) => {
      if (signal) asked.resolve(signal);
      return { status: 200, headers: {}, body: bodyOf() };
    }, STALL_MS);
    const client = connect(port, '127.0.0.1');
    client.pause();
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const signal = await asked.promise;
    if (!signal.aborted) await once(signal, 'abort');
    client.destroy();
  });

  test('is not one whose answer is long in coming', async () => {
    const port = await serve(async () => {
      await new Promise((resolve) => setTimeout(resolve, 4 * STALL_MS));
      return { status: 200, headers: {}, body: 'late' };
    }, STALL_MS);
    const client = connect(port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect((await buffer(client)).toString()).toContain('late');
  });
});

/** A handler that answers when it is told to, and what has been asked of it. */
function slowly() {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const handle: Handle = ({ path }) => {
    asked.push(path);
    const { promise, resolve } = Promise.withResolvers<WireResponse>();
    answers.push(() => resolve({ status: 200, headers: {}, body: `<${path}>` }));
    return promise;
  };
  return { asked, answers, handle };
}

/** Resolves when it is so: all that it waits for happens in this process. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate();
}

describe('requests that are sent ahead of their answers', () => {
  const ask = (count: number, filling = 0) =>
    Array.from(
      { length: count },
      (_, at) => `GET /${at} HTTP/1.1\r\nHost: x\r\nX-Filling: ${'f'.repeat(filling)}\r\n\r\n`,
    ).join('');

  test('are served one after the other, and answered in their order', async () => {
    const { asked, answers, handle } = slowly();
    const client = connect(await serve(handle), '127.0.0.1');
    let told = '';
    client.on('data', (bytes) => {
      told += bytes;
    });
    client.write(ask(20));
    for (let at = 0; at < 20; at++) {
      await until(() => asked.length > at);
      await setImmediate();
      expect(asked).toHaveLength(at + 1);
      answers[at]?.();
    }
    await until(() => told.includes('</19>'));
    const order = [...told.matchAll(/<\/(\d+)>/g)].map(([, at]) => Number(at));
    expect(order).toEqual(Array.from({ length: 20 }, (_, at) => at));
    client.destroy();
  });

  test('are all answered, however many they are, and read as they are served', async () => {
    let served = 0;
    const port = await serve(async () => {
      served += 1;
      return { status: 200, headers: {}, body: 'x' };
    });
    const client = connect(port, '127.0.0.1').resume();
    client.write(ask(3000, 2000));
    await until(() => served === 3000);
    client.destroy();
  });

  test('are dropped when their client has gone', async () => {
    const { asked, handle } = slowly();
    const gone = Promise.withResolvers<AbortSignal>();
    const port = await serve((request) => {
      if (request.signal) gone.resolve(request.signal);
      return handle(request);
    });
    const client = connect(port, '127.0.0.1');
    client.write(ask(5));
    const signal = await gone.promise;
    client.destroy();
    await once(signal, 'abort');
    await setImmediate();
    expect(asked).toEqual(['/0']);
  });

  test('end their connection when they are more than anybody means', async () => {
    const { asked, handle } = slowly();
    let made = 0;
    const port = await serve((request) => handle(request));
    channel('http.server.request.start').subscribe(() => {
      made += 1;
    });
    const client = connect(port, '127.0.0.1').resume();
    client.on('error', () => {});
    client.write(ask(10_000));
    await until(() => client.destroyed);
    expect(asked).toEqual(['/0']);
    // Nor is the rest of what was read made into requests.
    expect(made).toBeLessThan(150);
  });
});

describe('a body', () => {
  const CHUNKS = 20_000;
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  const tiny = `${'1\r\na\r\n'.repeat(CHUNKS)}0\r\n\r\n`;
  const answer: WireResponse = { status: 200, headers: {}, body: 'x' };

  test.each([
    ['is read at once', 0],
    ['has lain', 10_000],
  ])('in tiny chunks comes in large pieces when it %s', async (_when, lain) => {
    let pieces = 0;
    let bytes = 0;
    const port = await serve(async ({ body }) => {
      await until(() => body.readableLength >= lain);
      body.on('data', (piece: Buffer) => {
        pieces += 1;
        bytes += piece.length;
      });
      await once(body, 'end');
      return answer;
    });
    const client = connect(port, '127.0.0.1').resume();
    client.write(head + tiny);
    await until(() => bytes === CHUNKS);
    // As many as the network cut it into.
    expect(pieces).toBeLessThan(CHUNKS / 50);
    client.destroy();
  });

  test('is whole when it is read in pieces of any size, and its last byte is not waited for', async () => {
    const read: string[] = [];
    const port = await serve(async ({ body }) => {
      await once(body, 'readable');
      for (let piece = body.read(1); read.length < 3; piece = body.read(1)) {
        if (piece) read.push(String(piece));
        else await once(body, 'readable');
      }
      body.unshift(Buffer.from('z'));
      read.push((await buffer(body)).toString());
      return answer;
    });
    const client = connect(port, '127.0.0.1').resume();
    client.write(`${head}2\r\nab\r\n1\r\nc\r\n`);
    await until(() => read.length === 3);
    client.write('1\r\nd\r\n0\r\n\r\n');
    await until(() => read.length === 4);
    expect(read).toEqual(['a', 'b', 'c', 'zd']);
    client.destroy();
  });

  test.each(['while it is read', 'before it is read'])(
    'that breaks off %s says so',
    async (when) => {
      const port = await serve(async ({ body, signal }) => {
        asked.resolve();
        if (when.startsWith('before') && signal) await once(signal, 'abort');
        buffer(body).then(told.resolve, told.reject);
        return new Promise(() => {});
      });
      const asked = Promise.withResolvers<void>();
      const told = Promise.withResolvers<unknown>();
      const client = connect(port, '127.0.0.1');
      client.write(`${head}5\r\nab`);
      await asked.promise;
      client.destroy();
      await expect(told.promise).rejects.toMatchObject({ kind: 'incomplete-body' });
    },
  );
});
