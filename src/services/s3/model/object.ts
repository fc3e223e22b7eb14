import type { StorageClass, Tag } from '@aws-sdk/client-s3';
import type { Checksum } from './checksum.ts';

/** How an object's bytes are encrypted, and its data key. */
export type Encryption =
  | { algorithm: 'AES256' /** Sealed by the vault. */; dataKey: string }
  | {
      algorithm: 'aws:kms';
      keyArn: string;
      /** What the data key was made with, and needs to be decrypted. */
      context: Record<string, string>;
      bucketKey: boolean;
      /** KMS's ciphertext, base64. */
      dataKey: string;
    };

/** What a writer says of an object besides its bytes: given back with it. */
export interface Attributes {
  cacheControl?: string | undefined;
  contentDisposition?: string | undefined;
  contentEncoding?: string | undefined;
  contentLanguage?: string | undefined;
  contentType: string;
  expires?: Date | undefined;
  websiteRedirectLocation?: string | undefined;
  metadata: Record<string, string>;
  storageClass: StorageClass;
}

/** What is kept of a version of an object that is not a delete marker. */
export interface Content {
  /** Names its segments. */
  bodyId: string;
  size: number;
  /** Without quotes. */
  etag: string;
  attributes: Attributes;
  tags: Tag[];
  encryption: Encryption;
  checksum?: Checksum | undefined;
  /** Of a multipart upload. */
  partsCount?: number | undefined;
}

export interface Version {
  bucket: string;
  key: string;
  /** `null` for a version that was written while the bucket was not versioned. */
  versionId: string;
  /** Grows with each version of a key. */
  sequence: number;
  isLatest: boolean;
  lastModified: Date;
  /** Undefined: a delete marker. */
  content: Content | undefined;
}

/** A piece of an object's bytes: a part of a multipart upload, or all of them. */
export interface Segment {
  bodyId: string;
  partNumber: number;
  blobId: string;
  size: number;
  etag: string;
  modifiedAt: Date;
  /** Base64, of the upload's algorithm. */
  checksum: string | undefined;
}

export interface Upload {
  uploadId: string;
  bucket: string;
  key: string;
  initiatedAt: Date;
  initiatorArn: string;
  attributes: Attributes;
  tags: Tag[];
  encryption: Encryption;
  checksum?: Pick<Checksum, 'algorithm' | 'type'> | undefined;
}
