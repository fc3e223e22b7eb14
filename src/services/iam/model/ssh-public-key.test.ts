import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { blobOf, keyObjectOf, parseSshPublicKey, pemOf } from './ssh-public-key.ts';

const pair = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).publicKey;
const pem = (key: ReturnType<typeof pair>, type: 'spki' | 'pkcs1' = 'spki') =>
  key.export({ format: 'pem', type }).toString();

test('PEM and ssh-rsa are the same key, with and without a comment', () => {
  const key = pair(2048);
  const parsed = parseSshPublicKey(pem(key));
  if (typeof parsed === 'string') throw new Error(parsed);
  expect(parsed.fingerprint).toMatch(/^(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  for (const text of [pem(key, 'pkcs1'), parsed.openSsh, `${parsed.openSsh} mary@there\n`]) {
    expect(parseSshPublicKey(text)).toEqual(parsed);
  }
  expect(pemOf(parsed.openSsh)).toBe(pem(key).trimEnd());
  expect(keyObjectOf(parsed.openSsh).equals(key)).toBe(true);
  expect(blobOf(parsed.openSsh).subarray(4, 11).toString()).toBe('ssh-rsa');
});

test('what is no key that AWS takes', () => {
  const other = generateKeyPairSync('ed25519');
  const secret = other.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const known = parseSshPublicKey(pem(pair(2048)));
  if (typeof known === 'string') throw new Error(known);
  const { openSsh } = known;
  const wrong: [string, string][] = [
    [pem(pair(1024)), 'key'],
    [pem(other.publicKey), 'key'],
    [secret, 'key'],
    ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'key'],
    ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me', 'key'],
    [openSsh.slice(0, -12), 'key'],
    [`${openSsh}\n${openSsh}`, 'key'],
    ['ssh-rsa AAAA', 'key'],
    ['ssh-rsa !', 'key'],
    ['hello', 'encoding'],
    [' ', 'encoding'],
  ];
  for (const [text, fault] of wrong) expect(parseSshPublicKey(text), text).toBe(fault);
});
