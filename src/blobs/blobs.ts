import type { Readable } from 'node:stream';

export interface StoredBlob {
  /** Random; names nothing that a user chose. */
  id: string;
  /** Bytes of plaintext. */
  size: number;
  /** Hex digests of the plaintext. */
  md5: string;
  sha256: string;
}

/** Bytes on disk or in a store, always encrypted with the caller's data key. */
export interface Blobs {
  /** Stores a stream durably (synced) before it returns. An aborted or failed stream leaves nothing behind. @param key 32 bytes */
  write(body: Readable | Uint8Array, key: Uint8Array): Promise<StoredBlob>;
  /** Plaintext from `start` to `end` (both inclusive, bytes), or all of it. Tampering raises an error on the stream. */
  read(id: string, key: Uint8Array, range?: { start: number; end: number }): Readable;
  /** Deleting what does not exist succeeds. */
  delete(id: string): Promise<void>;
}
