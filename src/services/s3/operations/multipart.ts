import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type {
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  badDigest,
  entityTooLarge,
  entityTooSmall,
  headerNotImplemented,
  invalidPart,
  invalidPartOrder,
  invalidRequest,
  malformedXml,
  preconditionFailed,
} from '../errors.ts';
import { MAX_OBJECT_BYTES, MAX_PARTS, MIN_PART_BYTES } from '../limits.ts';
import { askedFor, type Checksum, combine, membersOf } from '../model/checksum.ts';
import { unquote } from '../model/conditions.ts';
import { quote } from '../model/etag.ts';
import type { Content, Segment, Upload } from '../model/object.ts';
import { attributesOf, refuseUnsupported } from '../objects/attributes.ts';
import { newBodyId } from '../objects/bodies.ts';
import { checkKey, requireBucket } from '../objects/buckets.ts';
import { commit } from '../objects/commit.ts';
import { encryptionConditions, encryptionMembers, makeDataKey } from '../objects/encryption.ts';
import { requireUpload, storePart } from '../objects/uploads.ts';
import { commitVersion, versionIdOf } from '../objects/versions.ts';
import { onObject } from '../resources/bucket.ts';
import { discardSegments, listSegments } from '../store/segments.ts';
import { deleteUpload, findUpload, insertUpload } from '../store/uploads.ts';
import { findVersion } from '../store/versions.ts';
import { s3 } from './declare.ts';
import { taggingOf } from './objects.ts';

export const createMultipartUpload = s3(
  'createMultipartUpload',
  {
    ...onObject,
    action: 's3:PutObject',
    conditions: (_ctx, input) => encryptionConditions(input),
  },
  async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    const key = checkKey(input.Key);
    refuseUnsupported(input);
    const checksum = announcedChecksum(input);
    const uploadId = newBodyId();
    const { encryption } = await makeDataKey(ctx, bucket, key, uploadId, input);
    const upload: Upload = {
      uploadId,
      bucket: bucket.name,
      key,
      initiatedAt: ctx.clock.now(),
      initiatorArn: ctx.principal.arn,
      attributes: attributesOf(input),
      tags: await taggingOf(ctx, input),
      encryption,
      checksum,
    };
    await commit(ctx, async (tx) => {
      await requireBucket(ctx, input, tx);
      await insertUpload(tx, upload);
    });
    return {
      Bucket: bucket.name,
      Key: key,
      UploadId: uploadId,
      ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
      ...encryptionMembers(encryption),
    };
  },
);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html: which kinds go with which type */
function announcedChecksum(input: CreateMultipartUploadCommandInput): Upload['checksum'] {
  const asked = askedFor({ ChecksumAlgorithm: input.ChecksumAlgorithm });
  if (!asked) return undefined;
  if ('unsupported' in asked) throw checksumNotImplemented(asked.unsupported);
  const { algorithm } = asked;
  const type = input.ChecksumType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const impossible = type === 'COMPOSITE' ? algorithm === 'CRC64NVME' : algorithm.startsWith('SHA');
  if (impossible) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type };
}

const checksumNotImplemented = (algorithm: string) =>
  headerNotImplemented('x-amz-checksum-algorithm', `The checksum algorithm ${algorithm}`);

export const uploadPart = s3(
  'uploadPart',
  { ...onObject, action: 's3:PutObject' },
  async (ctx, input) => {
    const { etag, checksum, encryption } = await storePart(
      ctx,
      input,
      async () => input.Body as Readable,
      input,
    );
    return { ETag: quote(etag), ...checksum, ...encryptionMembers(encryption) };
  },
);

export const abortMultipartUpload = s3('abortMultipartUpload', onObject, async (ctx, input) => {
  await requireBucket(ctx, input);
  await commit(ctx, async (tx) => {
    const { uploadId, initiatedAt } = await requireUpload(ctx, input, tx);
    const { IfMatchInitiatedTime: expected } = input;
    if (expected && wholeSeconds(expected) !== wholeSeconds(initiatedAt))
      throw preconditionFailed('x-amz-if-match-initiated-time');
    await deleteUpload(tx, uploadId);
    await discardSegments(tx, uploadId, ctx.clock.now());
  });
  return {};
});

/** The header's dates have no parts of a second. */
const wholeSeconds = (date: Date) => Math.floor(date.getTime() / 1000);

