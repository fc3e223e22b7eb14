import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { helloOf } from './client-hello.ts';

/** The first words of a real client. */
async function hello(servername: string | undefined): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const named = servername === undefined ? {} : { servername };
  const client = connect({ host: '127.0.0.1', port, ...named });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** The same message in records of so many bytes. */
function inRecords(bytes: Buffer, size: number): Buffer {
  const body = bytes.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

it('finds the server that a client names, however its words are cut', async () => {
  const bytes = await hello('Web.b.test');
  expect(helloOf(bytes)).toEqual({ name: 'web.b.test' });
  for (let end = 0; end < bytes.length; end++) expect(helloOf(bytes.subarray(0, end))).toBe('more');
  for (const size of [1, 3, 50, 200])
    expect(helloOf(inRecords(bytes, size))).toEqual({ name: 'web.b.test' });
  expect(helloOf(await hello(undefined))).toEqual({ name: undefined });
  expect(helloOf(Buffer.from('GET / HTTP/1.1\r\n'))).toEqual({ name: undefined });
});

it('reads nothing behind the end of what is broken', async () => {
  const bytes = await hello('a.test');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const broken = Buffer.from(bytes);
      broken[at] = value;
      const read = helloOf(broken);
      expect(read === 'more' || read.name === undefined || typeof read.name === 'string').toBe(
        true,
      );
    }),
  );
});
