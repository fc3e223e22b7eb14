import type {
  _Object,
  ListObjectsV2CommandInput,
  ListObjectVersionsCommandInput,
} from '@aws-sdk/client-s3';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidArgument } from '../errors.ts';
import type { Bucket } from '../model/bucket.ts';
import { quote } from '../model/etag.ts';
import { behind, toColumn } from '../model/names.ts';
import type { Version } from '../model/object.ts';
import { canonicalId, requireBucket } from '../objects/buckets.ts';
import {
  type After,
  boundsOf,
  commonPrefixOf,
  type Entry,
  encoder,
  lastName,
  listGrouped,
} from '../objects/listing.ts';
import { pageSize } from '../requests/page-arguments.ts';
import { onBucket } from '../resources/bucket.ts';
import { findVersion, type Place, scanVersions } from '../store/versions.ts';
import { s3 } from './declare.ts';

interface ListInput {
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
  EncodingType?: string | undefined;
}

const listRule = (action: string) => ({
  ...{ ...onBucket, action },
  conditions: (_ctx: ServiceContext, input: ListInput) => ({
    ...(input.Prefix !== undefined && { 's3:prefix': input.Prefix }),
    ...(input.Delimiter !== undefined && { 's3:delimiter': input.Delimiter }),
    ...(input.MaxKeys !== undefined && { 's3:max-keys': String(input.MaxKeys) }),
  }),
});

export const listObjectsV2 = s3('listObjectsV2', listRule('s3:ListBucket'), async (ctx, input) => {
  const bucket = await requireBucket(ctx, input);
  const start =
    input.ContinuationToken === undefined
      ? input.StartAfter && behindKey(input.StartAfter)
      : openToken(ctx, input);
  const { entries, truncated } = await list(ctx, bucket, input, { all: false }, start || undefined);
  const encode = encoder(input.EncodingType);
  const { contents, commonPrefixes } = split(entries, encode);
  return {
    Name: bucket.name,
    Prefix: encode(input.Prefix ?? ''),
    ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
    MaxKeys: pageSize(input.MaxKeys, 'max-keys'),
    EncodingType: input.EncodingType || undefined,
    KeyCount: entries.length,
    IsTruncated: truncated,
    ContinuationToken: input.ContinuationToken,
    ...(truncated &&
      entries.length > 0 && { NextContinuationToken: ctx.sealToken(resumeAt(entries, input)) }),
    ...(input.StartAfter !== undefined && { StartAfter: encode(input.StartAfter) }),
    Contents: contents.map((v) => objectOf(bucket, v, encode, input.FetchOwner === true)),
    CommonPrefixes: commonPrefixes,
  };
});

export const listObjects = s3('listObjects', listRule('s3:ListBucket'), async (ctx, input) => {
  const bucket = await requireBucket(ctx, input);
  const start = input.Marker ? behindMarker(input.Marker, input) : undefined;
  const { entries, truncated } = await list(ctx, bucket, input, { all: false }, start);
  const encode = encoder(input.EncodingType);
  const { contents, commonPrefixes } = split(entries, encode);
  // S3 names the next marker only for lists with a delimiter: else it is the last key.
  const named = truncated && input.Delimiter;
  return {
    Name: bucket.name,
    Prefix: encode(input.Prefix ?? ''),
    Marker: encode(input.Marker ?? ''),
    ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
    MaxKeys: pageSize(input.MaxKeys, 'max-keys'),
    EncodingType: input.EncodingType || undefined,
    IsTruncated: truncated,
    ...(named && { NextMarker: encode(lastName(entries, keyOf)) }),
    Contents: contents.map((v) => objectOf(bucket, v, encode, true)),
    CommonPrefixes: commonPrefixes,
  };
});

export const listObjectVersions = s3(
  'listObjectVersions',
  listRule('s3:ListBucketVersions'),
  async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    const start = await behindVersion(ctx, bucket, input);
    const { entries, truncated } = await list(ctx, bucket, input, { all: true }, start);
    const encode = encoder(input.EncodingType);
    const { contents, commonPrefixes } = split(entries, encode);
    const last = entries.at(-1);
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      KeyMarker: encode(input.KeyMarker ?? ''),
      VersionIdMarker: input.VersionIdMarker ?? '',
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      MaxKeys: pageSize(input.MaxKeys, 'max-keys'),
      EncodingType: input.EncodingType || undefined,
      IsTruncated: truncated,
      ...(truncated && { NextKeyMarker: encode(lastName(entries, keyOf)) }),
      ...(truncated && last && 'item' in last && { NextVersionIdMarker: last.item.versionId }),
      Versions: contents
        .filter((v) => v.content)
        .map((v) => ({
          ...objectOf(bucket, v, encode, true),
          ...versionMembers(v),
          StorageClass: 'STANDARD' as const,
        })),
      DeleteMarkers: contents
        .filter((v) => !v.content)
        .map((v) => ({
          Key: encode(v.key),
          LastModified: v.lastModified,
          Owner: ownerOf(bucket),
          ...versionMembers(v),
        })),
      CommonPrefixes: commonPrefixes,
    };
  },
);

