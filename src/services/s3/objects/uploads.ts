import type { Readable } from 'node:stream';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidArgument, noSuchUpload } from '../errors.ts';
import { MAX_PARTS } from '../limits.ts';
import { askedFor, type ChecksumMembers } from '../model/checksum.ts';
import type { Upload } from '../model/object.ts';
import { discardSegments, insertSegment } from '../store/segments.ts';
import { findUpload } from '../store/uploads.ts';
import { committing, storeBody } from './bodies.ts';
import { requireBucket } from './buckets.ts';
import { commit } from './commit.ts';
import { openDataKey } from './encryption.ts';

export interface UploadInput {
  Bucket?: string | undefined;
  Key?: string | undefined;
  UploadId?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

/** @throws NoSuchUpload */
export async function requireUpload(
  ctx: ServiceContext,
  input: UploadInput,
  tx = ctx.db,
): Promise<Upload> {
  const { Bucket = '', Key = '', UploadId = '' } = input;
  const upload = await findUpload(tx, Bucket, Key, UploadId);
  if (!upload) throw noSuchUpload(UploadId);
  return upload;
}

/** Stores one part of an upload; a part with the same number is replaced. */
export async function storePart(
  ctx: ServiceContext,
  input: UploadInput & { PartNumber?: number | undefined },
  body: () => Promise<Readable | undefined>,
  asked: Parameters<typeof askedFor>[0],
) {
  const bucket = await requireBucket(ctx, input);
  const partNumber = input.PartNumber ?? 0;
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MAX_PARTS) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
      'partNumber',
      String(input.PartNumber),
    );
  }
  const upload = await requireUpload(ctx, input);
  const { encryption, uploadId } = upload;
  const dataKey = await openDataKey(ctx, bucket, uploadId, encryption);
  // What the upload was announced with is computed for every part, so that it can be combined.
  const wanted = askedFor(asked) ? asked : { ChecksumAlgorithm: upload.checksum?.algorithm };
  const stored = await storeBody(ctx, await body(), dataKey, encryption, wanted);
  const modifiedAt = ctx.clock.now();
  const kept =
    stored.checksum?.algorithm === upload.checksum?.algorithm ? stored.checksum?.value : undefined;
  await committing(ctx, stored, () =>
    commit(ctx, async (tx) => {
      await requireUpload(ctx, input, tx);
      await discardSegments(tx, uploadId, modifiedAt, [partNumber]);
      const { size, id: blobId } = stored.blob;
      await insertSegment(
        tx,
        {
          bodyId: uploadId,
          partNumber,
          blobId,
          size,
          etag: stored.etag,
          modifiedAt,
          checksum: kept,
        },
        stored.sealed,
      );
    }),
  );
  const checksum: ChecksumMembers = stored.checksum
    ? { [`Checksum${stored.checksum.algorithm}`]: stored.checksum.value }
    : {};
  return { etag: stored.etag, checksum, encryption, modifiedAt };
}
