/*
 * The CRC of two pieces joined, from the CRC of each: crc(AB) = crc(A)·x^(8·|B|) + crc(B) modulo the
 * polynomial. It gives a multipart object the checksum of its whole content without reading the parts again.
 */

export interface CrcKind {
  bits: bigint;
  /** Reflected polynomial. */
  polynomial: bigint;
}

export const CRC32: CrcKind = { bits: 32n, polynomial: 0xedb88320n };
export const CRC32C: CrcKind = { bits: 32n, polynomial: 0x82f63b78n };
export const CRC64NVME: CrcKind = { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n };

/** Product of two polynomials modulo the kind's; bit `bits - 1` is x^0, as in every reflected CRC. */
function multiply(kind: CrcKind, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = 1n << (kind.bits - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ kind.polynomial : factor >> 1n;
  }
  return product;
}

/** x^(8·bytes) modulo the polynomial. */
function shift(kind: CrcKind, bytes: number): bigint {
  let power = 1n << (kind.bits - 1n);
  // x^8, then x^16, x^32 …: one squaring for each bit of the length.
  let base = 1n << (kind.bits - 9n);
  for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
    if (left & 1n) power = multiply(kind, power, base);
    base = multiply(kind, base, base);
  }
  return power;
}

/** The CRC of all pieces in their order. Most pieces have one length, whose factor is computed once. */
export function combineCrc(kind: CrcKind, pieces: { crc: bigint; bytes: number }[]): bigint {
  const shifts = new Map<number, bigint>();
  return pieces.reduce((whole, { crc, bytes }) => {
    const factor = shifts.get(bytes) ?? shift(kind, bytes);
    shifts.set(bytes, factor);
    return multiply(kind, factor, whole) ^ crc;
  }, 0n);
}
