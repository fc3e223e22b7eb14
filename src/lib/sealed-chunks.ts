import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/*
 * The form of a blob, and of a file of a sealed repository: MAGIC, SALT, then chunks of 64 KiB plaintext, each AES-256-GCM with its tag behind
 * it (the STREAM construction, as age uses it). The nonce of a chunk is its index and whether it is the
 * last, so a chunk that was moved, dropped or cut off does not open. Each blob has a key of its own,
 * derived from the caller's key, a random salt and the blob's id: nonces never repeat under one key, and
 * the file of one blob does not open under the id of another.
 */
export const MAGIC = Buffer.from('SLB1');
export const SALT_BYTES = 32;
export const HEADER_BYTES = MAGIC.length + SALT_BYTES;
export const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** The key of one blob. @param key the caller's, 32 bytes */
export function blobKey(key: Uint8Array, salt: Uint8Array, id: string): Buffer {
  if (key.length !== 32) throw new TypeError(`A blob's key has 32 bytes, not ${key.length}.`);
  return Buffer.from(hkdfSync('sha256', key, salt, `slipway-blob:${id}`, 32));
}

/** Adds the chunk at `index` (from 0), encrypted, to `parts`; `last` when no further one follows. */
export function sealInto(
  parts: Uint8Array[],
  key: Buffer,
  index: number,
  last: boolean,
  plaintext: Uint8Array,
): void {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(index, last));
  parts.push(cipher.update(plaintext));
  cipher.final();
  parts.push(cipher.getAuthTag());
}

/** @throws Error when the chunk is not the one that was sealed at this index with this flag. */
export function openChunk(key: Buffer, index: number, last: boolean, sealed: Uint8Array): Buffer {
  const body = sealed.length - TAG_BYTES;
  if (body < 0) throw new Error('The blob is cut off.');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(index, last), {
    // Without its length a shortened tag would pass.
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(body));
  const opened = decipher.update(sealed.subarray(0, body));
  // It returns nothing more, and throws where the tag is wrong.
  decipher.final();
  return opened;
}

/** A small blob in one piece. @param key the caller's, 32 bytes */
export function sealWhole(id: string, key: Uint8Array, plaintext: Uint8Array): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const own = blobKey(key, salt, id);
  const parts: Uint8Array[] = [MAGIC, salt];
  let index = 0;
  do {
    const start = index * CHUNK_BYTES;
    const chunk = plaintext.subarray(start, start + CHUNK_BYTES);
    sealInto(parts, own, index++, start + CHUNK_BYTES >= plaintext.length, chunk);
  } while (index * CHUNK_BYTES < plaintext.length);
  return Buffer.concat(parts);
}

/** The plaintext of what `sealWhole` made. @throws Error when it is not the blob of this id and key */
export function openWhole(id: string, key: Uint8Array, sealed: Uint8Array): Buffer {
  const own = openHeader(id, key, sealed);
  const { chunks } = layout(sealed.length);
  const opened = Array.from({ length: chunks }, (_, index) => {
    const at = HEADER_BYTES + index * SEALED_CHUNK_BYTES;
    return openChunk(
      own,
      index,
      index === chunks - 1,
      sealed.subarray(at, at + SEALED_CHUNK_BYTES),
    );
  });
  return chunks === 1 ? (opened[0] as Buffer) : Buffer.concat(opened);
}

/** The key of the blob that begins so. @param key the caller's @throws Error when no blob does */
export function openHeader(id: string, key: Uint8Array, sealed: Uint8Array): Buffer {
  if (sealed.length < HEADER_BYTES) throw new Error('The blob is cut off.');
  if (!MAGIC.equals(sealed.subarray(0, MAGIC.length))) throw new Error('The file is no blob.');
  return blobKey(key, sealed.subarray(MAGIC.length, HEADER_BYTES), id);
}

/** How many chunks and bytes of plaintext a stored file of this length holds. @throws Error when no blob has this length. */
export function layout(storedBytes: number): { chunks: number; size: number } {
  const body = storedBytes - HEADER_BYTES;
  const chunks = Math.max(1, Math.ceil(body / SEALED_CHUNK_BYTES));
  const size = body - chunks * TAG_BYTES;
  if (size < 0 || (chunks > 1 && size <= (chunks - 1) * CHUNK_BYTES))
    throw new Error('The blob is cut off.');
  return { chunks, size };
}

function nonce(index: number, last: boolean): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeBigUInt64BE(BigInt(index), 3);
  iv[11] = last ? 1 : 0;
  return iv;
}
