import type { Readable } from 'node:stream';
import type { ByteRange } from '../lib/sealed-file.ts';

export interface StoredBlob {
  /** Random; names nothing that a user chose. */
  id: string;
  /** Bytes of plaintext. */
  size: number;
  /** Hex, of the plaintext. */
  md5: string;
}

export type { ByteRange };

export interface BlobEntry {
  id: string;
  /** When its last byte was written. */
  storedAt: Date;
}

/** Bytes on disk or in a store, always encrypted with the caller's data key. */
export interface Blobs {
  /** Stores a stream durably (synced) before it returns. An aborted or failed stream leaves nothing behind. @param key 32 bytes */
  write(body: AsyncIterable<Uint8Array> | Uint8Array, key: Uint8Array): Promise<StoredBlob>;
  /**
   * Plaintext of `range`, or all of it. Tampering, a missing blob and a range past the end raise an
   * error on the stream, before a single byte of the chunk concerned.
   */
  read(id: string, key: Uint8Array, range?: ByteRange): Readable;
  /** Deleting what does not exist succeeds. */
  delete(id: string): Promise<void>;
  /**
   * Every blob that has been stored completely, in no order. A blob is written before the row that names
   * it is committed, so a crash in between leaves a blob that nothing names: its owner lists, and deletes
   * those that are too old for a transaction still to be on its way and that no row of his names.
   */
  list(): AsyncIterable<BlobEntry>;
  /** A store of its own within this one, so that each service lists only what is its own. @param name `[a-z0-9-]+` */
  area(name: string): Blobs;
}
