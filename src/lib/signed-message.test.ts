import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { certificateAuthority, serverCertificate, signerCertificate } from './certificates.ts';
import { DEPLOYMENT_SIGNER } from './codedeploy-commands.ts';
import { openMessage, type Signer, signMessage, type Trust } from './signed-message.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-signed-'));
afterAll(() => rmSync(directory, { recursive: true }));

function makeKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
}

/** A server's CA in a directory of its own, a signer that it has certified, and the trust in it. */
function makeServer(name: string) {
  const dataDir = join(directory, name);
  mkdirSync(dataDir, { recursive: true });
  const key = makeKey();
  const signer: Signer = { key, certificate: signerCertificate(dataDir, key) };
  const anchors = [certificateAuthority(dataDir).pem];
  const trust: Trust = { anchors, signer: DEPLOYMENT_SIGNER, now: new Date() };
  return { dataDir, signer, trust };
}

const { dataDir, signer, trust } = makeServer('server');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const text = '{"DeploymentId":"d-ABCDEFGHI","ApplicationName":"Schlüssel ✓"}';

test('CD-AGT-06: opens what it signed, and nothing that was changed', () => {
  const message = signMessage(text, signer);
  expect(message).toMatch(/^-----BEGIN PKCS7-----\r?\n/);
  expect(openMessage(message, trust)).toBe(text);
  const der = Buffer.from(message.replace(/-----[^-]+-----/g, ''), 'base64');
  der[der.indexOf('ABCDEFGHI')] = 'Z'.charCodeAt(0);
  const changed = `-----BEGIN PKCS7-----\n${der.toString('base64')}\n-----END PKCS7-----\n`;
  expect(() => openMessage(changed, trust)).toThrow('signature');
  expect(() => openMessage('{}', trust)).toThrow();
});

test.skipIf(!hasOpenssl)('CD-AGT-06: openssl verifies it (skipped without openssl)', () => {
  const file = join(directory, 'message.pem');
  writeFileSync(file, signMessage(text, signer));
  const output = execFileSync(
    'openssl',
    ['smime', '-verify', '-CAfile', join(dataDir, 'ca.pem'), '-inform', 'PEM', '-in', file],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  expect(output.toString()).toBe(text);
});

test.skipIf(!hasOpenssl)(
  'CD-AGT-06: reads what openssl signs, with attributes and without (skipped without openssl)',
  () => {
    const { key, certificate } = signer;
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
      expect(openMessage(message.toString(), trust)).toBe(text);
    }
  },
);

test('CD-AGT-06: what anybody but the CA has certified is not opened', () => {
  const stranger = makeServer('stranger');
  const message = signMessage(text, stranger.signer);
  expect(openMessage(message, stranger.trust)).toBe(text);
  expect(() => openMessage(message, trust)).toThrow('another CA');
  // With the certificate of the true signer, for which he has no key.
  const borrowed = { key: stranger.signer.key, certificate: signer.certificate };
  expect(() => openMessage(signMessage(text, borrowed), trust)).toThrow('not valid');
  expect(
    openMessage(message, { ...trust, anchors: [...trust.anchors, ...stranger.trust.anchors] }),
  ).toBe(text);
});

test("CD-AGT-06: the server's own TLS certificate signs nothing", () => {
  const { key, cert } = serverCertificate(dataDir, ['localhost']);
  const message = signMessage(text, { key, certificate: cert });
  expect(() => openMessage(message, trust)).toThrow('CN=Slipway server, is not made for this');
});

test('CD-AGT-06: a certificate counts in its time only', () => {
  const message = signMessage(text, signer);
  const later = new Date(Date.now() + 11 * 365 * 24 * 3600_000);
  expect(() => openMessage(message, { ...trust, now: later })).toThrow('not valid at');
});

test('the CA is made once, and not again when its key is lost', () => {
  const { dataDir: other, trust: first } = makeServer('lost');
  expect(certificateAuthority(other).pem).toBe(first.anchors[0]);
  rmSync(join(other, 'ca.key'));
  expect(() => certificateAuthority(other)).toThrow('ca.key is not the key of ca.pem');
});
