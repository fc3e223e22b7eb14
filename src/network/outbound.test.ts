import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { serverCertificate } from '../lib/certificates.ts';
import { makeOutbound, OutboundFailed, type OutboundOptions, OutboundRefused } from './outbound.ts';
import { makeReach } from './reachable.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function listening(server: Server, host = '127.0.0.1') {
  open.push(server);
  await new Promise<void>((done) => void server.listen(0, host, done));
  return (server.address() as AddressInfo).port;
}
const serve = (handle: RequestListener) => listening(createServer(handle));

const outbound = (options: Partial<OutboundOptions> = {}) =>
  makeOutbound({ allowed: [], loopback: true, ownPort: () => 1, ...options });

const get = (url: string, timeoutMs?: number) => ({
  method: 'GET',
  url,
  ...(timeoutMs && { timeoutMs }),
});

test('sends what it is given and answers with what came back', async () => {
  const port = await serve(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { method, url, headers } = request;
    response.statusCode = 201;
    response.end(JSON.stringify({ method, url, body, ...headers }));
  });
  const answer = await outbound().send({
    method: 'POST',
    url: `http://user:p%40ss@localhost:${port}/a%20b?c=d#e`,
    headers: { 'x-one': '1' },
    body: 'hello',
  });
  expect(answer.status).toBe(201);
  expect(JSON.parse(answer.body.toString())).toMatchObject({
    method: 'POST',
    url: '/a%20b?c=d',
    body: 'hello',
    'x-one': '1',
    host: `localhost:${port}`,
    authorization: `Basic ${btoa('user:p@ss')}`,
  });
});

const INTERNAL = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  'fe80::1',
  'fd00:ec2::254',
  'fc00::1',
  'ff02::1',
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '::7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b::808:808',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  '100::1',
];
const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '2606:4700::1111',
  '2a00:1450::1',
];

test.each(INTERNAL)('%s is internal, and is not called', async (address) => {
  const reach = makeReach({ allowed: [], loopback: true, ownPort: () => 1 });
  expect(reach(address, 80)).toBe(false);
  const sent = outbound({ resolve: async () => [address] }).send(get('http://name.example/'));
  await expect(sent).rejects.toThrow(OutboundRefused);
});

test.each(PUBLIC)('%s is the internet’s', (address) => {
  expect(makeReach({ allowed: [], loopback: false, ownPort: () => 1 })(address, 80)).toBe(true);
});

test.each([
  'http://127.0.0.1/',
  'http://localhost/',
  'http://a.localhost/',
  'http://localhost./',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://017700000001/',
  'http://127.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://０/',
  'http://127。0。0。1/',
  'http://user@127.0.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/',
  'http://[::127.0.0.1]/',
  'http://0/',
])('%s is refused where others reach the server', async (url) => {
  await expect(outbound({ loopback: false }).send(get(url))).rejects.toThrow(OutboundRefused);
});

test.each(['ftp://8.8.8.8/', 'file:///etc/passwd', 'gopher://8.8.8.8/', 'http://', 'nothing'])(
  '%s is no address to call',
  async (url) => {
    await expect(outbound().send(get(url))).rejects.toThrow(OutboundRefused);
  },
);

test('the server itself is not called through its own loopback address', async () => {
  const port = await serve((_, response) => response.end());
  const sent = outbound({ ownPort: () => port }).send(get(`http://127.0.0.1:${port}/`));
  await expect(sent).rejects.toThrow(OutboundRefused);
});

test('blocks that are named open what they name, and no block that holds more opens link-local', () => {
  const reach = (...allowed: string[]) =>
    makeReach({ allowed, loopback: false, ownPort: () => 80 });
  expect(reach('10.0.0.0/8')('10.1.2.3', 80)).toBe(true);
  expect(reach('10.0.0.0/8')('192.168.0.1', 80)).toBe(false);
  expect(reach('192.168.0.7')('192.168.0.7', 80)).toBe(true);
  expect(reach('192.168.0.7')('192.168.0.8', 80)).toBe(false);
  expect(reach('127.0.0.0/8')('127.0.0.1', 80)).toBe(true);
  expect(reach('fd00::/8')('fd00:ec2::254', 80)).toBe(true);
  expect(reach('0.0.0.0/0', '::/0')('169.254.169.254', 80)).toBe(false);
  expect(reach('0.0.0.0/0', '::/0')('fe80::1', 80)).toBe(false);
  expect(reach('0.0.0.0/0', '::/0')('::ffff:169.254.169.254', 80)).toBe(false);
  expect(reach('169.254.0.0/16')('169.254.169.254', 80)).toBe(true);
  expect(reach('10.0.0.0/8')('::ffff:10.0.0.1', 80)).toBe(false);
});

