import type { Readable } from 'node:stream';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { ByteRange } from '../../../blobs/blobs.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidPartNumber, invalidRange, notModified, preconditionFailed } from '../errors.ts';
import { MAX_OBJECT_TAGS } from '../limits.ts';
import type { Bucket } from '../model/bucket.ts';
import { membersOf } from '../model/checksum.ts';
import { readOutcome } from '../model/conditions.ts';
import { quote } from '../model/etag.ts';
import type { Content, Segment } from '../model/object.ts';
import { parseRange } from '../model/range.ts';
import { parseTagging } from '../model/tags.ts';
import { attributeMembers, attributesOf, refuseUnsupported } from '../objects/attributes.ts';
import { committing, newBodyId, readBody, storeBody } from '../objects/bodies.ts';
import { checkKey, requireBucket } from '../objects/buckets.ts';
import { commit } from '../objects/commit.ts';
import {
  encryptionConditions,
  encryptionMembers,
  makeDataKey,
  openDataKey,
} from '../objects/encryption.ts';
import {
  commitVersion,
  requireVersion,
  type StoredVersion,
  versionIdOf,
} from '../objects/versions.ts';
import { authorizeIn, authorizeVersioned, onObject } from '../resources/bucket.ts';
import { insertSegment, listSegments } from '../store/segments.ts';
import { s3 } from './declare.ts';

export const putObject = s3(
  'putObject',
  { ...onObject, conditions: (_ctx, input) => encryptionConditions(input) },
  async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    const key = checkKey(input.Key);
    refuseUnsupported(input);
    const attributes = attributesOf(input);
    const tags = await taggingOf(ctx, input);
    const bodyId = newBodyId();
    const { encryption, dataKey } = await makeDataKey(ctx, bucket, key, bodyId, input);
    const stored = await storeBody(
      ctx,
      input.Body as Readable | undefined,
      dataKey,
      encryption,
      input,
    );
    const { checksum: given, blob, etag } = stored;
    const checksum = given && { ...given, type: 'FULL_OBJECT' as const };
    const content: Content = {
      bodyId,
      size: blob.size,
      etag,
      attributes,
      tags,
      encryption,
      checksum,
    };
    const segment = segmentOf(ctx, content, blob.id);
    const conditions = { ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
    const committed = await committing(ctx, stored, () =>
      commit(ctx, async (tx) => {
        await insertSegment(tx, segment, stored.sealed);
        return commitVersion(ctx, tx, {
          bucket: bucket.name,
          key,
          content,
          conditions,
          happening: 'ObjectCreated:Put',
        });
      }),
    );
    return {
      ETag: quote(etag),
      VersionId: versionIdOf(committed.bucket, committed.version),
      ...encryptionMembers(encryption),
      ...membersOf(checksum),
    };
  },
);

/** The only segment of a body that was written in one go. */
export function segmentOf(ctx: ServiceContext, content: Content, blobId: string): Segment {
  const { bodyId, size, etag } = content;
  return {
    bodyId,
    partNumber: 1,
    blobId,
    size,
    etag,
    modifiedAt: ctx.clock.now(),
    checksum: undefined,
  };
}

/** The tags in a write's header, which take a permission of their own. */
export async function taggingOf(
  ctx: ServiceContext,
  input: { Bucket?: string | undefined; Key?: string | undefined; Tagging?: string | undefined },
) {
  if (!input.Tagging) return [];
  await authorizeIn(ctx, 's3:PutObjectTagging', { bucket: input.Bucket, key: input.Key ?? '' });
  return parseTagging(input.Tagging, MAX_OBJECT_TAGS);
}

export const getObject = s3('getObject', 'self', async (ctx, input) => {
  const reading = await openForReading(ctx, input);
  const { bucket, version, segments, range } = reading;
  const { bodyId, encryption } = version.content;
  const dataKey = await openDataKey(ctx, bucket, bodyId, encryption);
  const Body = readBody(ctx, segments, dataKey, range) as unknown as GetObjectCommandOutput['Body'];
  return { ...readMembers(reading, input), Body };
});

