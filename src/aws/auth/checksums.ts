import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { ownValue } from '../../lib/own.ts';
import { AuthFailure } from './failure.ts';

/** A running checksum of a body. */
interface Hasher {
  update(data: Uint8Array): void;
  digest(): Buffer | Promise<Buffer>;
}

function crc32Hasher(): Hasher {
  let value = 0;
  return {
    update: (data) => {
      value = crc32(data, value);
    },
    digest: () => {
      const out = Buffer.alloc(4);
      out.writeUInt32BE(value);
      return out;
    },
  };
}

function sdkHasher(Class: typeof Crc32c | typeof Crc64Nvme): Hasher {
  const hasher = new Class();
  return {
    update: (data) => hasher.update(data),
    digest: async () => Buffer.from(await hasher.digest()),
  };
}

function nodeHasher(algorithm: string): Hasher {
  const hasher = createHash(algorithm);
  return { update: (data) => void hasher.update(data), digest: () => hasher.digest() };
}

interface Algorithm {
  /** As S3 writes it in its error texts. */
  name: string;
  bytes: number;
  make(): Hasher;
}

const MD5 = 'content-md5';

/** By header or trailer name. */
const ALGORITHMS: Record<string, Algorithm> = {
  [MD5]: { name: 'Content-MD5', bytes: 16, make: () => nodeHasher('md5') },
  'x-amz-checksum-crc32': { name: 'CRC32', bytes: 4, make: crc32Hasher },
  'x-amz-checksum-crc32c': { name: 'CRC32C', bytes: 4, make: () => sdkHasher(Crc32c) },
  'x-amz-checksum-crc64nvme': { name: 'CRC64NVME', bytes: 8, make: () => sdkHasher(Crc64Nvme) },
  'x-amz-checksum-sha1': { name: 'SHA1', bytes: 20, make: () => nodeHasher('sha1') },
  'x-amz-checksum-sha256': { name: 'SHA256', bytes: 32, make: () => nodeHasher('sha256') },
};

interface Running {
  header: string;
  algorithm: Algorithm;
  hasher: Hasher;
  /** What the sender says; undefined until its trailer has arrived. */
  expected?: Buffer;
}

function parse(header: string, algorithm: Algorithm, value: string): Buffer {
  const bytes = Buffer.from(value, 'base64');
  // Node leaves out what is no base64.
  if (bytes.length !== algorithm.bytes || bytes.toString('base64') !== value.trim()) {
    throw header === MD5
      ? new AuthFailure('invalid-digest', { 'Content-MD5': value })
      : new AuthFailure('invalid-checksum', { Header: header });
  }
  return bytes;
}

function mismatch({ header, algorithm }: Running, expected: Buffer, found: Buffer): AuthFailure {
  if (header !== MD5) return new AuthFailure('wrong-checksum', { Algorithm: algorithm.name });
  return new AuthFailure('wrong-digest', {
    ExpectedDigest: expected.toString('base64'),
    CalculatedDigest: found.toString('base64'),
  });
}

/** The checksums that a body is announced with, in headers or as trailers. */
export class Checksums {
  #running: Running[] = [];

  /** True when there is nothing to compute. */
  get empty(): boolean {
    return this.#running.length === 0;
  }

  /** @throws AuthFailure invalid-checksum when a header is no checksum of its kind. */
  addHeaders(headers: Record<string, string>): void {
    for (const [header, algorithm] of Object.entries(ALGORITHMS)) {
      const value = headers[header];
      if (value === undefined) continue;
      const expected = parse(header, algorithm, value);
      this.#running.push({ header, algorithm, hasher: algorithm.make(), expected });
    }
  }

  /** Starts the checksum whose value the trailer `name` will bring; other trailers are none of ours. */
  addTrailer(name: string): void {
    const algorithm = ownValue(ALGORITHMS, name);
    if (algorithm) this.#running.push({ header: name, algorithm, hasher: algorithm.make() });
  }

  update(data: Uint8Array): void {
    for (const { hasher } of this.#running) hasher.update(data);
  }

  /** @throws AuthFailure wrong-checksum when the body is not what its checksum says. */
  async verify(trailers: Record<string, string>): Promise<void> {
    for (const running of this.#running) {
      const { header, algorithm, hasher, expected } = running;
      const wanted = expected ?? parse(header, algorithm, trailers[header] ?? '');
      const found = await hasher.digest();
      if (!wanted.equals(found)) throw mismatch(running, wanted, found);
    }
  }
}
