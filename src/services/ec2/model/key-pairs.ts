import {
  createHash,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import { sshString } from '../../../lib/ssh-string.ts';

export interface KeyPair {
  id: string;
  name: string;
  type: 'rsa' | 'ed25519';
  fingerprint: string;
  /** As SSH sends it, in base64. */
  blob: string;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** As it stands in authorized_keys. */
export const lineOf = ({ type, blob, name }: Pick<KeyPair, 'type' | 'blob' | 'name'>): string =>
  `ssh-${type} ${blob} ${name}`;

export interface Material extends Pick<KeyPair, 'type' | 'fingerprint' | 'blob'> {
  /** PEM; nobody keeps it. */
  secret?: string;
}

const generate = promisify(generateKeyPair);

/** Makes a key: 2048 bits where it is RSA, as AWS does. */
export async function newKeyPair(type: KeyPair['type'], comment: string): Promise<Material> {
  if (type === 'rsa') {
    const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    return {
      ...{ type, blob: blobOf(publicKey).toString('base64') },
      fingerprint: pairs(createHash('sha1').update(der).digest('hex')),
      secret: String(privateKey.export({ type: 'pkcs1', format: 'pem' })).trimEnd(),
    };
  }
  const { publicKey, privateKey } = await generate('ed25519');
  const blob = blobOf(publicKey);
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  return {
    ...{ type, blob: blob.toString('base64'), fingerprint: sha256(blob) },
    secret: openSshKey(blob, seed, comment),
  };
}

/**
 * Reads a public key in one of the forms that AWS takes: a line of OpenSSH, RFC 4716, or DER in base64.
 * Fingerprints: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html
 * @returns undefined for what is none of these, and for other kinds of keys
 */
export function readPublicKey(text: string): Material | undefined {
  const key = publicKeyIn(text.trim());
  if (!key) return undefined;
  const blob = blobOf(key);
  if (key.asymmetricKeyType === 'ed25519')
    return { type: 'ed25519', blob: blob.toString('base64'), fingerprint: sha256(blob) };
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (![1024, 2048, 4096].includes(bits)) return undefined;
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    ...{ type: 'rsa', blob: blob.toString('base64') },
    fingerprint: pairs(createHash('md5').update(der).digest('hex')),
  };
}

function publicKeyIn(text: string): KeyObject | undefined {
  try {
    if (/^ssh-(rsa|ed25519)\s/.test(text))
      return keyOf(Buffer.from(text.split(/\s+/)[1] ?? '', 'base64'));
    if (text.startsWith('---- BEGIN SSH2 PUBLIC KEY ----')) return keyOf(rfc4716(text));
    const body = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s/g, '');
    const key = createPublicKey({
      ...{ key: Buffer.from(body, 'base64'), format: 'der', type: 'spki' },
    });
    return ['rsa', 'ed25519'].includes(key.asymmetricKeyType ?? '') ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Headers may go on over lines that end with a backslash. */
function rfc4716(text: string): Buffer {
  const lines: string[] = [];
  let isHeader = false;
  for (const line of text.split(/\r?\n/).slice(1)) {
    if (line.startsWith('----')) break;
    if (!isHeader && !line.includes(':')) lines.push(line);
    else isHeader = line.endsWith('\\');
  }
  return Buffer.from(lines.join(''), 'base64');
}

/** A public key as SSH sends it. @throws for what is none */
function keyOf(blob: Buffer): KeyObject | undefined {
  const [name, first, second] = stringsIn(blob);
  if (!name || !first) return undefined;
  const url = (bytes: Buffer) => bytes.toString('base64url');
  if (String(name) === 'ssh-ed25519')
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: url(first) }, format: 'jwk' });
  if (String(name) !== 'ssh-rsa' || !second) return undefined;
  const n = second[0] === 0 ? second.subarray(1) : second;
  return createPublicKey({ key: { kty: 'RSA', e: url(first), n: url(n) }, format: 'jwk' });
}

function stringsIn(blob: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length && found.length < 3; ) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return [];
    found.push(blob.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function blobOf(key: KeyObject): Buffer {
  const { kty, x = '', e = '', n = '' } = key.export({ format: 'jwk' });
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  if (kty === 'OKP') return Buffer.concat([sshString('ssh-ed25519'), sshString(bytes(x))]);
  return Buffer.concat([sshString('ssh-rsa'), integer(bytes(e)), integer(bytes(n))]);
}

const integer = (bytes: Buffer) =>
  sshString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);

const pairs = (hex: string) => hex.match(/../g)?.join(':') ?? '';
const sha256 = (blob: Buffer) => createHash('sha256').update(blob).digest('base64');

/** https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key */
function openSshKey(blob: Buffer, seed: Buffer, comment: string): string {
  const [, own = Buffer.alloc(0)] = stringsIn(blob);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check, sshString('ssh-ed25519'), sshString(own)],
    ...[sshString(Buffer.concat([seed, own])), sshString(comment)],
  ]);
  const padding = Buffer.from(
    Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1),
  );
  const bytes = Buffer.concat([
    ...[Buffer.from('openssh-key-v1\0'), sshString('none'), sshString('none'), sshString('')],
    ...[Buffer.of(0, 0, 0, 1), sshString(blob), sshString(Buffer.concat([secret, padding]))],
  ]);
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? [];
  return [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    ...lines,
    '-----END OPENSSH PRIVATE KEY-----',
  ].join('\n');
}