function list(
  ctx: ServiceContext,
  bucket: Bucket,
  input: ListInput,
  { all }: { all: boolean },
  start: After<Version> | { place: Place } | undefined,
) {
  const prefix = input.Prefix ?? '';
  const limit = pageSize(input.MaxKeys, 'max-keys');
  if (limit === 0) return { entries: [], truncated: false };
  const bounds = boundsOf(prefix);
  let first: Place | undefined = start && 'place' in start ? start.place : undefined;
  return listGrouped<Version>(
    {
      prefix,
      delimiter: input.Delimiter || undefined,
      limit,
      keyOf,
      fetch(after, count) {
        const place = first ?? placeOf(after);
        first = undefined;
        return scanVersions(ctx.db, bucket.name, { all, ...bounds, after: place, limit: count });
      },
    },
    start && 'place' in start ? undefined : start,
  );
}

const BEFORE_ALL_VERSIONS = Number.MAX_SAFE_INTEGER;
const BEHIND_ALL_VERSIONS = 0;

function placeOf(after: After<Version> | undefined): Place {
  if (!after) return { keyHex: '', sequence: BEFORE_ALL_VERSIONS };
  if ('from' in after) return { keyHex: after.from, sequence: BEFORE_ALL_VERSIONS };
  return { keyHex: toColumn(after.item.key), sequence: after.item.sequence };
}

/** Behind a key with all its versions. */
function behindKey(key: string): { place: Place } {
  return { place: { keyHex: toColumn(key), sequence: BEHIND_ALL_VERSIONS } };
}

/** Behind a key, or behind everything that was answered as one common prefix. */
function behindMarker(marker: string, input: ListInput): After<Version> | { place: Place } {
  const common = commonPrefixOf(marker, input.Prefix ?? '', input.Delimiter || undefined);
  return common === marker ? { from: behind(marker) } : behindKey(marker);
}

async function behindVersion(
  ctx: ServiceContext,
  bucket: Bucket,
  input: ListObjectVersionsCommandInput,
) {
  const { KeyMarker, VersionIdMarker } = input;
  if (!KeyMarker) {
    if (VersionIdMarker) {
      throw invalidArgument(
        'A version-id marker cannot be specified without a key marker.',
        'version-id-marker',
        VersionIdMarker,
      );
    }
    return undefined;
  }
  if (!VersionIdMarker) return behindMarker(KeyMarker, input);
  const version = await findVersion(ctx.db, bucket.name, KeyMarker, VersionIdMarker);
  if (!version)
    throw invalidArgument('Invalid version id specified', 'version-id-marker', VersionIdMarker);
  return { place: { keyHex: toColumn(KeyMarker), sequence: version.sequence } };
}

/** What a continuation token carries: the key behind which to go on, or the common prefix. */
type Resume = { key: string } | { commonPrefix: string };

function resumeAt(entries: Entry<Version>[], _input: ListInput): Resume {
  const last = entries.at(-1);
  if (last && 'commonPrefix' in last) return { commonPrefix: last.commonPrefix };
  return { key: last?.item.key ?? '' };
}

function openToken(
  ctx: ServiceContext,
  input: ListObjectsV2CommandInput,
): After<Version> | { place: Place } {
  const resume = ctx.openToken(input.ContinuationToken ?? '') as Resume | undefined;
  if (!resume)
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
  return 'key' in resume ? behindKey(resume.key) : { from: behind(resume.commonPrefix) };
}

function split(entries: Entry<Version>[], encode: (text: string) => string) {
  const contents = entries.flatMap((e) => ('item' in e ? [e.item] : []));
  const commonPrefixes = entries.flatMap((e) =>
    'commonPrefix' in e ? [{ Prefix: encode(e.commonPrefix) }] : [],
  );
  return { contents, commonPrefixes };
}

function keyOf(version: Version): string {
  return version.key;
}

function objectOf(
  bucket: Bucket,
  version: Version,
  encode: (text: string) => string,
  owner: boolean,
): _Object {
  const { content } = version;
  return {
    Key: encode(version.key),
    LastModified: version.lastModified,
    ETag: quote(content?.etag ?? ''),
    ...(content?.checksum && {
      ChecksumAlgorithm: [content.checksum.algorithm],
      ChecksumType: content.checksum.type,
    }),
    Size: content?.size ?? 0,
    StorageClass: (content?.attributes.storageClass ?? 'STANDARD') as NonNullable<
      _Object['StorageClass']
    >,
    ...(owner && { Owner: ownerOf(bucket) }),
  };
}

function versionMembers(version: Version) {
  return {
    VersionId: version.versionId,
    IsLatest: version.isLatest,
  };
}

function ownerOf(bucket: Bucket) {
  return { ID: canonicalId(bucket.accountId) };
}
