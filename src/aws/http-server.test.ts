import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { WireRequest, WireResponse } from './http.ts';
import { makeHttpServer } from './http-server.ts';

type Handle = (request: WireRequest) => Promise<WireResponse>;
let close: () => void;
afterEach(() => close());

async function serve(handle: Handle): Promise<number> {
  const { tcp } = makeHttpServer({
    handle,
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
