import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { sshString } from '../../../lib/ssh-string.ts';

/** An RSA key for git over SSH. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html */
export interface SshPublicKey {
  /** `ssh-rsa AAAA…`, without a comment. */
  openSsh: string;
  /** MD5 of the key as SSH sends it, `12:ab:…`. */
  fingerprint: string;
}

/** What is wrong with a text that should be a public key: neither of the encodings, or no key that is taken. */
export type KeyFault = 'encoding' | 'key';

const RSA = 'ssh-rsa';
/** AWS's minimum; OpenSSL's maximum, beyond which nothing is verified. */
const BITS = { least: 2048, most: 16_384 };
/** OpenSSL's, for exponents of large keys: what a signature costs to verify grows with it. */
const MOST_EXPONENT_BYTES = 8;
/** How keys begin that SSH has and AWS does not take. */
const OTHER_TYPES = /^(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]{1,60} /;

/** Reads `ssh-rsa AAAA… comment`, or a public key in PEM. */
export function parseSshPublicKey(text: string): SshPublicKey | KeyFault {
  const body = text.trim();
  if (body.startsWith('-----BEGIN ')) return fromPem(body);
  if (body.startsWith(`${RSA} `)) return fromOpenSsh(body);
  return OTHER_TYPES.test(body) ? 'key' : 'encoding';
}

function fromOpenSsh(body: string): SshPublicKey | KeyFault {
  const encoded = body.slice(RSA.length).trimStart().split(/\s/, 1)[0] ?? '';
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || /[\r\n]/.test(body)) return 'key';
  const [type, exponent, modulus, ...more] = fieldsOf(Buffer.from(encoded, 'base64')) ?? [];
  if (type?.toString('latin1') !== RSA || !exponent || !modulus || more.length > 0) return 'key';
  return made(exponent, modulus);
}

function fromPem(body: string): SshPublicKey | KeyFault {
  // Node would take the public half of a private key, which nobody should hand out.
  if (!/^-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(body)) return 'key';
  try {
    const key = createPublicKey(body);
    if (key.asymmetricKeyType !== 'rsa') return 'key';
    const { n = '', e = '' } = key.export({ format: 'jwk' });
    return made(Buffer.from(e, 'base64url'), Buffer.from(n, 'base64url'));
  } catch {
    return 'key';
  }
}

/** The key in the one form in which it is compared and kept. */
function made(exponent: Buffer, modulus: Buffer): SshPublicKey | KeyFault {
  const [e, n] = [magnitude(exponent), magnitude(modulus)];
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < BITS.least || bits > BITS.most || e.length > MOST_EXPONENT_BYTES) return 'key';
  // An even modulus or exponent is none of RSA; 1 would take any signature.
  const isOdd = (number: Buffer) => ((number.at(-1) ?? 0) & 1) === 1;
  if (!isOdd(n) || !isOdd(e) || e.equals(Buffer.from([1]))) return 'key';
  const blob = Buffer.concat([Buffer.from(RSA), positive(e), positive(n)].map(sshString));
  const digest = createHash('md5').update(blob).digest('hex');
  return {
    openSsh: `${RSA} ${blob.toString('base64')}`,
    fingerprint: digest.replace(/..(?!$)/g, '$&:'),
  };
}

/** RFC 4251, section 5: strings, one after another. */
function fieldsOf(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length || fields.length === 4) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** A number without zeros before it. */
function magnitude(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
}

/** Its first bit would be its sign. */
const positive = (number: Buffer): Buffer =>
  (number[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), number]) : number;

/** @param openSsh of a SshPublicKey */
export function keyObjectOf(openSsh: string): KeyObject {
  const [, e, n] = fieldsOf(blobOf(openSsh)) ?? [];
  if (!e || !n) throw new Error('No SSH public key');
  const jwk = { kty: 'RSA', e: magnitude(e).toString('base64url'), n: n.toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** The key as SSH sends it. @param openSsh of a SshPublicKey */
export const blobOf = (openSsh: string): Buffer =>
  Buffer.from(openSsh.slice(RSA.length + 1), 'base64');

/** `-----BEGIN PUBLIC KEY-----`. @param openSsh of a SshPublicKey */
export const pemOf = (openSsh: string): string =>
  keyObjectOf(openSsh).export({ format: 'pem', type: 'spki' }).toString().trimEnd();
