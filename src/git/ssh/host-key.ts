import { createHash, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { sshString as text } from '../../lib/ssh-string.ts';

/** The key by which clients know this server: Ed25519, which every OpenSSH since 2014 takes. */
export interface HostKey {
  /** In the form that OpenSSH and ssh2 read. */
  openSsh: string;
  /** `ssh-ed25519 AAAA…`: a line of known_hosts without its hosts. */
  publicKey: string;
  /** `SHA256:…`, as `ssh` shows it to who connects. */
  fingerprint: string;
}

const TYPE = 'ssh-ed25519';
export const SEED_BYTES = 32;
/** RFC 8410: what stands before the seed of an Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Of the unencrypted part of a private key, which is filled up to it. */
const BLOCK = 8;

export const newSeed = (): Buffer => randomBytes(SEED_BYTES);

/** @param seed SEED_BYTES that nobody else knows */
export function hostKeyOf(seed: Buffer): HostKey {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const point = Buffer.from(x, 'base64url');
  const blob = Buffer.concat([text(TYPE), text(point)]);
  return {
    openSsh: privateKey(seed, point, blob),
    publicKey: `${TYPE} ${blob.toString('base64')}`,
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace('=', '')}`,
  };
}

/** OpenSSH's PROTOCOL.key, without a passphrase: Node writes no such file. */
function privateKey(seed: Buffer, point: Buffer, blob: Buffer): string {
  const check = number(0);
  const secret = Buffer.concat([
    ...[check, check, text(TYPE), text(point)],
    ...[text(Buffer.concat([seed, point])), text('')],
  ]);
  const filling = Array.from({ length: -secret.length & (BLOCK - 1) }, (_, i) => i + 1);
  const whole = Buffer.concat([
    ...[Buffer.from('openssh-key-v1\0'), text('none'), text('none'), text('')],
    ...[number(1), text(blob), text(Buffer.concat([secret, Buffer.from(filling)]))],
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    ...lines,
    '-----END OPENSSH PRIVATE KEY-----',
    '',
  ].join('\n');
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
