import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidArgument, invalidRequest, preconditionFailed } from '../errors.ts';
import { MAX_PUT_BYTES } from '../limits.ts';
import type { Bucket } from '../model/bucket.ts';
import { membersOf } from '../model/checksum.ts';
import { readOutcome } from '../model/conditions.ts';
import { parseCopySource } from '../model/copy-source.ts';
import { quote } from '../model/etag.ts';
import type { Content } from '../model/object.ts';
import { parseCopyRange } from '../model/range.ts';
import { attributesOf, refuseUnsupported } from '../objects/attributes.ts';
import { committing, newBodyId, readBody, storeBody } from '../objects/bodies.ts';
import { checkKey, requireBucket } from '../objects/buckets.ts';
import { commit } from '../objects/commit.ts';
import {
  encryptionConditions,
  encryptionMembers,
  makeDataKey,
  openDataKey,
} from '../objects/encryption.ts';
import { storePart } from '../objects/uploads.ts';
import {
  commitVersion,
  requireVersion,
  type StoredVersion,
  versionIdOf,
} from '../objects/versions.ts';
import { authorizeIn, authorizeVersioned, onObject } from '../resources/bucket.ts';
import { insertSegment, listSegments } from '../store/segments.ts';
import { s3 } from './declare.ts';
import { segmentOf, taggingOf } from './objects.ts';

interface SourceInput {
  CopySource?: string | undefined;
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
  ExpectedSourceBucketOwner?: string | undefined;
}

interface Source {
  bucket: Bucket;
  version: StoredVersion;
}

export const copyObject = s3(
  'copyObject',
  {
    ...onObject,
    action: 's3:PutObject',
    conditions: (_ctx, input) => encryptionConditions(input),
  },
  async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    const key = checkKey(input.Key);
    refuseUnsupported(input);
    const source = await requireSource(ctx, input);
    if (source.version.content.size > MAX_PUT_BYTES) {
      throw invalidRequest(
        `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_PUT_BYTES}`,
      );
    }
    refuseCopyOntoItself(input, source, key);
    const content = await copiedContent(ctx, input, source);
    const { encryption, dataKey } = await makeDataKey(ctx, bucket, key, content.bodyId, input);
    const algorithm = input.ChecksumAlgorithm ?? fullChecksum(source)?.algorithm;
    const stored = await storeBody(ctx, await open(ctx, source), dataKey, encryption, {
      ChecksumAlgorithm: algorithm,
    });
    const { checksum: given, etag, blob } = stored;
    const checksum = given && { ...given, type: 'FULL_OBJECT' as const };
    const whole: Content = { ...content, encryption, etag, size: blob.size, checksum };
    const conditions = { ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
    const committed = await committing(ctx, stored, () =>
      commit(ctx, async (tx) => {
        await insertSegment(tx, segmentOf(ctx, whole, blob.id), stored.sealed);
        return commitVersion(ctx, tx, {
          bucket: bucket.name,
          key,
          content: whole,
          conditions,
          happening: 'ObjectCreated:Copy',
        });
      }),
    );
    return {
      CopyObjectResult: {
        ETag: quote(etag),
        LastModified: committed.version.lastModified,
        ...membersOf(checksum),
      },
      CopySourceVersionId: versionIdOf(source.bucket, source.version),
      VersionId: versionIdOf(committed.bucket, committed.version),
      ...encryptionMembers(encryption),
    };
  },
);

export const uploadPartCopy = s3(
  'uploadPartCopy',
  { ...onObject, action: 's3:PutObject' },
  async (ctx, input) => {
    await requireBucket(ctx, input);
    const source = await requireSource(ctx, input);
    const { size } = source.version.content;
    const range =
      input.CopySourceRange === undefined ? undefined : parseCopyRange(input.CopySourceRange, size);
    if (input.CopySourceRange !== undefined && !range) {
      throw invalidArgument(
        `Range specified is not valid for source object of size: ${size}`,
        'x-amz-copy-source-range',
        input.CopySourceRange,
      );
    }
    const body = () => open(ctx, source, range);
    const { etag, checksum, encryption, modifiedAt } = await storePart(ctx, input, body, {});
    return {
      CopyPartResult: { ETag: quote(etag), LastModified: modifiedAt, ...checksum },
      CopySourceVersionId: versionIdOf(source.bucket, source.version),
      ...encryptionMembers(encryption),
    };
  },
);

