import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import type { ChecksumAlgorithm } from '@aws-sdk/client-s3';
import { CRC32, CRC32C, CRC64NVME, type CrcKind, combineCrc } from './crc-combine.ts';

export type Algorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

/** A checksum that is kept with an object or a part. */
export interface Checksum {
  algorithm: Algorithm;
  /** Base64; of a composite one with `-N` behind it. */
  value: string;
  type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** The members of inputs and outputs that carry a checksum. */
export type ChecksumMembers = { [A in Algorithm as `Checksum${A}`]?: string | undefined };

const ALGORITHMS: Algorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];
const CRC_KINDS: Partial<Record<Algorithm, CrcKind>> = { CRC32, CRC32C, CRC64NVME };

/** The checksum that an input brings, or asks to be computed; undefined for none, or the name of one that is not supported. */
export function askedFor(
  input: ChecksumMembers & { ChecksumAlgorithm?: ChecksumAlgorithm | undefined },
): { algorithm: Algorithm; expected?: string | undefined } | { unsupported: string } | undefined {
  const given = ALGORITHMS.find((a) => input[`Checksum${a}`] !== undefined);
  if (given) return { algorithm: given, expected: input[`Checksum${given}`] };
  const other = Object.keys(input).find(
    (name) =>
      /^Checksum(SHA512|MD5|XXHASH\w+)$/.test(name) &&
      input[name as keyof typeof input] !== undefined,
  );
  if (other) return { unsupported: other.slice('Checksum'.length) };
  const named = input.ChecksumAlgorithm?.toUpperCase();
  if (named === undefined) return undefined;
  const algorithm = ALGORITHMS.find((a) => a === named);
  return algorithm ? { algorithm } : { unsupported: named };
}

/** A checksum as the output member of its algorithm, with its type. */
export function membersOf(
  checksum: Checksum | undefined,
): ChecksumMembers & { ChecksumType?: Checksum['type'] } {
  if (!checksum) return {};
  return { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };
}

export interface Hasher {
  update(data: Uint8Array): void;
  digest(): Promise<Buffer>;
}

/** A running checksum. */
export function hasherOf(algorithm: Algorithm): Hasher {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') {
    const hash = createHash(algorithm.toLowerCase());
    return { update: (data) => void hash.update(data), digest: async () => hash.digest() };
  }
  if (algorithm === 'CRC32') {
    let value = 0;
    return {
      update(data) {
        value = crc32(data, value);
      },
      async digest() {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(value);
        return bytes;
      },
    };
  }
  const crc = algorithm === 'CRC32C' ? new Crc32c() : new Crc64Nvme();
  return {
    update: (data) => crc.update(data),
    digest: async () => Buffer.from(await crc.digest()),
  };
}

/** The checksum of a multipart object from those of its parts; undefined when a part has none. */
export async function combine(
  algorithm: Algorithm,
  type: Checksum['type'],
  parts: { value: string | undefined; size: number }[],
): Promise<Checksum | undefined> {
  const known = parts.flatMap(({ value, size }) =>
    value ? [{ bytes: Buffer.from(value, 'base64'), size }] : [],
  );
  if (known.length < parts.length) return undefined;
  const kind = CRC_KINDS[algorithm];
  if (type === 'FULL_OBJECT' && kind) {
    const pieces = known.map(({ bytes, size }) => ({
      crc: BigInt(`0x${bytes.toString('hex')}`),
      bytes: size,
    }));
    const hex = combineCrc(kind, pieces)
      .toString(16)
      .padStart(Number(kind.bits) / 4, '0');
    return { algorithm, type, value: Buffer.from(hex, 'hex').toString('base64') };
  }
  const hasher = hasherOf(algorithm);
  for (const { bytes } of known) hasher.update(bytes);
  const value = `${(await hasher.digest()).toString('base64')}-${known.length}`;
  return { algorithm, type: 'COMPOSITE', value };
}
