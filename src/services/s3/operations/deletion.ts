import type {
  DeletedObject,
  DeleteObjectCommandInput,
  DeleteObjectsCommandInput,
  _Error as ObjectError,
  ObjectIdentifier,
} from '@aws-sdk/client-s3';
import { AwsError, unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import { outageOf } from '../../../lib/outage.ts';
import { isStorageFull } from '../../../lib/storage-full.ts';
import { malformedXml, preconditionFailed } from '../errors.ts';
import { MAX_KEYS } from '../limits.ts';
import type { Bucket } from '../model/bucket.ts';
import { checkKey, requireBucket } from '../objects/buckets.ts';
import { commit } from '../objects/commit.ts';
import { checkConditions, type Deleted, deleteVersion } from '../objects/versions.ts';
import { authorizeVersioned } from '../resources/bucket.ts';
import { newestVersion } from '../store/versions.ts';
import { s3 } from './declare.ts';

/** Deletions that share a transaction: few enough not to keep other writers waiting. */
const BATCH = 50;

export const deleteObject = s3('deleteObject', 'self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:DeleteObject', 's3:DeleteObjectVersion');
  await requireBucket(ctx, input);
  const key = checkKey(input.Key);
  const deleted = await commit(ctx, async (tx) => {
    const bucket = await requireBucket(ctx, input, tx);
    await checkDeleteConditions(tx, bucket, key, input);
    return deleteVersion(ctx, tx, bucket, key, input.VersionId);
  });
  return { VersionId: deleted.versionId, ...(deleted.deleteMarker && { DeleteMarker: true }) };
});

async function checkDeleteConditions(
  tx: Tx,
  bucket: Bucket,
  key: string,
  input: DeleteObjectCommandInput,
) {
  const { IfMatch, IfMatchSize, IfMatchLastModifiedTime } = input;
  if (IfMatch === undefined && IfMatchSize === undefined && IfMatchLastModifiedTime === undefined)
    return;
  const newest = await newestVersion(tx, bucket.name, key);
  // Deleting what is not there succeeds, with a condition as without.
  if (!newest?.content) return;
  checkConditions({ ifMatch: IfMatch }, newest, key);
  if (IfMatchSize !== undefined && IfMatchSize !== newest.content.size) {
    throw preconditionFailed('x-amz-if-match-size');
  }
  if (
    IfMatchLastModifiedTime &&
    IfMatchLastModifiedTime.getTime() !== newest.lastModified.getTime()
  ) {
    throw preconditionFailed('x-amz-if-match-last-modified-time');
  }
}

export const deleteObjects = s3('deleteObjects', 'self', async (ctx, input) => {
  const objects = input.Delete?.Objects ?? [];
  if (objects.length === 0 || objects.length > MAX_KEYS) throw malformedXml();
  const Errors: ObjectError[] = [];
  const allowed: ObjectIdentifier[] = [];
  for (const object of objects) {
    const refusal = await refusalOf(ctx, input.Bucket, object);
    if (refusal) Errors.push(refusal);
    else allowed.push(object);
  }
  // Whether there is such a bucket is not for those who may delete nothing in it.
  if (allowed.length > 0) await requireBucket(ctx, input);
  const outcome: Outcome = { done: [], missed: [] };
  for (let at = 0; at < allowed.length; at += BATCH) {
    await deleteBatch(ctx, input, allowed.slice(at, at + BATCH), outcome);
  }
  const { done, missed } = outcome;
  if (missed[0] && done.length === 0) throw missed[0].error;
  // What is done is done: an answer that the server cannot work now would hide it.
  append(
    Errors,
    missed.map(({ object, error }) => unavailable(object, error)),
  );
  return { Deleted: input.Delete?.Quiet ? [] : done, ...(Errors.length > 0 && { Errors }) };
});

interface Outcome {
  done: DeletedObject[];
  /** For reasons of the server's, which pass. */
  missed: { object: ObjectIdentifier; error: unknown }[];
}

/** Deletes objects together; on a full disk versions apart, since what frees room must not fail with what takes some. */
async function deleteBatch(
  ctx: ServiceContext,
  input: DeleteObjectsCommandInput,
  objects: ObjectIdentifier[],
  outcome: Outcome,
): Promise<void> {
  try {
    append(outcome.done, await deleteTogether(ctx, input, objects));
  } catch (error) {
    if (!outageOf(error)) throw error;
    const versions = objects.filter(({ VersionId }) => VersionId !== undefined);
    const apart = isStorageFull(error) && versions.length < objects.length ? versions : [];
    const missed = objects.filter((object) => !apart.includes(object));
    append(
      outcome.missed,
      missed.map((object) => ({ object, error })),
    );
    if (apart.length > 0) await deleteBatch(ctx, input, apart, outcome);
  }
}

function unavailable({ Key, VersionId }: ObjectIdentifier, error: unknown): ObjectError {
  const Message = `The server cannot work now: ${outageOf(error)?.reason}.`;
  return {
    Key,
    ...(VersionId !== undefined && { VersionId }),
    Code: 'ServiceUnavailable',
    Message,
  };
}

async function deleteTogether(
  ctx: ServiceContext,
  input: DeleteObjectsCommandInput,
  objects: ObjectIdentifier[],
): Promise<DeletedObject[]> {
  return commit(ctx, async (tx) => {
    const bucket = await requireBucket(ctx, input, tx);
    const done: DeletedObject[] = [];
    for (const { Key = '', VersionId } of objects) {
      done.push(describe(Key, VersionId, await deleteVersion(ctx, tx, bucket, Key, VersionId)));
    }
    return done;
  });
}

function describe(Key: string, asked: string | undefined, deleted: Deleted): DeletedObject {
  return {
    Key,
    ...(asked !== undefined && { VersionId: asked }),
    ...(deleted.deleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: deleted.versionId }),
  };
}

/** Why one object of a DeleteObjects call may not be deleted: told with its key, the others are deleted. */
async function refusalOf(
  ctx: ServiceContext,
  Bucket: string | undefined,
  { Key, VersionId, ETag, Size, LastModifiedTime }: ObjectIdentifier,
): Promise<ObjectError | undefined> {
  const named = { Key, ...(VersionId !== undefined && { VersionId }) };
  if (ETag !== undefined || Size !== undefined || LastModifiedTime !== undefined) {
    return {
      ...named,
      Code: 'NotImplemented',
      Message: unsupported('conditions in DeleteObjects').message,
    };
  }
  try {
    await authorizeVersioned(
      ctx,
      { Bucket, Key, VersionId },
      's3:DeleteObject',
      's3:DeleteObjectVersion',
    );
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return { ...named, Code: error.code, Message: error.message };
    throw error;
  }
}
