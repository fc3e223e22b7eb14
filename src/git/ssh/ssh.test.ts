import { createPublicKey, verify } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, test } from 'vitest';
import { Admission } from './admission.ts';
import { parseSshCommand } from './command.ts';
import { hostKeyOf, newSeed } from './host-key.ts';

describe('CC-SSH-04: the command of a client', () => {
  const upload = { service: 'git-upload-pack', path: '/v1/repos/app' };
  test.each([
    ["git-upload-pack '/v1/repos/app'", upload],
    ['git-upload-pack "/v1/repos/app"', upload],
    ['git upload-pack /v1/repos/app', upload],
    ["git-receive-pack 'v1/repos/app'", { service: 'git-receive-pack', path: 'v1/repos/app' }],
  ])('%s', (text, expected) => expect(parseSshCommand(text)).toEqual(expected));

  test.each([
    ...['', 'id', 'git-upload-archive /v1/repos/app', 'git-upload-pack', 'git-upload-pack '],
    ...["git-upload-pack '/a'; id", "git-upload-pack '/a' '/b'", 'git-upload-pack /a;id /b'],
    ...['git-upload-pack "$(id)"', 'git-upload-pack `id`', "git-upload-pack '/a'\nid"],
    `git-upload-pack '/${'a'.repeat(5_000)}'`,
  ])('nothing else: %j', (text) => expect(parseSshCommand(text)).toBeUndefined());
});

test('the host key is one that ssh2 reads, and signs with', () => {
  for (let i = 0; i < 8; i++) {
    const { openSsh, publicKey, fingerprint } = hostKeyOf(newSeed());
    const key = ssh2.utils.parseKey(openSsh);
    if (key instanceof Error) throw key;
    expect(`ssh-ed25519 ${key.getPublicSSH().toString('base64')}`).toBe(publicKey);
    const signature = key.sign('x') as Buffer;
    expect(verify(null, Buffer.from('x'), createPublicKey(key.getPublicPEM()), signature)).toBe(
      true,
    );
    expect(fingerprint).toMatch(/^SHA256:[\w+/]{43}$/);
  }
});

test('strangers are few, of one address and of all; whoever signs in or goes makes room', () => {
  const admission = new Admission({ open: 4, strangers: 3, strangersOfOne: 2 });
  const first = admission.admit('a');
  const second = admission.admit('a');
  expect(admission.admit('a')).toBeUndefined();
  expect(admission.admit('b')).toBeDefined();
  expect(admission.admit('c')).toBeUndefined();
  first?.known();
  first?.known();
  expect(admission.admit('a')).toBeDefined();
  second?.gone();
  second?.gone();
  expect(admission.admit('a')).toBeDefined();
  expect(admission.admit('d')).toBeUndefined();
});
