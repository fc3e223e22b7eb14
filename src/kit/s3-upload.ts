import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** Parts are at least 5 MiB in S3; this many bytes are held in memory at a time. */
const PART_BYTES = 8 * 1024 * 1024;

export interface S3Target {
  Bucket: string;
  Key: string;
  ContentType: string;
  ServerSideEncryption?: 'aws:kms';
  SSEKMSKeyId?: string;
  ACL?: 'bucket-owner-full-control';
  /** Only where there is no object of that name. */
  IfNoneMatch?: '*';
}

export interface S3Object {
  versionId: string | undefined;
  etag: string | undefined;
}

/** Writes a stream of unknown length: small ones at once, larger ones in parts. */
export async function uploadStream(
  s3: S3Client,
  target: S3Target,
  body: Readable,
  abortSignal: AbortSignal,
): Promise<S3Object> {
  const parts = inParts(body);
  const first = await parts.next();
  if (first.done || first.value.length < PART_BYTES) {
    const Body = first.done ? new Uint8Array() : first.value;
    const { VersionId, ETag } = await s3.send(new PutObjectCommand({ ...target, Body }), {
      abortSignal,
    });
    return { versionId: VersionId, etag: ETag };
  }
  return await uploadParts(s3, target, first.value, parts, abortSignal);
}

/** The stream in pieces of PART_BYTES; the last one is shorter. */
async function* inParts(body: Readable): AsyncGenerator<Uint8Array, void, void> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    pieces.push(chunk);
    size += chunk.length;
    if (size < PART_BYTES) continue;
    const joined = Buffer.concat(pieces);
    yield joined.subarray(0, PART_BYTES);
    pieces = [joined.subarray(PART_BYTES)];
    size -= PART_BYTES;
  }
  if (size > 0) yield Buffer.concat(pieces);
}

async function uploadParts(
  s3: S3Client,
  target: S3Target,
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, void>,
  abortSignal: AbortSignal,
): Promise<S3Object> {
  const { IfNoneMatch, ...begun } = target;
  const { Bucket, Key } = target;
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(begun));
  const upload = { Bucket, Key, UploadId };
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    const send = async (Body: Uint8Array) => {
      const PartNumber = Parts.length + 1;
      const part = new UploadPartCommand({ ...upload, PartNumber, Body });
      const { ETag } = await s3.send(part, { abortSignal });
      Parts.push({ PartNumber, ETag });
    };
    await send(first);
    for await (const part of rest) await send(part);
    const done = await s3.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, IfNoneMatch }),
      { abortSignal },
    );
    return { versionId: done.VersionId, etag: done.ETag };
  } catch (error) {
    await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}
