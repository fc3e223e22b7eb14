import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openMessage, type Signer, selfSignedCertificate, signMessage } from './signed-message.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-signed-'));
afterAll(() => rmSync(directory, { recursive: true }));

function makeSigner(): Signer {
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { key, certificate: selfSignedCertificate(key, 'Test', new Date('2026-01-01T00:00:00Z')) };
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const text = '{"DeploymentId":"d-ABCDEFGHI","ApplicationName":"Schlüssel ✓"}';

test('CD-AGT-06: opens what it signed, and nothing that was changed', () => {
  const signer = makeSigner();
  const message = signMessage(text, signer);
  expect(message).toMatch(/^-----BEGIN PKCS7-----\r?\n/);
  expect(openMessage(message)).toBe(text);
  const der = Buffer.from(message.replace(/-----[^-]+-----/g, ''), 'base64');
  der[der.indexOf('ABCDEFGHI')] = 'Z'.charCodeAt(0);
  const changed = `-----BEGIN PKCS7-----\n${der.toString('base64')}\n-----END PKCS7-----\n`;
  expect(() => openMessage(changed)).toThrow('signature');
  expect(() => openMessage('{}')).toThrow();
});

test.skipIf(!hasOpenssl)('CD-AGT-06: openssl verifies it (skipped without openssl)', () => {
  const file = join(directory, 'message.pem');
  writeFileSync(file, signMessage(text, makeSigner()));
  const output = execFileSync(
    'openssl',
    ['smime', '-verify', '-noverify', '-inform', 'PEM', '-in', file],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  expect(output.toString()).toBe(text);
});

test.skipIf(!hasOpenssl)(
  'CD-AGT-06: reads what openssl signs, with attributes and without (skipped without openssl)',
  () => {
    const { key, certificate } = makeSigner();
    for (const [name, content] of Object.entries({
      'key.pem': key,
      'cert.pem': certificate,
      text: text,
    })) {
      writeFileSync(join(directory, name), content, { mode: 0o600 });
    }
    for (const option of [[], ['-noattr']]) {
      const args = ['smime', '-sign', '-binary', '-nodetach', '-outform', 'PEM', '-in', 'text'];
      const message = execFileSync(
        'openssl',
        [...args, '-signer', 'cert.pem', '-inkey', 'key.pem', ...option],
        {
          cwd: directory,
        },
      );
      expect(openMessage(message.toString())).toBe(text);
    }
  },
);
