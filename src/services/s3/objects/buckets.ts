import { createHash } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { accessDenied, keyTooLong } from '../errors.ts';
import { MAX_KEY_BYTES } from '../limits.ts';
import type { Bucket } from '../model/bucket.ts';
import { bucket as kind } from '../resources/bucket.ts';
import { updateBucket } from '../store/buckets.ts';
import { commit } from './commit.ts';

/** What every operation on a bucket says of it. */
export interface BucketInput {
  Bucket?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

/**
 * The bucket that a call names. Without a policy it is its owner account's alone; what its policy lets others do was
 * asked before.
 * @throws NoSuchBucket, InvalidBucketName, AccessDenied
 */
export async function requireBucket(
  ctx: ServiceContext,
  input: BucketInput,
  tx: Tx = ctx.db,
): Promise<Bucket> {
  const bucket = await need(tx, kind, kind.locate(ctx, input));
  if (bucket.accountId !== ctx.accountId && bucket.settings.policy === undefined)
    throw accessDenied();
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== bucket.accountId) {
    throw accessDenied();
  }
  return bucket;
}

/** Changes a bucket from what it is at that moment. */
export async function changeBucket(
  ctx: ServiceContext,
  input: BucketInput,
  next: (bucket: Bucket) => Bucket,
): Promise<void> {
  await commit(ctx, async (tx) => updateBucket(tx, next(await requireBucket(ctx, input, tx))));
}

/** @throws KeyTooLongError */
export function checkKey(key = ''): string {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) throw keyTooLong(bytes);
  return key;
}

/** The canonical user id of an account: S3's own name for an owner, 64 hex digits. */
export function canonicalId(accountId: string): string {
  return createHash('sha256').update(`canonical-user:${accountId}`).digest('hex');
}
