import type { GetObjectAttributesCommandInput } from '@aws-sdk/client-s3';
import { membersOf } from '../model/checksum.ts';
import type { Content, Segment } from '../model/object.ts';
import { requireBucket } from '../objects/buckets.ts';
import { requireVersion, versionIdOf } from '../objects/versions.ts';
import { pageSize, partMarker } from '../requests/page-arguments.ts';
import { authorizeVersioned } from '../resources/bucket.ts';
import { listSegments } from '../store/segments.ts';
import { s3 } from './declare.ts';

export const getObjectAttributes = s3('getObjectAttributes', 'self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:GetObject', 's3:GetObjectVersion');
  await authorizeVersioned(ctx, input, 's3:GetObjectAttributes', 's3:GetObjectVersionAttributes');
  const bucket = await requireBucket(ctx, input);
  const version = await requireVersion(ctx, bucket, input.Key ?? '', input.VersionId);
  const { content } = version;
  const wanted = new Set((input.ObjectAttributes ?? []).map(String));
  const parts =
    wanted.has('ObjectParts') && content.partsCount !== undefined
      ? partsOf(content, await listSegments(ctx.db, content.bodyId), input)
      : undefined;
  return {
    LastModified: version.lastModified,
    VersionId: versionIdOf(bucket, version),
    ...(wanted.has('ETag') && { ETag: content.etag }),
    ...(wanted.has('Checksum') && content.checksum && { Checksum: membersOf(content.checksum) }),
    ...(parts && { ObjectParts: parts }),
    ...(wanted.has('StorageClass') && { StorageClass: content.attributes.storageClass }),
    ...(wanted.has('ObjectSize') && { ObjectSize: content.size }),
  };
});

function partsOf(content: Content, segments: Segment[], input: GetObjectAttributesCommandInput) {
  const limit = pageSize(input.MaxParts, 'x-amz-max-parts');
  const after = partMarker(input.PartNumberMarker);
  const rest = segments.filter((s) => s.partNumber > after);
  const page = rest.slice(0, limit);
  const algorithm = content.checksum?.algorithm;
  return {
    TotalPartsCount: content.partsCount,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(page.at(-1)?.partNumber ?? 0),
    MaxParts: limit,
    IsTruncated: rest.length > limit,
    // S3 lists the parts only of objects with a checksum.
    ...(algorithm && {
      Parts: page.map((s) => ({
        PartNumber: s.partNumber,
        Size: s.size,
        [`Checksum${algorithm}`]: s.checksum,
      })),
    }),
  };
}
