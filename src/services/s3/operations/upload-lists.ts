import type { ListMultipartUploadsCommandInput } from '@aws-sdk/client-s3';
import { quote } from '../model/etag.ts';
import { behind, toColumn } from '../model/names.ts';
import type { Upload } from '../model/object.ts';
import { canonicalId, requireBucket } from '../objects/buckets.ts';
import { type After, boundsOf, encoder, lastName, listGrouped } from '../objects/listing.ts';
import { requireUpload } from '../objects/uploads.ts';
import { pageSize, partMarker } from '../requests/page-arguments.ts';
import { onBucket, onObject } from '../resources/bucket.ts';
import { listSegments } from '../store/segments.ts';
import { scanUploads } from '../store/uploads.ts';
import { s3 } from './declare.ts';

export const listParts = s3(
  'listParts',
  { ...onObject, action: 's3:ListMultipartUploadParts' },
  async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    const upload = await requireUpload(ctx, input);
    const limit = pageSize(input.MaxParts, 'max-parts');
    const after = partMarker(input.PartNumberMarker);
    const found = await listSegments(ctx.db, upload.uploadId, { after, limit: limit + 1 });
    const parts = found.slice(0, limit);
    const algorithm = upload.checksum?.algorithm;
    return {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumberMarker: String(after),
      NextPartNumberMarker: String(parts.at(-1)?.partNumber ?? 0),
      MaxParts: limit,
      IsTruncated: found.length > limit,
      Parts: parts.map((part) => ({
        PartNumber: part.partNumber,
        LastModified: part.modifiedAt,
        ETag: quote(part.etag),
        Size: part.size,
        ...(algorithm &&
          part.checksum !== undefined && { [`Checksum${algorithm}`]: part.checksum }),
      })),
      Initiator: { ID: upload.initiatorArn, DisplayName: upload.initiatorArn.split('/').at(-1) },
      Owner: { ID: canonicalId(bucket.accountId) },
      StorageClass: upload.attributes.storageClass,
      ...(upload.checksum && { ChecksumAlgorithm: algorithm, ChecksumType: upload.checksum.type }),
    };
  },
);

export const listMultipartUploads = s3(
  'listMultipartUploads',
  { ...onBucket, action: 's3:ListBucketMultipartUploads' },
  async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    const prefix = input.Prefix ?? '';
    const limit = pageSize(input.MaxUploads, 'max-uploads');
    const { entries, truncated } = await listGrouped<Upload>({
      prefix,
      delimiter: input.Delimiter || undefined,
      limit,
      keyOf: (upload) => upload.key,
      fetch: (after, count) =>
        scanUploads(ctx.db, bucket.name, {
          ...boundsOf(prefix),
          after: after ? placeOf(after) : startOf(input),
          limit: count,
        }),
    });
    const encode = encoder(input.EncodingType);
    const last = entries.at(-1);
    return {
      Bucket: bucket.name,
      KeyMarker: encode(input.KeyMarker ?? ''),
      UploadIdMarker: input.UploadIdMarker ?? '',
      Prefix: encode(prefix),
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      MaxUploads: limit,
      EncodingType: input.EncodingType || undefined,
      IsTruncated: truncated,
      ...(truncated && { NextKeyMarker: encode(lastName(entries, (upload) => upload.key)) }),
      ...(truncated && last && 'item' in last && { NextUploadIdMarker: last.item.uploadId }),
      Uploads: entries
        .flatMap((e) => ('item' in e ? [e.item] : []))
        .map((upload) => ({
          UploadId: upload.uploadId,
          Key: encode(upload.key),
          Initiated: upload.initiatedAt,
          StorageClass: upload.attributes.storageClass,
          Owner: { ID: canonicalId(bucket.accountId) },
          Initiator: {
            ID: upload.initiatorArn,
            DisplayName: upload.initiatorArn.split('/').at(-1),
          },
          ...(upload.checksum && {
            ChecksumAlgorithm: upload.checksum.algorithm,
            ChecksumType: upload.checksum.type,
          }),
        })),
      CommonPrefixes: entries.flatMap((e) =>
        'commonPrefix' in e ? [{ Prefix: encode(e.commonPrefix) }] : [],
      ),
    };
  },
);

function placeOf(after: After<Upload>): { keyHex: string; uploadId: string } {
  if ('from' in after) return { keyHex: after.from, uploadId: '' };
  return { keyHex: toColumn(after.item.key), uploadId: after.item.uploadId };
}

function startOf({ KeyMarker, UploadIdMarker, Delimiter }: ListMultipartUploadsCommandInput) {
  if (!KeyMarker) return { keyHex: '', uploadId: '' };
  if (UploadIdMarker) return { keyHex: toColumn(KeyMarker), uploadId: UploadIdMarker };
  if (Delimiter && KeyMarker.endsWith(Delimiter))
    return { keyHex: behind(KeyMarker), uploadId: '' };
  // Upload ids are hex digits: all of this key's are behind this.
  return { keyHex: toColumn(KeyMarker), uploadId: 'g' };
}
