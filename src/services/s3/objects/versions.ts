import { randomBytes } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  invalidArgument,
  methodNotAllowed,
  noSuchKey,
  noSuchVersion,
  preconditionFailed,
} from '../errors.ts';
import { tell } from '../events.ts';
import type { Bucket } from '../model/bucket.ts';
import { type WriteConditions, writeFailure } from '../model/conditions.ts';
import type { Happening } from '../model/notification.ts';
import type { Content, Version } from '../model/object.ts';
import { nextSequence } from '../notifications/sequence.ts';
import { authorizeIn } from '../resources/bucket.ts';
import { discardSegments } from '../store/segments.ts';
import { findVersion, insertVersion, newestVersion, removeVersion } from '../store/versions.ts';
import { requireBucket } from './buckets.ts';

/** A version that has content. */
export type StoredVersion = Version & { content: Content };

/**
 * The object or version that a reader asks for. Who may not list a bucket does not learn what it lacks.
 * @throws NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker, AccessDenied
 */
export async function requireVersion(
  ctx: ServiceContext,
  bucket: Bucket,
  key: string,
  versionId?: string,
): Promise<StoredVersion> {
  const version = await findVersion(ctx.db, bucket.name, key, versionId);
  if (version?.content) return { ...version, content: version.content };
  if (version && versionId !== undefined) throw methodNotAllowed('DeleteMarker');
  await authorizeIn(ctx, 's3:ListBucket', { bucket: bucket.name });
  if (versionId === undefined) throw noSuchKey(key);
  if (versionId !== 'null' && !/^[A-Za-z0-9_.]{32}$/.test(versionId)) {
    throw invalidArgument('Invalid version id specified', 'versionId', versionId);
  }
  throw noSuchVersion(key, versionId);
}

/** The `VersionId` of answers: buckets that were never versioned have none. */
export function versionIdOf(bucket: Bucket, version: Version): string | undefined {
  return bucket.versioning === 'none' ? undefined : version.versionId;
}

/** Makes `content` the current version of a key, in the transaction. @throws PreconditionFailed, NoSuchKey, NoSuchBucket */
export async function commitVersion(
  ctx: ServiceContext,
  tx: Tx,
  given: {
    bucket: string;
    key: string;
    content: Content;
    conditions: WriteConditions;
    happening: Happening;
  },
): Promise<{ bucket: Bucket; version: Version }> {
  const bucket = await requireBucket(ctx, { Bucket: given.bucket }, tx);
  const newest = await newestVersion(tx, bucket.name, given.key);
  checkConditions(given.conditions, newest, given.key);
  const version = await appendVersion(ctx, tx, bucket, given.key, given.content, newest);
  const { happening } = given;
  await tell(ctx, tx, { happening, bucket, version, sequence: version.sequence });
  return { bucket, version };
}

/** @throws PreconditionFailed, NoSuchKey. @param newest of the key's versions */
export function checkConditions(
  conditions: WriteConditions,
  newest: Version | undefined,
  key: string,
): void {
  const { ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw invalidArgument(
      'If-None-Match supports only * on a write.',
      'If-None-Match',
      ifNoneMatch,
    );
  }
  const failure = writeFailure(conditions, newest?.content?.etag);
  if (failure === 'missing') throw noSuchKey(key);
  if (failure) throw preconditionFailed(failure);
}

export interface Deleted {
  versionId: string | undefined;
  /** A delete marker was made, or was what has been deleted. */
  deleteMarker: boolean;
}

/** Deletes a key (which a delete marker hides where the bucket is versioned) or, for good, one version of it. */
export async function deleteVersion(
  ctx: ServiceContext,
  tx: Tx,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): Promise<Deleted> {
  if (versionId !== undefined) {
    const version = await findVersion(tx, bucket.name, key, versionId);
    if (version) await removeForGood(ctx, tx, bucket, version);
    return { versionId, deleteMarker: version !== undefined && !version.content };
  }
  const newest = await newestVersion(tx, bucket.name, key);
  if (bucket.versioning === 'none') {
    if (newest) await removeForGood(ctx, tx, bucket, newest);
    return { versionId: undefined, deleteMarker: false };
  }
  // It hides what is there and frees nothing.
  ctx.disk.requireRoom();
  const marker = await appendVersion(ctx, tx, bucket, key, undefined, newest);
  const happening = 'ObjectRemoved:DeleteMarkerCreated';
  await tell(ctx, tx, { happening, bucket, version: marker, sequence: marker.sequence });
  return { versionId: marker.versionId, deleteMarker: true };
}

async function removeForGood(
  ctx: ServiceContext,
  tx: Tx,
  bucket: Bucket,
  version: Version,
): Promise<void> {
  await removeVersion(tx, version);
  if (version.content) await discardSegments(tx, version.content.bodyId, ctx.clock.now());
  const sequence = Math.max(nextSequence(ctx.clock.now()), version.sequence + 1);
  await tell(ctx, tx, { happening: 'ObjectRemoved:Delete', bucket, version, sequence });
}

/** Adds the newest version of a key; where the bucket is not versioned it takes the place of the one called null. */
async function appendVersion(
  ctx: ServiceContext,
  tx: Tx,
  bucket: Bucket,
  key: string,
  content: Content | undefined,
  newest: Version | undefined,
): Promise<Version> {
  const now = ctx.clock.now().getTime();
  const versioned = bucket.versioning === 'Enabled';
  if (!versioned) {
    const old =
      newest?.versionId === 'null'
        ? newest
        : newest && (await findVersion(tx, bucket.name, key, 'null'));
    if (old) await removeVersion(tx, { ...old, isLatest: false });
    if (old?.content) await discardSegments(tx, old.content.bodyId, ctx.clock.now());
  }
  const version: Version = {
    bucket: bucket.name,
    key,
    versionId: versioned ? newVersionId() : 'null',
    // Grows also over the deletion of all versions: consumers of events order by it.
    sequence: Math.max(nextSequence(ctx.clock.now()), (newest?.sequence ?? 0) + 1),
    isLatest: true,
    // S3 keeps whole seconds, as its Last-Modified header has no more.
    lastModified: new Date(Math.floor(now / 1000) * 1000),
    content,
  };
  await insertVersion(tx, version);
  return version;
}

function newVersionId(): string {
  // Without `-`, which at the beginning of a command's argument looks like an option.
  return randomBytes(24).toString('base64url').replaceAll('-', '.');
}