export const headObject = s3('headObject', 'self', async (ctx, input) => {
  const reading = await openForReading(ctx, input);
  const { bodyId, checksum, encryption } = reading.version.content;
  // A checksum tells of the content: AWS gives it only to those who may decrypt that.
  if (checksum && input.ChecksumMode === 'ENABLED')
    await openDataKey(ctx, reading.bucket, bodyId, encryption);
  return readMembers(reading, input);
});

interface Reading {
  bucket: Bucket;
  version: StoredVersion;
  segments: Segment[];
  range: ByteRange | undefined;
}

/** Finds what a GET or HEAD asks for and decides whether and which part of it is answered. */
async function openForReading(ctx: ServiceContext, input: GetObjectCommandInput): Promise<Reading> {
  await authorizeVersioned(ctx, input, 's3:GetObject', 's3:GetObjectVersion');
  const bucket = await requireBucket(ctx, input);
  const version = await requireVersion(ctx, bucket, checkKey(input.Key), input.VersionId);
  const { content } = version;
  const outcome = readOutcome(
    {
      ifMatch: input.IfMatch,
      ifNoneMatch: input.IfNoneMatch,
      ifModifiedSince: input.IfModifiedSince,
      ifUnmodifiedSince: input.IfUnmodifiedSince,
    },
    { etag: content.etag, lastModified: version.lastModified },
  );
  if (outcome === 'not-modified') throw notModified();
  if (outcome !== 'go') throw preconditionFailed(outcome.failed);
  const segments = await listSegments(ctx.db, content.bodyId);
  if (input.PartNumber !== undefined) {
    return { bucket, version, segments, range: rangeOfPart(segments, input.PartNumber) };
  }
  const range = parseRange(input.Range, content.size);
  if (range === 'unsatisfiable') throw invalidRange(input.Range ?? '', content.size);
  return { bucket, version, segments, range };
}

/** @param number counts the parts of the object, whatever numbers they were uploaded with */
function rangeOfPart(segments: Segment[], number: number): ByteRange | undefined {
  const part = segments[number - 1];
  if (!part) throw invalidPartNumber();
  const start = segments.slice(0, number - 1).reduce((sum, s) => sum + s.size, 0);
  return part.size === 0 ? undefined : { start, end: start + part.size - 1 };
}

function readMembers({ bucket, version, range }: Reading, input: GetObjectCommandInput) {
  const { content } = version;
  const { size, etag, tags, partsCount, encryption } = content;
  const whole = range === undefined;
  return {
    AcceptRanges: 'bytes',
    LastModified: version.lastModified,
    ContentLength: whole ? size : range.end - range.start + 1,
    ETag: quote(etag),
    VersionId: versionIdOf(bucket, version),
    ...(!whole && { ContentRange: `bytes ${range.start}-${range.end}/${size}` }),
    ...attributeMembers(content.attributes),
    ...encryptionMembers(encryption),
    // A checksum of the whole object says nothing of a part of it.
    ...(whole && input.ChecksumMode === 'ENABLED' && membersOf(content.checksum)),
    ...(input.PartNumber !== undefined && partsCount !== undefined && { PartsCount: partsCount }),
    ...(tags.length > 0 && { TagCount: tags.length }),
    ...responseOverrides(input),
  };
}

function responseOverrides(input: GetObjectCommandInput) {
  return {
    ...(input.ResponseCacheControl && { CacheControl: input.ResponseCacheControl }),
    ...(input.ResponseContentDisposition && {
      ContentDisposition: input.ResponseContentDisposition,
    }),
    ...(input.ResponseContentEncoding && { ContentEncoding: input.ResponseContentEncoding }),
    ...(input.ResponseContentLanguage && { ContentLanguage: input.ResponseContentLanguage }),
    ...(input.ResponseContentType && { ContentType: input.ResponseContentType }),
    ...(input.ResponseExpires && { Expires: input.ResponseExpires }),
  };
}