export const completeMultipartUpload = s3(
  'completeMultipartUpload',
  { ...onObject, action: 's3:PutObject' },
  async (ctx, input) => {
    await requireBucket(ctx, input);
    const { Bucket = '', Key = '', UploadId = '' } = input;
    const upload = await findUpload(ctx.db, Bucket, Key, UploadId);
    if (!upload) return completedBefore(ctx, input);
    const segments = await listSegments(ctx.db, upload.uploadId);
    const parts = chosenParts(upload, segments, input.MultipartUpload?.Parts ?? []);
    const content = await contentOf(upload, parts);
    checkWhole(input, content);
    const conditions = { ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
    const unused = segments.filter((s) => !parts.includes(s)).map((s) => s.partNumber);
    const { bucket, version } = await commit(ctx, async (tx) => {
      await requireUpload(ctx, input, tx);
      // A part may have been replaced since it was looked at.
      chosenParts(
        upload,
        await listSegments(tx, upload.uploadId),
        input.MultipartUpload?.Parts ?? [],
      );
      await discardSegments(tx, upload.uploadId, ctx.clock.now(), unused);
      await deleteUpload(tx, upload.uploadId);
      return commitVersion(ctx, tx, {
        bucket: Bucket,
        key: Key,
        content,
        conditions,
        happening: 'ObjectCreated:CompleteMultipartUpload',
      });
    });
    return completedOutput(ctx, input, content, versionIdOf(bucket, version));
  },
);

/** A client that lost the answer asks again: the object that the upload became is the answer. @throws NoSuchUpload */
async function completedBefore(ctx: ServiceContext, input: CompleteMultipartUploadCommandInput) {
  const bucket = await requireBucket(ctx, input);
  const version = await findVersion(ctx.db, bucket.name, input.Key ?? '');
  if (version?.content?.bodyId !== input.UploadId || !version?.content) {
    await requireUpload(ctx, input);
    throw malformedXml();
  }
  return completedOutput(ctx, input, version.content, versionIdOf(bucket, version));
}

function completedOutput(
  ctx: ServiceContext,
  { Bucket = '', Key = '' }: CompleteMultipartUploadCommandInput,
  content: Content,
  VersionId: string | undefined,
) {
  return {
    Location: `${ctx.endpoint}/${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}`,
    Bucket,
    Key,
    ETag: quote(content.etag),
    VersionId,
    ...membersOf(content.checksum),
    ...encryptionMembers(content.encryption),
  };
}

/** The stored parts that the caller lists. @throws MalformedXML, InvalidPartOrder, InvalidPart, EntityTooSmall, BadDigest */
function chosenParts(upload: Upload, segments: Segment[], listed: CompletedPart[]): Segment[] {
  if (listed.length === 0 || listed.length > MAX_PARTS) throw malformedXml();
  const byNumber = new Map(segments.map((s) => [s.partNumber, s]));
  let previous = 0;
  const parts = listed.map((part) => {
    const { PartNumber = 0, ETag = '' } = part;
    if (PartNumber <= previous) throw invalidPartOrder(upload.uploadId);
    previous = PartNumber;
    const stored = byNumber.get(PartNumber);
    if (!stored || stored.etag !== unquote(ETag))
      throw invalidPart(upload.uploadId, PartNumber, unquote(ETag));
    const given = upload.checksum && part[`Checksum${upload.checksum.algorithm}`];
    if (given && given !== stored.checksum)
      throw invalidPart(upload.uploadId, PartNumber, unquote(ETag));
    return stored;
  });
  for (const part of parts.slice(0, -1)) {
    if (part.size < MIN_PART_BYTES)
      throw entityTooSmall(part.partNumber, part.size, part.etag, MIN_PART_BYTES);
  }
  return parts;
}

async function contentOf(upload: Upload, parts: Segment[]): Promise<Content> {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size > MAX_OBJECT_BYTES) throw entityTooLarge(MAX_OBJECT_BYTES);
  const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')));
  const etag = `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
  const { attributes, tags, encryption, checksum: announced } = upload;
  const checksum =
    announced &&
    (await combine(
      announced.algorithm,
      announced.type,
      parts.map((part) => ({ value: part.checksum, size: part.size })),
    ));
  return {
    bodyId: upload.uploadId,
    size,
    etag,
    attributes,
    tags,
    encryption,
    checksum,
    partsCount: parts.length,
  };
}

/** What the caller says of the whole object must be so. @throws BadDigest, InvalidRequest */
function checkWhole(input: CompleteMultipartUploadCommandInput, content: Content): void {
  const { MpuObjectSize } = input;
  if (MpuObjectSize !== undefined && MpuObjectSize !== content.size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${MpuObjectSize} does not match what was computed: ${content.size}`,
    );
  }
  const given = askedFor({ ...input, ChecksumAlgorithm: undefined });
  if (given && 'unsupported' in given) throw checksumNotImplemented(given.unsupported);
  if (given?.expected === undefined) return;
  if (!sameChecksum(content.checksum, given.algorithm, given.expected))
    throw badDigest(given.algorithm);
}

/** A composite checksum may be given with or without its number of parts. */
function sameChecksum(
  checksum: Checksum | undefined,
  algorithm: string,
  expected: string,
): boolean {
  if (checksum?.algorithm !== algorithm) return false;
  return checksum.value === expected || checksum.value.replace(/-\d+$/, '') === expected;
}
