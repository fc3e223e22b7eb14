import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lineOf, newKeyPair, readPublicKey } from './key-pairs.ts';

test.each(['rsa', 'ed25519'] as const)(
  'a new %s key is one, and its public half is read again',
  async (type) => {
    const { secret = '', ...made } = await newKeyPair(type, 'mine');
    const read = readPublicKey(lineOf({ ...made, name: 'mine' }));
    expect(read).toMatchObject({ type, blob: made.blob });
    // Both halves of ED25519 have one fingerprint; that of RSA is of the private half where AWS made it.
    expect(read?.fingerprint === made.fingerprint).toBe(type === 'ed25519');
    if (type === 'rsa') {
      const publicKey = createPublicKey(createPrivateKey(secret));
      const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      expect(readPublicKey(spki)?.blob).toBe(made.blob);
    }
  },
);

test('ssh-keygen reads a key of each type', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-keys-'));
  try {
    for (const type of ['rsa', 'ed25519'] as const) {
      const { secret = '', blob } = await newKeyPair(type, 'mine');
      writeFileSync(join(directory, type), `${secret}\n`, { mode: 0o600 });
      const line = execFileSync('ssh-keygen', ['-y', '-f', join(directory, type)], {
        encoding: 'utf8',
      });
      expect(line.split(' ')[1]?.trim()).toBe(blob);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me';

test.each([
  ['', undefined],
  ['ssh-rsa AAAA', undefined],
  ['ssh-ed25519 !!!', undefined],
  ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', undefined],
  [KEY, 'ed25519'],
  [
    `---- BEGIN SSH2 PUBLIC KEY ----\nComment: "me \\\nand mine"\n${KEY.split(' ')[1]}\n---- END SSH2 PUBLIC KEY ----`,
    'ed25519',
  ],
])('%j is a key of the type %s', (text, type) => expect(readPublicKey(text)?.type).toBe(type));