/** The object that a copy reads, when the caller may read it and its conditions hold. */
async function requireSource(ctx: ServiceContext, input: SourceInput): Promise<Source> {
  const named = parseCopySource(input.CopySource ?? '');
  if (!named) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      input.CopySource,
    );
  }
  const place = { Bucket: named.bucket, Key: named.key, VersionId: named.versionId };
  await authorizeVersioned(ctx, place, 's3:GetObject', 's3:GetObjectVersion');
  const bucket = await requireBucket(ctx, {
    Bucket: named.bucket,
    ExpectedBucketOwner: input.ExpectedSourceBucketOwner,
  });
  const version = await requireVersion(ctx, bucket, named.key, named.versionId);
  const outcome = readOutcome(
    {
      ifMatch: input.CopySourceIfMatch,
      ifNoneMatch: input.CopySourceIfNoneMatch,
      ifModifiedSince: input.CopySourceIfModifiedSince,
      ifUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    },
    { etag: version.content.etag, lastModified: version.lastModified },
  );
  if (outcome === 'not-modified') throw preconditionFailed('x-amz-copy-source-If-None-Match');
  if (outcome !== 'go') throw preconditionFailed(`x-amz-copy-source-${outcome.failed}`);
  return { bucket, version };
}

async function open(
  ctx: ServiceContext,
  { bucket, version }: Source,
  range?: { start: number; end: number },
) {
  const { bodyId, encryption } = version.content;
  const dataKey = await openDataKey(ctx, bucket, bodyId, encryption);
  return readBody(ctx, await listSegments(ctx.db, bodyId), dataKey, range);
}

function fullChecksum({ version }: Source) {
  const { checksum } = version.content;
  return checksum?.type === 'FULL_OBJECT' ? checksum : undefined;
}

/** Attributes and tags of the copy: the source's, or those that the call brings. */
async function copiedContent(
  ctx: ServiceContext,
  input: CopyObjectCommandInput,
  source: Source,
): Promise<Content> {
  const given = attributesOf(input);
  const old = source.version.content;
  const attributes =
    input.MetadataDirective === 'REPLACE'
      ? given
      : {
          ...old.attributes,
          storageClass: given.storageClass,
          websiteRedirectLocation: given.websiteRedirectLocation,
        };
  const { checksum: _, partsCount: __, ...rest } = old;
  return { ...rest, bodyId: newBodyId(), attributes, tags: await copiedTags(ctx, input, source) };
}

async function copiedTags(ctx: ServiceContext, input: CopyObjectCommandInput, { version }: Source) {
  if (input.TaggingDirective === 'REPLACE') return taggingOf(ctx, input);
  if (version.content.tags.length === 0) return [];
  await authorizeIn(ctx, 's3:GetObjectTagging', version);
  await authorizeIn(ctx, 's3:PutObjectTagging', { bucket: input.Bucket, key: input.Key ?? '' });
  return version.content.tags;
}

function refuseCopyOntoItself(
  input: CopyObjectCommandInput,
  { version }: Source,
  key: string,
): void {
  if (version.bucket !== input.Bucket || version.key !== key || !version.isLatest) return;
  const changes =
    input.MetadataDirective === 'REPLACE' ||
    input.TaggingDirective === 'REPLACE' ||
    input.StorageClass !== undefined ||
    input.WebsiteRedirectLocation !== undefined ||
    input.ServerSideEncryption !== undefined;
  if (!changes) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}
