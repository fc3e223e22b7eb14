import { AwsError } from '../errors.ts';

/** Deeper than any input of AWS's APIs. */
const DEEPEST = 128;
const BYTES = 2;
const TEXT = 3;
/** Lists are 4. */
const MAP = 5;
const TAG = 6;
/** Epoch seconds: the one tag that the protocol has for what its APIs take. */
const EPOCH_TAG = 1;
const INDEFINITE = 31;
const BREAK = 0xff;

/**
 * Walks over CBOR before a reader takes it at its word. The SDK's makes a list as long as a list says it is, and numbers
 * of any length in time that grows with its square: nine bytes could take all memory. This refuses lists and texts longer
 * than the body, tags but for times, and what is nested too deep.
 * @throws AwsError SerializationException
 */
export function checkCbor(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (skip(view, 0, DEEPEST) !== bytes.length) throw malformed();
}

/** @returns where the item that begins at `at` ends */
function skip(view: DataView, at: number, depth: number): number {
  if (depth === 0 || at >= view.byteLength) throw malformed();
  const first = view.getUint8(at);
  const major = first >> 5;
  if ((first & 31) === INDEFINITE && major >= BYTES && major <= MAP)
    return skipIndefinite(view, at + 1, major, depth);
  const { value, end } = head(view, at);
  if (major === TAG) {
    if (value !== EPOCH_TAG) throw malformed();
    return skip(view, end, depth - 1);
  }
  if (major < BYTES || major > MAP) return end;
  if (value > view.byteLength - end) throw malformed();
  if (major === BYTES || major === TEXT) return end + value;
  let next = end;
  for (let left = major === MAP ? value * 2 : value; left > 0; left -= 1)
    next = skip(view, next, depth - 1);
  return next;
}

function skipIndefinite(view: DataView, at: number, major: number, depth: number): number {
  let next = at;
  while (next < view.byteLength && view.getUint8(next) !== BREAK) {
    next = skip(view, next, depth - 1);
    if (major === MAP) next = skip(view, next, depth - 1);
  }
  if (next >= view.byteLength) throw malformed();
  return next + 1;
}

/** The number in or behind the first byte, as a length: lengths beyond 2^53 are none. */
function head(view: DataView, at: number): { value: number; end: number } {
  const minor = view.getUint8(at) & 31;
  if (minor < 24) return { value: minor, end: at + 1 };
  const size = 2 ** (minor - 24);
  if (size > 8 || at + 1 + size > view.byteLength) throw malformed();
  const end = at + 1 + size;
  if (size === 1) return { value: view.getUint8(at + 1), end };
  if (size === 2) return { value: view.getUint16(at + 1), end };
  if (size === 4) return { value: view.getUint32(at + 1), end };
  return { value: Number(view.getBigUint64(at + 1)), end };
}

function malformed(): AwsError {
  return new AwsError('SerializationException', 'Unable to parse the request body as CBOR.');
}
