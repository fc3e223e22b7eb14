import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isHostServed } from './aws/gate.ts';
import { serverCertificate } from './lib/certificates.ts';
import { serverNames, tlsNames } from './server-names.ts';

test('the certificate is good for every name and address of the server that the gate serves', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-names-'));
  try {
    const own = serverNames('0.0.0.0', ['build.example.com']);
    const served = { hosts: own, apis: [], region: 'us-east-1' };
    const { cert } = serverCertificate(dataDir, tlsNames(own, 'us-east-1'));
    const certificate = new X509Certificate(cert);
    const short = hostname().replace(/\..*$/, '');
    const names = [hostname(), short, `${short}.local`, 'host.docker.internal'];
    for (const name of [...names, 'build.example.com', 'localhost']) {
      expect([name, certificate.checkHost(name)]).toEqual([name, name]);
      expect([name, isHostServed(name, served)]).toEqual([name, true]);
    }
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    expect(addresses.length).toBeGreaterThan(0);
    for (const { address } of addresses)
      expect([address, certificate.checkIP(address)]).toEqual([address, address]);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
