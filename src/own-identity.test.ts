import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHttpServer } from './aws/http-server.ts';
import { makeOwnIdentity } from './own-identity.ts';

let dataDir = '';
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-identity-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('a server that has got an address since has a certificate for it, and the same one until then', async () => {
  let names = ['localhost', '192.0.2.1'];
  const { tcp } = makeHttpServer({
    handle: async () => ({ status: 200, headers: {}, body: '' }),
    upgrades: () => false,
    upgrade: async () => {},
    tls: makeOwnIdentity(dataDir, () => names),
    failed: (error) => expect(error).toBeUndefined(),
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const shown = async (): Promise<X509Certificate> => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate() as X509Certificate;
    socket.destroy();
    return certificate;
  };
  try {
    const [first, second] = await Promise.all([shown(), shown()]);
    expect(first.fingerprint256).toBe(second.fingerprint256);
    expect(first.checkIP('198.51.100.7')).toBeUndefined();
    names = ['localhost', '198.51.100.7'];
    const third = await shown();
    expect(third.checkIP('198.51.100.7')).toBe('198.51.100.7');
    expect((await shown()).fingerprint256).toBe(third.fingerprint256);
  } finally {
    tcp.close();
  }
});

test('while no new certificate can be made the old one is shown', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-identity-'));
  let names = ['localhost'];
  const identity = makeOwnIdentity(directory, () => names);
  const first = await identity();
  rmSync(directory, { recursive: true });
  names = ['localhost', '192.0.2.1'];
  for (const _ of [1, 2]) expect(await identity()).toBe(first);
});