test('what was checked is what is connected to, whatever the name server says later', async () => {
  const port = await serve((_, response) => response.end('good'));
  let asked = 0;
  const resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['10.0.0.1']);
  const answer = await outbound({ resolve }).send(get(`http://rebinding.example:${port}/`));
  expect(answer.body.toString()).toBe('good');
  expect(asked).toBe(1);
});

test('of several addresses those that may be reached are, one after the other', async () => {
  const port = await serve((_, response) => response.end('good'));
  const resolve = async () => ['10.0.0.1', '::1', '127.0.0.1', '169.254.169.254'];
  const answer = await outbound({ resolve }).send(get(`http://several.example:${port}/`));
  expect(answer.body.toString()).toBe('good');
});

test('a redirect is an answer, and is not followed', async () => {
  let inner = 0;
  const secret = await serve((_, response) => response.end(String(inner++)));
  const port = await serve((_, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${secret}/` }).end();
  });
  const answer = await outbound().send(get(`http://127.0.0.1:${port}/`));
  expect(answer.status).toBe(302);
  expect(inner).toBe(0);
});

test('an answer without an end is read as far as it may be', async () => {
  const port = await serve((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
    };
    response.on('drain', more);
    more();
  });
  const answer = await outbound().send(get(`http://127.0.0.1:${port}/`));
  expect(answer.body.length).toBe(64 * 1024);
});

test('headers without an end, and an upgrade, are failures', async () => {
  const endless = await listening(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n`);
    }),
  );
  await expect(outbound().send(get(`http://127.0.0.1:${endless}/`))).rejects.toThrow(
    OutboundFailed,
  );
  const upgrading = await listening(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    }),
  );
  await expect(outbound().send(get(`http://127.0.0.1:${upgrading}/`))).rejects.toThrow(
    OutboundFailed,
  );
});

test.each([
  ['says nothing', ''],
  ['stops in its headers', 'HTTP/1.1 200 OK\r\n'],
  ['stops in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'],
])('a target that %s ends with its time', async (_, said) => {
  const port = await listening(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.write(said);
    }),
  );
  await expect(outbound().send(get(`http://127.0.0.1:${port}/`, 100))).rejects.toThrow(
    'no answer in 100 ms',
  );
});

test('a name server that does not answer ends with its time', async () => {
  const resolve = () => new Promise<string[]>(() => {});
  await expect(outbound({ resolve }).send(get('http://slow.example/', 50))).rejects.toThrow(
    OutboundFailed,
  );
});

test('a header can end no header, and cannot say another host', async () => {
  const port = await serve((_, response) => response.end());
  const url = `http://127.0.0.1:${port}/`;
  const split = outbound().send({ ...get(url), headers: { 'x-a': 'b\r\nx-c: d' } });
  await expect(split).rejects.toThrow('ERR_INVALID_CHAR');
  for (const name of ['Host', 'content-length', 'Transfer-Encoding'])
    await expect(outbound().send({ ...get(url), headers: { [name]: 'x' } })).rejects.toThrow(
      OutboundRefused,
    );
});

test('certificates are verified, for the name that was asked for', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-outbound-'));
  open.push({ close: () => rmSync(dataDir, { recursive: true }) });
  const { cert, key, caFile } = serverCertificate(dataDir, ['good.example']);
  const port = await listening(
    createTlsServer({ cert, key }, (_, response) => response.end('good')),
  );
  const ca = readFileSync(caFile, 'utf8');
  const resolve = async () => ['127.0.0.1'];
  const good = await outbound({ ca, resolve }).send(get(`https://good.example:${port}/`));
  expect(good.body.toString()).toBe('good');
  const failing = (options: Partial<OutboundOptions>, name: string) =>
    expect(outbound({ resolve, ...options }).send(get(`https://${name}:${port}/`))).rejects;
  await failing({}, 'good.example').toThrow(OutboundFailed);
  await failing({ ca }, 'other.example').toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
  await failing({ ca }, '127.0.0.1').toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
});
